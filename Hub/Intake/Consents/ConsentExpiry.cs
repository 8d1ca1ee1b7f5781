using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>Writes down that grants have ended, and tells of those that a rule has ended, at the start and then every minute, so that vendors hear of it. What is sent does not wait for it: decisions compare times.</summary>
internal sealed partial class ConsentExpiry(OutboxTransaction transactions, ILedger ledger, FactIntake intake, HubConfiguration configuration, TimeProvider time, ILogger<ConsentExpiry> logger) : BackgroundService
{
    private const int Batch = 1_000;
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    private readonly (string Purpose, GrantLife Life)[] _lives =
        [.. configuration.Consent.Purposes.SelectMany(purpose => purpose.Rules.Select(rule => rule.Expires).OfType<GrantLife>().Select(life => (purpose.Name, life))).Distinct()];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Ends everything whose time is over.</summary>
    /// <returns>How many grants ended.</returns>
    internal async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var (total, ended) = (0, 0);
        do
        {
            ended = await transactions.RunAsync((db, _) => ledger.ExpireConsentsAsync(db, Batch, cancellationToken), cancellationToken);
            total += ended;
        }
        while (ended == Batch);

        foreach (var (purpose, life) in _lives)
        {
            do
            {
                var now = time.GetUtcNow();
                ended = await transactions.RunAsync((db, _) => ledger.TellEndedGrantsAsync(db, purpose, NameOf(life), decided => life.EndFrom(decided) <= now, Batch, cancellationToken), cancellationToken);
                total += ended;
            }
            while (ended == Batch);
        }

        if (total > 0)
        {
            LogEnded(total);
            await intake.RingAsync(cancellationToken);
        }

        return total;
    }

    private static string NameOf(GrantLife life) => string.Create(CultureInfo.InvariantCulture, $"{life.Months}mo{life.Days}d");

    [LoggerMessage(1314, LogLevel.Information, "{Grants} grants of consent have ended by themselves")]
    private partial void LogEnded(int grants);

    [LoggerMessage(1315, LogLevel.Warning, "What grants of consent have ended could not be written down ({Error}); it is tried again in a minute, and nobody is sent meanwhile who must not be")]
    private partial void LogFailed(string error);
}
