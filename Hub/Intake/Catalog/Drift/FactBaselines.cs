using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Catalog.Drift;

/// <summary>Compares once an hour what came in with what is usual: volumes, and fields without a value.</summary>
internal sealed partial class FactBaselines(OutboxTransaction transactions, TimeProvider time, ILogger<FactBaselines> logger) : IHubJob
{
    private const int MostNamed = 10;

    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("baselines", "0 25 * * * ?", MissedBell.Skip);

    /// <inheritdoc />
    public string Description => "Compares volumes and empty fields of what came in with what is usual at this time.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var (now, unusual) = (time.GetUtcNow(), new List<string>());
        foreach (var type in PayloadReading.Types)
        {
            foreach (var finding in await transactions.ReadAsync(db => FindAsync(db, type, now, cancellationToken)))
            {
                unusual.Add($"{type} of {finding.Producer} {finding.Kind}");
                LogUnusual(type, finding.Producer, finding.Kind);
            }
        }

        return unusual.Count == 0
            ? "Everything came in as usual."
            : $"{unusual.Count} departures from the usual, which 'catalog show TYPE' tells: {string.Join(", ", unusual.Distinct(StringComparer.Ordinal).Take(MostNamed))}{(unusual.Count > MostNamed ? ", and more" : "")}.";
    }

    /// <summary>What is not as usual of a type.</summary>
    public static async Task<IReadOnlyList<DriftFinding>> FindAsync(HubDbContext db, string eventType, DateTimeOffset now, CancellationToken cancellationToken) =>
    [
        .. VolumeDrift.Find(await FieldBook.HoursAsync(db, eventType, now - VolumeDrift.Horizon, cancellationToken), now),
        .. FieldDrift.FindNulls(await FieldBook.FieldsAsync(db, eventType, now - FieldDrift.Horizon, cancellationToken), now),
        .. FieldDrift.FindValues(await FieldBook.ValuesAsync(db, eventType, cancellationToken), now),
    ];

    [LoggerMessage(2857, LogLevel.Warning, "{EventType} of {Producer} is not as usual ({Kind}); 'catalog show' tells the numbers")]
    private partial void LogUnusual(string eventType, string producer, string kind);
}
