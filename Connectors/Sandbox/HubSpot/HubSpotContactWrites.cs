using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>How a contact is written.</summary>
internal enum HubSpotWrite
{
    Upsert,
    Update,
    Create,
}

/// <summary>batch/upsert, batch/update and batch/create, and what single writes share with them.</summary>
internal sealed class HubSpotContactWrites(HubSpotContactStore contacts, HubSpotSchema schema, SandboxKnobs knobs, TimeProvider time, Func<bool> addsUnknownProperties)
{
    public const int MaxInputs = 100;

    private readonly ConcurrentBag<HubSpotInputs> _readers = [];
    private readonly HubSpotWriteAnswer _answer = new(knobs.Seed, time);

    public void Upsert(SandboxCall call) => Serve(call, call.Body, HubSpotWrite.Upsert, one: false, out _);

    public void Update(SandboxCall call) => Serve(call, call.Body, HubSpotWrite.Update, one: false, out _);

    /// <summary>Creates contacts from a body whose inputs were given ids, which here only tell them apart.</summary>
    public void Create(SandboxCall call, ReadOnlyMemory<byte> body)
    {
        Serve(call, body, HubSpotWrite.Create, one: false, out _);
        call.Status = call.Status == 200 ? 201 : call.Status;
    }

    /// <summary>Writes the only input of a body; answers when it is refused.</summary>
    /// <returns>False when it is refused.</returns>
    public bool TryWriteOne(SandboxCall call, ReadOnlyMemory<byte> body, HubSpotWrite write, out int contact)
    {
        Serve(call, body, write, one: true, out contact);
        return contact >= 0;
    }

