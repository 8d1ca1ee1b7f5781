using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.OptOuts;
using IntegrationHub.Storage.Webhooks;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Intake.OptOuts;

/// <summary>
/// Asks vendors who opted out there, and takes it in as facts; of each feed one instance at a time. Where to go on is kept after the facts are taken in: after a crash
/// between the two the same facts come again under the same ids.
/// </summary>
internal sealed partial class OptOutPoller(
    DestinationDirectory destinations, OutboxTransaction transactions, FactIntake intake, HubInstance instance, IOptions<OptOutOptions> options, TimeProvider time, ILogger<OptOutPoller> logger)
    : BackgroundService
{
    private const int MostPages = 100;
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(15);

    /// <summary>How long nobody else reads a feed whose reader died; renewed while it is read.</summary>
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(destinations.All.SelectMany(destination => destination.OptOutFeeds.Select(feed => FollowAsync(destination, feed, stoppingToken))));

    /// <summary>Reads a feed when it is time to.</summary>
    /// <returns>True when there is more to read now.</returns>
    internal async Task<bool> ReadAsync(Destination destination, string feed, CancellationToken cancellationToken)
    {
        if (!await IsDueAsync(destination, feed, cancellationToken)
            || await transactions.RunAsync((db, _) => OptOutFeeds.TakeTurnAsync(db, destination.Name, feed, instance.Name, _turn, cancellationToken), cancellationToken) is not { } turn)
        {
            return false;
        }

        try
        {
            await using var renewal = LeaseRenewal.Start(
                token => transactions.RunAsync((db, _) => OptOutFeeds.RenewTurnAsync(db, turn, _turn, token), token),
                _turn,
                time,
                failure => LogNotRenewed(destination.Name, feed, failure.GetType().Name),
                cancellationToken);
            try
            {
                return await IsDueAsync(destination, feed, renewal.Token) && await ReadPagesAsync(destination, feed, renewal.Token);
            }
            catch (OperationCanceledException) when (renewal.IsLost)
            {
                return false; // another instance reads on from where the cursor is
            }
        }
        finally
        {
            await transactions.RunAsync((db, _) => OptOutFeeds.ReleaseTurnAsync(db, turn, CancellationToken.None), CancellationToken.None);
        }
    }

    private async Task FollowAsync(Destination destination, string feed, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_look < options.Value.Interval ? _look : options.Value.Interval, time);
        do
        {
            try
            {
                while (await ReadAsync(destination, feed, stoppingToken))
                {
                    // There is more.
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogBroken(destination.Name, feed, exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>A feed in whose midst reading stopped goes on at once.</summary>
    private async Task<bool> IsDueAsync(Destination destination, string feed, CancellationToken cancellationToken)
    {
        if (await FindAsync(destination, feed, cancellationToken) is not { } state)
        {
            await transactions.RunAsync((db, _) => OptOutFeeds.AddAsync(db, destination.Name, feed, time.GetUtcNow(), cancellationToken), cancellationToken);
            return false;
        }

        return state.AskedAt + options.Value.Interval <= time.GetUtcNow() || (state is { Error: null, Cursor: not null } && state.AskedAt != state.CaughtUpAt);
    }

    private async Task<OptOutFeed?> FindAsync(Destination destination, string feed, CancellationToken cancellationToken) =>
        (await transactions.ReadAsync(db => OptOutFeeds.ListAsync(db, cancellationToken))).FirstOrDefault(known => known.Destination == destination.Name && known.Feed == feed);

    private async Task<bool> ReadPagesAsync(Destination destination, string feed, CancellationToken cancellationToken)
    {
        var state = (await FindAsync(destination, feed, cancellationToken))!;
        var since = time.GetUtcNow() - options.Value.FirstReading;
        var (facts, cursor) = (destination.OptOuts!, state.Cursor);
        try
        {
            for (var page = 0; page < MostPages; page++)
            {
                var read = await destination.OptOutFeed!.ReadOptOutsAsync(new OptOutQuestion(feed, cursor, since, facts.Topics), cancellationToken);
                await TakeInAsync(destination, feed, read.OptOuts, cancellationToken);
                var now = time.GetUtcNow();
                cursor = read.Cursor;
                await transactions.RunAsync(
                    (db, _) => OptOutFeeds.AdvanceAsync(db, new OptOutFeed(destination.Name, feed, now) { Cursor = cursor, OptOuts = read.OptOuts.Count, CaughtUpAt = read.IsLast ? now : null }, cancellationToken),
                    cancellationToken);
                if (read.IsLast)
                {
                    LogCaughtUp(destination.Name, feed);
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var code = exception is DestinationException { Condition: var condition } ? condition.Code : "feed_unreadable";
            await transactions.RunAsync((db, _) => OptOutFeeds.FailAsync(db, destination.Name, feed, code, time.GetUtcNow(), cancellationToken), cancellationToken);
            if (state.Error != code)
            {
                LogFailed(destination.Name, feed, code, exception.GetType().Name);
            }

            return false;
        }
    }

    private async Task TakeInAsync(Destination destination, string feed, IReadOnlyList<VendorOptOut> optOuts, CancellationToken cancellationToken)
    {
        string[] ids = [.. optOuts.Select(optOut => optOut.RemoteId).OfType<string>().Distinct(StringComparer.Ordinal)];
        var told = await transactions.ReadAsync(db => ToldDenials.FindAsync(db, destination.Name, [.. optOuts.SelectMany(OwnWord.NamesOf).Distinct(StringComparer.Ordinal)], cancellationToken));
        var people = ids.Length == 0 ? new Dictionary<string, KnownContact>() : await transactions.ReadAsync(db => KnownContacts.FindAsync(db, destination.Name, ids, cancellationToken));
        var now = time.GetUtcNow();
        foreach (var batch in optOuts.Where(optOut => !OwnWord.Is(optOut, told)).SelectMany(optOut => destination.OptOuts!.Of(feed, optOut, people, now)).Chunk(FactRoutes.BatchFacts))
        {
            await intake.TakeInListedAsync([.. batch.Select(fact => new ReadOnlyMemory<byte>(fact))], cancellationToken);
        }
    }

    [LoggerMessage(1341, LogLevel.Debug, "{Destination} told all opt-outs of {Feed}")]
    private partial void LogCaughtUp(string destination, string feed);

    [LoggerMessage(1342, LogLevel.Warning, "{Destination} does not tell opt-outs of {Feed}: {Code} ({Error}); it is asked again and again, and the reading goes on where it was")]
    private partial void LogFailed(string destination, string feed, string code, string error);

    [LoggerMessage(3960, LogLevel.Warning, "The turn of reading opt-outs of {Feed} at {Destination} could not be renewed ({Error}); another instance may go on with it")]
    private partial void LogNotRenewed(string destination, string feed, string error);

    [LoggerMessage(1343, LogLevel.Warning, "Opt-outs of {Feed} at {Destination} could not be taken in ({Error}); it is tried again")]
    private partial void LogBroken(string destination, string feed, string error);
}
