using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// Extracts of leads to files: created, queued, two at a time, 500 MB a day. A job takes as long as <see cref="SandboxKnobs.ApplyDelay"/>
/// says; what is due is done when somebody looks. The lead store's gate guards them.
/// </summary>
internal sealed class MarketoExtracts(MarketoLeads leads, MarketoFields fields, MarketoLists lists, SandboxKnobs knobs, TimeProvider time)
{
    private const int Running = 2;
    private const int Queued = 10;
    private const long MaxBytesPerDay = 500_000_000;
    private static readonly TimeSpan MaxSpan = TimeSpan.FromDays(31);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly Dictionary<string, Extract> _jobs = [];
    private DateOnly _today;
    private long _bytesToday;

    public void Clear()
    {
        _jobs.Clear();
        _bytesToday = 0;
    }

    /// <summary>Counts bytes against the day, as other integrations' extracts do.</summary>
    public void Spend(long bytes)
    {
        Look();
        _bytesToday += bytes;
    }

    public void Create(SandboxCall call)
    {
        try
        {
            using var body = JsonDocument.Parse(call.Body);
            var names = body.RootElement.GetProperty("fields").EnumerateArray().Select(name => name.GetString()!).ToArray();
            var filters = body.RootElement.GetProperty("filter").EnumerateObject().ToArray();
            lock (leads.Gate)
            {
                Look();
                var refusal = _bytesToday >= MaxBytesPerDay ? "1029" : names.Length == 0 || filters.Length != 1 ? "1003" : names.Any(name => fields.Find(name) is null) ? "1006" : Refuse(filters[0]);
                if (refusal is not null)
                {
                    MarketoAnswers.Fail(call, refusal);
                    return;
                }

                var job = new Extract($"{Guid.CreateVersion7(time.GetUtcNow())}", names, Filter(filters[0]), time.GetUtcNow());
                _jobs.Add(job.Id, job);
                Write(call, job, job.State);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            MarketoAnswers.Fail(call, "609");
        }
    }

    public void Enqueue(SandboxCall call) => With(call, job =>
    {
        var refusal = job.State != "Created" ? "1029"
            : _jobs.Values.Count(other => other.State is "Queued" or "Processing") >= Queued ? "1029"
            : _bytesToday >= MaxBytesPerDay ? "1029"
            : null;
        if (refusal is not null)
        {
            MarketoAnswers.Fail(call, refusal);
            return;
        }

        (job.State, job.QueuedAt) = ("Queued", time.GetUtcNow());
        Look();
        Write(call, job, "Queued");
    });

    public void Status(SandboxCall call) => With(call, job => Write(call, job, job.State));

    public void Cancel(SandboxCall call) => With(call, job =>
    {
        job.State = job.State == "Completed" ? job.State : "Canceled";
        Write(call, job, job.State == "Canceled" ? "Cancelled" : job.State);
    });

    /// <summary>The file, or the part of it that a <c>Range</c> asks for, while it is kept.</summary>
    public void File(SandboxCall call) => With(call, job =>
    {
        if (job.File is not { } file || job.FinishedAt + Kept < time.GetUtcNow())
        {
            NotFound(call);
            return;
        }

        var range = call.Http.Request.GetTypedHeaders().Range?.Ranges.FirstOrDefault();
        if (range?.From >= file.Length)
        {
            call.Status = 416;
            call.Header("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Length}"));
            call.WriteRaw("text/plain");
            return;
        }

        var (from, to) = ((int)(range?.From ?? 0), (int)Math.Min(range?.To ?? file.Length - 1, file.Length - 1));
        var output = call.WriteRaw("text/csv");
        output.Write(file.AsSpan(from, to - from + 1));
        if (range is not null)
        {
            call.Status = 206;
            call.Header("Accept-Ranges", "bytes");
            call.Header("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{file.Length}"));
        }
    });

    private void With(SandboxCall call, Action<Extract> serve)
    {
        lock (leads.Gate)
        {
            Look();
            if (_jobs.TryGetValue(call.Http.Request.RouteValues["exportId"] as string ?? "", out var job))
            {
                serve(job);
            }
            else
            {
                NotFound(call);
            }
        }
    }

    private static void NotFound(SandboxCall call)
    {
        call.Status = 404;
        call.WriteRaw("text/plain").Write("Not found"u8);
    }

    /// <summary>Runs what is due by now.</summary>
    private void Look()
    {
        var now = time.GetUtcNow();
        var today = MarketoLimits.DayOf(now);
        if (today != _today)
        {
            (_today, _bytesToday) = (today, 0);
        }

        foreach (var job in _jobs.Values)
        {
            if (job.State == "Queued" && _jobs.Values.Count(other => other.State == "Processing") < Running)
            {
                (job.State, job.StartedAt, job.Ids) = ("Processing", now, [.. Enumerable.Range(1, leads.LastId).Where(id => leads.Exists(id) && job.Takes(id))]);
            }

            if (job.State == "Processing" && job.StartedAt + knobs.ApplyDelay <= now)
            {
                Run(job);
            }
        }
    }

    private void Run(Extract job)
    {
        using var file = new MemoryStream();
        file.Write(CsvFile.Line(job.Fields));
        foreach (var id in job.Ids.Where(id => leads.Exists(id)))
        {
            file.Write(CsvFile.Line(job.Fields.Select(name => Value(id, fields.Find(name)!))));
            job.Records++;
        }

        (job.File, job.State, job.FinishedAt) = (file.ToArray(), "Completed", job.StartedAt + knobs.ApplyDelay);
        _bytesToday += job.File.Length;
    }

    /// <summary>An empty value is the text <c>null</c>.</summary>
    private string Value(int id, MarketoField field) =>
        field.Name == "id" ? id.ToString(CultureInfo.InvariantCulture)
        : field.Name is "createdAt" or "updatedAt" ? Time(field.Name == "createdAt" ? leads.CreatedAt(id) : leads.UpdatedAt(id))
        : !PackedFields.TryGet(leads.Fields(id), field.Number, out var json) ? "null"
        : json[0] == (byte)'"' ? JsonSerializer.Deserialize<string>(json)! : System.Text.Encoding.UTF8.GetString(json);

    private string? Refuse(JsonProperty filter) => filter.Name switch
    {
        "staticListId" => lists.Exists(filter.Value.GetInt32()) ? null : "1013",
        "createdAt" => Span(filter.Value) is var (from, to) && to > from && to - from <= MaxSpan ? null : "1003",
        _ => "1035",
    };

    private Predicate<int> Filter(JsonProperty filter)
    {
        if (filter.Name == "staticListId")
        {
            var list = filter.Value.GetInt32();
            return id => lists.Contains(list, id);
        }

        var (from, to) = Span(filter.Value);
        return id => leads.CreatedAt(id) >= from && leads.CreatedAt(id) < to;
    }

    private static (DateTimeOffset From, DateTimeOffset To) Span(JsonElement value) =>
        (value.GetProperty("startAt").GetDateTimeOffset(), value.GetProperty("endAt").GetDateTimeOffset());

    private static void Write(SandboxCall call, Extract job, string state)
    {
        var json = MarketoAnswers.Begin(call);
        json.WriteStartObject();
        json.WriteString("exportId"u8, job.Id);
        json.WriteString("format"u8, "CSV"u8);
        json.WriteString("status"u8, state);
        WriteTime("createdAt", job.CreatedAt);
        WriteTime("queuedAt", job.QueuedAt);
        WriteTime("startedAt", job.StartedAt);
        WriteTime("finishedAt", job.FinishedAt);
        if (job.File is { } file)
        {
            json.WriteNumber("numberOfRecords"u8, job.Records);
            json.WriteNumber("fileSize"u8, file.Length);
            json.WriteString("fileChecksum"u8, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(file))}");
        }

        json.WriteEndObject();
        MarketoAnswers.End(json);

        void WriteTime(string name, DateTimeOffset? at)
        {
            if (at is { } known)
            {
                json.WriteString(name, Time(known));
            }
        }
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private sealed class Extract(string id, string[] fields, Predicate<int> takes, DateTimeOffset createdAt)
    {
        public string Id => id;

        public string[] Fields => fields;

        public Predicate<int> Takes => takes;

        public string State { get; set; } = "Created";

        public DateTimeOffset CreatedAt => createdAt;

        public DateTimeOffset? QueuedAt { get; set; }

        public DateTimeOffset? StartedAt { get; set; }

        public DateTimeOffset? FinishedAt { get; set; }

        /// <summary>The leads that were taken when it began to run.</summary>
        public IReadOnlyList<int> Ids { get; set; } = [];

        public int Records { get; set; }

        public byte[]? File { get; set; }
    }
}