    private void Serve(SandboxCall call, ReadOnlyMemory<byte> body, HubSpotWrite write, bool one, out int contact)
    {
        contact = -1;
        if (!_readers.TryTake(out var inputs))
        {
            inputs = new HubSpotInputs(schema, addsUnknownProperties);
        }

        try
        {
            inputs.Read(body);
            call.Records = inputs.Count;
            if (Admits(call, inputs, write))
            {
                Serve(call, inputs, write, one, out contact);
            }
        }
        catch (JsonException e)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"Invalid input JSON: {e.Message}");
        }

        _readers.Add(inputs);
    }

    /// <summary>What refuses a batch whole, trace ids or not.</summary>
    private static bool Admits(SandboxCall call, HubSpotInputs inputs, HubSpotWrite write)
    {
        if (inputs.Count is 0 or > MaxInputs)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"The number of inputs must be between 1 and {MaxInputs}, was {inputs.Count}");
            return false;
        }

        for (var i = 0; i < inputs.Count; i++)
        {
            var property = inputs[i].IdProperty;
            if (write == HubSpotWrite.Upsert ? property is null || !HubSpotContactStore.IsKey(property) : property is not null && !HubSpotContactStore.IsKey(property))
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"Unable to perform update/upsert by non-unique 0-1 property {property?.Name}");
                return false;
            }
        }

        if (inputs.DuplicateId() is { } id)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"Duplicate IDs found in batch input: [{id}]. IDs must be unique", ("ids", [id]));
            return false;
        }

        return true;
    }

    private void Serve(SandboxCall call, HubSpotInputs inputs, HubSpotWrite write, bool one, out int contact)
    {
        contact = -1;
        var traced = inputs.AreTraced && call.Fault?.Variant != HubSpotSandbox.WithoutTraceIds;
        var written = new HubSpotWritten[inputs.Count];
        var problems = new HubSpotProblem?[inputs.Count];
        var now = time.GetUtcNow().UtcDateTime;
        var refusal = call.Draw.Reject is null ? null : new HubSpotProblem("VALIDATION_ERROR", "refused") { Code = "INVALID_OPTION", Property = "lifecyclestage" };
        for (var i = 0; refusal is not null && i < inputs.Count; i++)
        {
            var key = JsonSerializer.Deserialize<string>(inputs[i].Id.Span)!;
            problems[i] = call.Rejects(key) ? refusal with { Message = $"{key} was not one of the allowed options: [lead]" } : null;
        }

        lock (contacts.Gate)
        {
            if (!traced && DryRun(inputs, problems, write))
            {
                HubSpotAnswers.Refuse(call, [.. problems.OfType<HubSpotProblem>()]);
                return;
            }

            for (var i = 0; i < inputs.Count; i++)
            {
                problems[i] ??= Check(inputs, inputs[i], write, out written[i].Contact);
                if (problems[i] is null)
                {
                    Apply(inputs, inputs[i], ref written[i], now);
                }
            }
        }

        contact = one && problems[0] is null ? written[0].Contact : -1;
        if (!one)
        {
            _answer.Write(call, inputs, written, problems, now, traced, tellsNew: write == HubSpotWrite.Upsert);
        }
    }

    /// <summary>Checks the batch as it would be written one by one, writing nothing.</summary>
    /// <returns>Whether a record is refused.</returns>
    private bool DryRun(HubSpotInputs inputs, HubSpotProblem?[] problems, HubSpotWrite write)
    {
        var taken = new HashSet<(ushort, string)>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var input = inputs[i];
            problems[i] ??= Check(inputs, input, write, out _);
            for (var c = 0; c < input.ChangeCount; c++)
            {
                var property = inputs.PropertyOf(input, c);
                var json = inputs.Changes(input)[c].Json;
                if (!json.IsEmpty && HubSpotContactStore.IsKey(property) && !taken.Add((property.Id, JsonSerializer.Deserialize<string>(json.Span)!)))
                {
                    problems[i] ??= new HubSpotProblem("CONFLICT", "Contact already exists");
                }
            }
        }

        return Array.Exists(problems, static problem => problem is not null);
    }

    private HubSpotProblem? Check(HubSpotInputs inputs, HubSpotInput input, HubSpotWrite write, out int contact)
    {
        contact = -1;
        if (input.Problem is not null)
        {
            return input.Problem;
        }

        if (write == HubSpotWrite.Create)
        {
            return CheckChanges(inputs, input, -1);
        }

        if (input.IdProperty is { } property)
        {
            contact = contacts.Find(property, input.Id.Span);
        }
        else if (!long.TryParse(input.Id.Span[1..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !contacts.TryGetById(id, out contact))
        {
            contact = -1;
        }

        if (contact < 0 && write == HubSpotWrite.Update)
        {
            return new HubSpotProblem("OBJECT_NOT_FOUND", "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.");
        }

        return CheckChanges(inputs, input, contact);
    }

    private HubSpotProblem? CheckChanges(HubSpotInputs inputs, HubSpotInput input, int contact)
    {
        var named = contact >= 0 || input.IdProperty?.IsEmail == true;
        var changes = inputs.Changes(input);
        for (var c = 0; c < changes.Length; c++)
        {
            var changed = inputs.PropertyOf(input, c);
            named |= !changes[c].Json.IsEmpty && changed.Name is "email" or "firstname" or "lastname";
            if (changes[c].Json.IsEmpty || !HubSpotContactStore.IsKey(changed))
            {
                continue;
            }

            var other = contacts.Find(changed, changes[c].Json.Span);
            if (other >= 0 && other != contact)
            {
                var existing = HubSpotContactStore.IdOf(other);
                return new HubSpotProblem("CONFLICT", $"Contact already exists. Existing ID: {existing}") { ExistingId = existing };
            }
        }

        return named
            ? contact < 0 ? input.IdProperty?.Refuses(JsonDocumentText(input.Id.Span)) : null
            : new HubSpotProblem("VALIDATION_ERROR", "A contact needs one of email, firstname and lastname") { Code = "MISSING_REQUIRED_PROPERTY", Property = "email" };
    }

    private void Apply(HubSpotInputs inputs, HubSpotInput input, ref HubSpotWritten written, DateTime now)
    {
        if (written.Contact < 0)
        {
            written.Contact = contacts.Create(now);
            written.IsNew = true;
            if (input.IdProperty is not null && !inputs.HasOwnKey(input))
            {
                contacts.Set(written.Contact, [new FieldChange(input.IdProperty.Id, input.Id)], now);
            }
        }

        written.Kept = Settled(inputs, input, written.Contact);
        contacts.Set(written.Contact, written.Kept ?? inputs.Changes(input), now);
        written.Created = contacts.Created(written.Contact);
    }

    /// <summary>The changes of an input, with what is added to a former value or must not go back; null when they are kept as sent.</summary>
    private FieldChange[]? Settled(HubSpotInputs inputs, HubSpotInput input, int contact)
    {
        var changes = inputs.Changes(input);
        FieldChange[]? settled = null;
        for (var c = 0; c < changes.Length; c++)
        {
            var property = inputs.PropertyOf(input, c);
            if (property.DependsOnFormer)
            {
                settled ??= changes.ToArray();
                var former = PackedFields.TryGet(contacts.Fields(contact), property.Id, out var json) ? json.ToArray() : null;
                settled[c] = new FieldChange(property.Id, property.Over(former, changes[c].Json));
            }
        }

        return settled;
    }

    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static byte[] JsonDocumentText(ReadOnlySpan<byte> json) => System.Text.Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(json)!);
}
