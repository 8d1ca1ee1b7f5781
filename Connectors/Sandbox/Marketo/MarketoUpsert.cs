using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// <c>POST leads.json</c>. Looks every record up first and writes afterwards, as the vendor does: calls with one key that overlap both
/// find nobody and both create.
/// </summary>
internal sealed class MarketoUpsert(MarketoLeads leads, MarketoFields fields, MarketoConsents consents, MarketoPartitions partitions, TimeProvider time)
{
    private const int MaxRecords = 300;

    /// <summary>Time between looking up and writing; zero leaves the chance to the machine.</summary>
    public TimeSpan Pause { get; set; }

    /// <summary>Whether the instance wants the partition of new leads to be named.</summary>
    public bool NeedsPartition { get; set; }

    /// <summary>Whether the API user may use a partition.</summary>
    public bool Knows(string partition) => partitions.Allows(partition);

    /// <summary>Takes a row of an import: by a lead id it only updates, else it creates too. An empty cell clears its field.</summary>
    /// <param name="lookup">The column by which leads are found.</param>
    /// <param name="partition">For new leads, or null.</param>
    /// <param name="header">Names of the columns.</param>
    /// <param name="row">The cells.</param>
    /// <param name="lead">The lead's id.</param>
    /// <param name="hasDropped">True when a value was left out because its type is wrong.</param>
    /// <returns>Why the row is refused, or null.</returns>
    public string? Import(string lookup, string? partition, string[] header, string[] row, out int lead, out bool hasDropped)
    {
        (lead, hasDropped) = (0, false);
        var changes = new List<FieldChange>();
        var record = new UpsertRecord();
        var by = fields.Find(lookup)!;
        foreach (var (name, cell) in header.Zip(row))
        {
            var field = fields.Find(name)!;
            var refusal = MarketoFields.Read(cell, field, out var stored);
            if (refusal == "1001")
            {
                hasDropped = true;
                continue;
            }

            if (refusal is not null)
            {
                return refusal;
            }

            if (field == by && !stored.IsEmpty)
            {
                record.Key = stored.Span[0] == (byte)'"' ? stored[1..^1] : stored;
                record.Id = long.TryParse(cell, out var id) ? id : 0;
            }

            if (field.IsUpdateable)
            {
                changes.Add(new(field.Number, stored));
            }
        }

        if (record.Key.IsEmpty)
        {
            return "1003";
        }

        LookUp(by, record);
        var code = Write(lookup == "id" ? "updateOnly" : "createOrUpdate", partition, record, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(changes));
        lead = record.Lead;
        return code;
    }

    public async ValueTask ServeAsync(SandboxCall call)
    {
        var request = new UpsertRequest();
        if (Refusal(call, request) is { } code)
        {
            MarketoAnswers.Fail(call, code);
            return;
        }

        lock (leads.Gate)
        {
            foreach (var record in request.Records)
            {
                if (record.Refusal is null)
                {
                    LookUp(request.Lookup, record);
                }
            }
        }

        if (Pause > TimeSpan.Zero)
        {
            await Task.Delay(Pause, time, call.Http.RequestAborted);
        }

        lock (leads.Gate)
        {
            foreach (var record in request.Records)
            {
                record.Refusal ??= Write(request.Action, request.Partition, record, request.Changes(record));
            }
        }

        Answer(call, request);
    }

    private string? Refusal(SandboxCall call, UpsertRequest request)
    {
        try
        {
            if (request.ReadHead(call.Body) is { } code)
            {
                return code;
            }

            if (fields.Find(request.LookupField) is not { IsSearchable: true } lookup || (lookup.Name == "id" && request.Action != "updateOnly"))
            {
                return "1011";
            }

            if (request.Action is not ("createOrUpdate" or "createOnly" or "updateOnly" or "createDuplicate"))
            {
                return "1003";
            }

            if (request.Partition is { } partition && !partitions.Allows(partition))
            {
                return "1008";
            }

            if (NeedsPartition && request.Partition is null && request.Action != "updateOnly")
            {
                return "1009";
            }

            request.ReadRecords(call.Body, fields, lookup);
        }
        catch (JsonException)
        {
            return "609";
        }

        call.Records = request.Records.Count;
        if (request.Records.Count is 0 or > MaxRecords)
        {
            return request.Records.Count == 0 ? "1002" : "1003";
        }

        return Reject(call, request) && call.Fault?.Variant == MarketoFaults.WholeCall ? "1003" : null;
    }

    private static bool Reject(SandboxCall call, UpsertRequest request)
    {
        if (call.Draw.Reject is null)
        {
            return false;
        }

        var any = false;
        foreach (var record in request.Records.Where(record => call.Rejects(JsonSerializer.Deserialize<string>([(byte)'"', .. record.Key.Span, (byte)'"'])!)))
        {
            record.Refusal ??= "1003";
            any = true;
        }

        return any;
    }

    private void LookUp(MarketoField lookup, UpsertRecord record)
    {
        if (lookup.Name == "id")
        {
            record.Matches = leads.Exists(record.Id) ? 1 : 0;
            record.Lead = (int)record.Id;
            return;
        }

        Span<int> found = stackalloc int[1];
        record.Matches = leads.Find(lookup, record.Key.Span, found);
        record.Lead = found[0];
    }

    private string? Write(string action, string? partition, UpsertRecord record, ReadOnlySpan<FieldChange> changes)
    {
        var refusal = (action, record.Matches) switch
        {
            ("createDuplicate", _) => null,
            ("createOnly", > 0) => "1005",
            (_, > 1) => "1007",
            ("updateOnly", 0) => "1004",
            (_, 1) when !leads.Exists(record.Lead) => "1004",
            (_, 1) when partition is not null && partitions.Of(record.Lead) != partition => "1010",
            _ => null,
        };
        if (refusal is not null)
        {
            return refusal;
        }

        if (record.Matches == 0 || action == "createDuplicate")
        {
            record.Lead = consents.Create(changes);
            record.IsNew = true;
            partitions.Put(record.Lead, partition ?? MarketoPartitions.Default);
        }
        else
        {
            consents.Update(record.Lead, changes);
        }

        return null;
    }

    private static void Answer(SandboxCall call, UpsertRequest request)
    {
        var json = MarketoAnswers.Begin(call);
        var told = request.Records.Count - (call.Fault?.Variant == MarketoFaults.ShortAnswer ? 1 : 0);
        foreach (var record in request.Records.Take(told))
        {
            if (record.Refusal is { } code)
            {
                MarketoAnswers.WriteSkipped(json, code);
            }
            else
            {
                MarketoAnswers.WriteRow(json, record.Lead, record.IsNew ? "created"u8 : "updated"u8);
            }
        }

        MarketoAnswers.End(json);
    }
}

/// <summary>A record of an upsert, from its reading to its answer.</summary>
internal sealed class UpsertRecord
{
    public int FirstChange { get; set; }

    public int Changes { get; set; }

    /// <summary>Stored form of the lookup value.</summary>
    public ReadOnlyMemory<byte> Key { get; set; }

    public long Id { get; set; }

    /// <summary>Why it is skipped, or null.</summary>
    public string? Refusal { get; set; }

    public int Matches { get; set; }

    public int Lead { get; set; }

    public bool IsNew { get; set; }
}
