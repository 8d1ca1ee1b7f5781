using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Counts once an hour the rows that wait, and compares with what was counted as they came and went.</summary>
internal sealed partial class QueueProof(OutboxTransaction transactions, ILogger<QueueProof> logger) : IHubJob
{
    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("queue", "0 45 * * * ?", MissedBell.Skip);

    /// <inheritdoc />
    public string Description => "Counts the rows of the queue and compares with what was counted as they came and went.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var wrong = await transactions.RunAsync((db, _) => PendingTallies.ProveAsync(db, cancellationToken), cancellationToken);
        if (wrong == 0)
        {
            return "What waits is what was counted.";
        }

        LogWrong(Plan.Name, wrong);
        return string.Create(CultureInfo.InvariantCulture, $"{wrong:N0} counts of what waits were wrong, and were put right; nobody was sent anything else for it.");
    }

    [LoggerMessage(3351, LogLevel.Error, "{Name}: {Count} counts of what waits were wrong, and were put right: something changes the queue and is not counted")]
    private partial void LogWrong(string name, int count);
}
