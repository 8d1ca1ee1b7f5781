using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Demo;

/// <summary>What the sample job is doing.</summary>
/// <param name="Step">One line for people.</param>
/// <param name="Runs">The runs as they stand, once there are some.</param>
internal sealed record SampleProgress(string Step, IReadOnlyList<RunView> Runs);

/// <summary>What the sample job brought.</summary>
/// <param name="Snapshot">The snapshot's report.</param>
/// <param name="Preferences">Contact preferences that became consent, and how many rows were refused.</param>
/// <param name="Runs">The finished runs.</param>
internal sealed record SampleResult(SnapshotReport Snapshot, (long Accepted, long Rejected) Preferences, IReadOnlyList<RunView> Runs);

/// <summary>The whole job on sample data: contact preferences and phones as facts, customers as a snapshot, one sync per destination.</summary>
internal sealed class SampleJob(
    HubConfiguration configuration, OutboxTransaction transactions, ILedger ledger, SnapshotLoader loader, RunStarter starter, IRunStore runs, TimeProvider time)
{
    private const string Audience = "customers";
    private const string Producer = "sample-files";
    private const int FactsPerTransaction = 2_000;
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs the job to its end.</summary>
    /// <param name="files">Which files.</param>
    /// <param name="members">Only the first so many customers; null for all.</param>
    /// <param name="report">Told of every step.</param>
    /// <param name="cancellationToken">Ends the job.</param>
    /// <exception cref="SnapshotFormatException">A file cannot be read.</exception>
    public async Task<SampleResult> RunAsync(SampleFiles files, int? members, Action<SampleProgress> report, CancellationToken cancellationToken)
    {
        var preferences = await LoadPreferencesAsync(files.Preferences, report, cancellationToken);
        await LoadPhonesAsync(files.Phones, report, cancellationToken);
        var snapshot = await LoadCustomersAsync(files.Customers, members, report, cancellationToken);
        var (started, refusal) = await starter.StartAsync(new RunRequest(Audience, [], SyncMode.Full, snapshot.SnapshotId, "demo"), cancellationToken);
        if (refusal is not null)
        {
            throw new InvalidOperationException(refusal.Detail);
        }

        return new SampleResult(snapshot, preferences, await WatchAsync([.. started.Select(run => run.RunId)], report, cancellationToken));
    }

    private async Task<IReadOnlyList<RunView>> WatchAsync(IReadOnlyList<Guid> runIds, Action<SampleProgress> report, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_look, time);
        while (true)
        {
            var views = new List<RunView>();
            foreach (var runId in runIds)
            {
                if (await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken)) is { } view)
                {
                    views.Add(view);
                }
            }

            report(new SampleProgress("syncing", views));
            if (views.Count == runIds.Count && views.All(view => view.FinishedAt is not null))
            {
                return views;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task<SnapshotReport> LoadCustomersAsync(string path, int? members, Action<SampleProgress> report, CancellationToken cancellationToken)
    {
        report(new SampleProgress("loading the snapshot of customers", []));
        await using var file = File.OpenRead(path);
        var progress = new Progress<long>(rows => report(new SampleProgress($"loading the snapshot of customers, {rows} rows read", [])));
        return await loader.LoadAsync(
            configuration.Audiences[Audience], "full", members is { } limit ? await FirstRowsAsync(file, limit, cancellationToken) : file, SnapshotFormat.Csv, Path.GetFileName(path), progress, cancellationToken);
    }

    private async Task<(long Accepted, long Rejected)> LoadPreferencesAsync(string? path, Action<SampleProgress> report, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return (0, 0);
        }

        report(new SampleProgress("taking in contact preferences as consent", []));
        await using var file = File.OpenRead(path);
        return await AppendAsync(
            ContactFileReader.ReadPreferencesAsync(file, Path.GetFileName(path), cancellationToken),
            row => row.Reject is null ? Fact(ConsentUpdated.Type, row.Line, row.Email) with { Consents = row.Consents, OccurredAt = row.Consents[0].DecidedAt } : null,
            cancellationToken);
    }

    private async Task LoadPhonesAsync(string? path, Action<SampleProgress> report, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return;
        }

        report(new SampleProgress("taking in phone numbers", []));
        await using var file = File.OpenRead(path);
        await AppendAsync(
            ContactFileReader.ReadPhonesAsync(file, Path.GetFileName(path), cancellationToken),
            row => row.Reject is null ? Fact(ProfileUpdated.Type, row.Line, row.Email) with { Phone = row.Phone, AttributesJson = "{}" } : null,
            cancellationToken);
    }

    private async Task<(long Accepted, long Rejected)> AppendAsync<TRow>(IAsyncEnumerable<TRow> rows, Func<TRow, LedgerFact?> toFact, CancellationToken cancellationToken)
    {
        var (accepted, rejected) = (0L, 0L);
        await foreach (var chunk in rows.Chunk(FactsPerTransaction).WithCancellation(cancellationToken))
        {
            var facts = chunk.Select(toFact).OfType<LedgerFact>().ToList();
            await transactions.RunAsync((db, _) => ledger.AppendAsync(db, facts, cancellationToken), cancellationToken);
            accepted += facts.Count;
            rejected += chunk.Length - facts.Count;
        }

        return (accepted, rejected);
    }

    private LedgerFact Fact(string type, long line, string email) => new()
    {
        EventId = StableId($"{type}:{line}:{email}"),
        EventType = type,
        OccurredAt = time.GetUtcNow(),
        Producer = Producer,
        Email = email,
        BodyJson = JsonSerializer.Serialize(new { event_type = type, producer = Producer, line }),
    };

    /// <summary>The same row is the same fact, however often the file is loaded.</summary>
    private static Guid StableId(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    private static async Task<Stream> FirstRowsAsync(Stream file, int rows, CancellationToken cancellationToken)
    {
        var first = new MemoryStream();
        using var reader = new StreamReader(file, Encoding.UTF8);
        await using var writer = new StreamWriter(first, new UTF8Encoding(false), leaveOpen: true);
        for (var line = 0; line <= rows && await reader.ReadLineAsync(cancellationToken) is { } text; line++)
        {
            await writer.WriteLineAsync(text.AsMemory(), cancellationToken);
        }

        await writer.FlushAsync(cancellationToken);
        first.Position = 0;
        return first;
    }
}
