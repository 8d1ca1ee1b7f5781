using System.Buffers;
using System.Globalization;
using System.Text;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// Imports of leads: two run and ten wait, in the order of their arrival; each takes as long as <see cref="SandboxKnobs.ApplyDelay"/>
/// says. Work that is due is done when somebody looks. The lead store's gate guards them.
/// </summary>
internal sealed class MarketoImports(MarketoLeads leads, MarketoFields fields, MarketoLists lists, MarketoUpsert upsert, SandboxKnobs knobs, TimeProvider time)
{
    private const int MaxBytes = 10_000_000;
    private const int Running = 2;
    private const int Queued = 10;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly List<ImportedFile> _jobs = [];
    private int _lastId = 3403;

    public bool IsSettled => _jobs.TrueForAll(job => job.IsOver);

    public void Clear()
    {
        lock (leads.Gate)
        {
            _jobs.Clear();
            _lastId = 3403;
        }
    }

    /// <summary>Forgets every job, as the vendor does after seven days.</summary>
    public void Forget()
    {
        lock (leads.Gate)
        {
            _jobs.Clear();
        }
    }

    /// <summary>Runs what is due by now.</summary>
    public void Advance()
    {
        lock (leads.Gate)
        {
            var now = time.GetUtcNow();
            _jobs.RemoveAll(job => job.IsOver && job.StartedAt + Kept < now);
            foreach (var job in _jobs.Where(job => !job.IsOver).ToArray())
            {
                if (job.StartedAt is null && _jobs.Count(other => other.StartedAt is not null && !other.IsOver) < Running)
                {
                    job.StartedAt = now;
                }

                if (job.StartedAt + knobs.ApplyDelay <= now && !job.IsOver)
                {
                    Run(job);
                }
            }
        }
    }

    public void Start(SandboxCall call)
    {
        var parameters = MarketoQueries.Parameters(call);
        var list = parameters.TryGetValue("listId", out var text) ? int.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : -1 : 0;
        var lookup = parameters.GetValueOrDefault("lookupField").ToString() is { Length: > 0 } field ? field : "email";
        if (call.Body.Length > MaxBytes)
        {
            MarketoAnswers.FailAtGateway(call, 413);
            return;
        }

        if (CsvFile.Find(call) is not { } file)
        {
            MarketoAnswers.Fail(call, "613");
            return;
        }

        lock (leads.Gate)
        {
            Advance();
            var table = CsvFile.Read(file);
            var refusal = parameters.GetValueOrDefault("format") != "csv" ? "1003"
                : fields.Find(lookup) is not { IsSearchable: true } || table.Count == 0 || !table[0].Contains(lookup) ? "1011"
                : table[0].Any(name => fields.Find(name) is null) ? "1006"
                : list != 0 && !lists.Exists(list) ? "1013"
                : list != 0 && Uses(list) ? "1019"
                : _jobs.Count(job => !job.IsOver) >= Queued ? "1016"
                : parameters.TryGetValue("partitionName", out var partition) && !upsert.Knows(partition!) ? "1008"
                : null;
            if (refusal is not null)
            {
                MarketoAnswers.Fail(call, refusal);
                return;
            }

            call.Records = table.Count - 1;
            var job = new ImportedFile(++_lastId, lookup, list, parameters.GetValueOrDefault("partitionName"), table);
            if (call.Draw.Reject is not null)
            {
                job.Refused = [.. job.Rows.Where(row => call.Rejects(job.KeyOf(row)))];
            }

            _jobs.Add(job);
            Advance();
            Write(call, job);
        }
    }

    public void Status(SandboxCall call)
    {
        lock (leads.Gate)
        {
            Advance();
            if (Find(call) is { } job)
            {
                Write(call, job);
            }
            else
            {
                MarketoAnswers.Fail(call, "1013");
            }
        }
    }

    public void Failures(SandboxCall call) => GiveFile(call, job => job.Failures, "Import Failure Reason");

    public void Warnings(SandboxCall call) => GiveFile(call, job => job.Warnings, "Import Warning Reason");

    private void GiveFile(SandboxCall call, Func<ImportedFile, List<(string[] Row, string Reason)>> rows, string column)
    {
        lock (leads.Gate)
        {
            Advance();
            if (Find(call) is not { IsOver: true } job)
            {
                call.Status = 404;
                call.WriteRaw("text/plain").Write("Not found"u8);
                return;
            }

            var output = call.WriteRaw("text/csv");
            output.Write(CsvFile.Line(job.Header.Append(column)));
            foreach (var (row, reason) in rows(job))
            {
                output.Write(CsvFile.Line(row.Append(reason)));
            }
        }
    }

    private void Run(ImportedFile job)
    {
        job.IsOver = true;
        foreach (var row in job.Rows)
        {
            var (lead, hasDropped) = (0, false);
            var code = row.Length != job.Header.Length || job.Refused.Contains(row)
                ? "1003"
                : upsert.Import(job.Lookup, job.Partition, job.Header, row, out lead, out hasDropped);
            if (code is not null)
            {
                job.Failures.Add((row, $"Row refused: {MarketoAnswers.MessageOf(code)} ({job.KeyOf(row)})"));
                continue;
            }

            job.Processed++;
            lists.Add(job.List, lead);
            if (hasDropped)
            {
                job.Warnings.Add((row, $"A value of {job.KeyOf(row)} has the wrong type"));
            }
        }
    }

    public bool Uses(int list) => _jobs.Exists(job => job.List == list && !job.IsOver);

    private ImportedFile? Find(SandboxCall call) =>
        int.TryParse(call.Http.Request.RouteValues["batchId"] as string, CultureInfo.InvariantCulture, out var id) ? _jobs.Find(job => job.Id == id) : null;

    private static void Write(SandboxCall call, ImportedFile job)
    {
        var json = MarketoAnswers.Begin(call);
        json.WriteStartObject();
        json.WriteNumber("batchId"u8, job.Id);
        json.WriteString("importId"u8, job.Id.ToString(CultureInfo.InvariantCulture));
        json.WriteString("status"u8, job.IsOver ? "Complete" : job.StartedAt is null ? "Queued" : "Importing");
        if (job.IsOver)
        {
            json.WriteNumber("numOfLeadsProcessed"u8, job.Processed);
            json.WriteNumber("numOfRowsFailed"u8, job.Failures.Count);
            json.WriteNumber("numOfRowsWithWarning"u8, job.Warnings.Count);
            json.WriteString("message"u8, job.Failures.Count == 0
                ? "Import succeeded"
                : $"Import completed with errors, {job.Processed} records imported, {job.Failures.Count} failed");
        }

        json.WriteEndObject();
        MarketoAnswers.End(json);
    }

    private sealed class ImportedFile(int id, string lookup, int list, string? partition, List<string[]> table)
    {
        public int Id => id;

        public string Lookup => lookup;

        public int List => list;

        public string? Partition => partition;

        public string[] Header { get; } = table[0];

        public IEnumerable<string[]> Rows => table.Skip(1);

        public HashSet<string[]> Refused { get; set; } = [];

        public DateTimeOffset? StartedAt { get; set; }

        public bool IsOver { get; set; }

        public int Processed { get; set; }

        public List<(string[] Row, string Reason)> Failures { get; } = [];

        public List<(string[] Row, string Reason)> Warnings { get; } = [];

        public string KeyOf(string[] row) => row.ElementAtOrDefault(Array.IndexOf(Header, lookup)) ?? "";
    }
}
