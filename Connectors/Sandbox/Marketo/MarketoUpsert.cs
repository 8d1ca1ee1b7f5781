using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// <c>POST leads.json</c>. Looks every record up first and writes afterwards, as the vendor does: calls with one key that overlap both
/// find nobody and both create.
/// </summary>
internal sealed class MarketoUpsert(MarketoLeads leads, MarketoFields fields, TimeProvider time)
{
    private const int MaxRecords = 300;

    /// <summary>Time between looking up and writing; zero leaves the chance to the machine.</summary>
    public TimeSpan Pause { get; set; }

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
                LookUp(request, record);
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
                Write(request, record);
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

            if (request.Partition is not (null or "Default"))
            {
                return "1008";
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

    private void LookUp(UpsertRequest request, UpsertRecord record)
    {
        if (record.Refusal is not null)
        {
            return;
        }

        if (request.Lookup.Name == "id")
        {
            record.Matches = leads.Exists(record.Id) ? 1 : 0;
            record.Lead = (int)record.Id;
            return;
        }

        Span<int> found = stackalloc int[1];
        record.Matches = leads.Find(request.Lookup, record.Key.Span, found);
        record.Lead = found[0];
    }

    private void Write(UpsertRequest request, UpsertRecord record)
    {
        record.Refusal ??= (request.Action, record.Matches) switch
        {
            ("createDuplicate", _) => null,
            ("createOnly", > 0) => "1005",
            (_, > 1) => "1007",
            ("updateOnly", 0) => "1004",
            (_, 1) when !leads.Exists(record.Lead) => "1004",
            _ => null,
        };
        if (record.Refusal is not null)
        {
            return;
        }

        if (record.Matches == 0 || request.Action == "createDuplicate")
        {
            record.Lead = leads.Create(request.Changes(record));
            record.IsNew = true;
        }
        else
        {
            leads.Update(record.Lead, request.Changes(record));
        }
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
