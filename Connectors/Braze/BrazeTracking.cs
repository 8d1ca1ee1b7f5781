using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;
using IntegrationHub.Connectors.Braze.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Braze;

/// <summary>What goes through <c>/users/track</c>: fields, memberships, events, and consent that a profile holds itself.</summary>
internal sealed partial class BrazeTracking(BrazeClient client, BrazeSender sender, BrazeOptions options, ILogger logger)
{
    /// <summary>Sends items of the batch.</summary>
    /// <returns>The items that Braze took; they are open still.</returns>
    public async Task<IReadOnlyList<int>> SendAsync(BatchSettlement settlement, IReadOnlyList<int> items, CancellationToken cancellationToken)
    {
        var unsendable = new List<Unsendable>();
        var requests = BrazeMapper.Write(settlement.Batch, items, options.IdentityIsEmail, unsendable);
        foreach (var (item, code) in unsendable)
        {
            settlement.Settle(item, Outcome.Rejected, code);
        }

        var done = new List<int>(items.Count);
        foreach (var request in requests)
        {
            done.AddRange(await SendAsync(settlement, request, some => BrazeMapper.Write(settlement.Batch, some, options.IdentityIsEmail, []).Single(), cancellationToken));
        }

        return done;
    }

    /// <summary>Sends a request, or parts of it.</summary>
    /// <param name="settlement">Where failures are settled.</param>
    /// <param name="whole">The request.</param>
    /// <param name="write">Writes a part of it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The items that Braze took; they are open still.</returns>
    public async Task<IReadOnlyList<int>> SendAsync(
        BatchSettlement settlement, TrackRequest whole, Func<IReadOnlyList<int>, TrackRequest> write, CancellationToken cancellationToken)
    {
        var done = new List<int>();
        var sent = whole;
        await sender.SendAsync(
            settlement, whole.Items,
            (some, clearance) =>
            {
                sent = some.Count == whole.Items.Count ? whole : write(some);
                return client.TrackAsync(sent.Body, clearance, cancellationToken);
            },
            (some, answer) =>
            {
                Attribute(settlement, sent, answer);
                done.AddRange(some.Where(settlement.IsOpen));
            });
        return done;
    }

    /// <summary>Gives each error to the record it names. With a 400 the records that no error names were not taken either.</summary>
    private void Attribute(BatchSettlement settlement, TrackRequest request, BrazeAnswer<TrackAnswer> answer)
    {
        var nobodys = false;
        foreach (var error in answer.Body!.Errors)
        {
            if ((request.ItemOf(error.InputArray, error.Index) ?? OnlyOneOf(settlement, request, error.Key)) is { } item)
            {
                settlement.Settle(item, BrazeOutcomes.OfRecord(error.Type));
            }
            else
            {
                nobodys = true;
            }
        }

        if (answer.Status == 400)
        {
            settlement.Settle(request.Items, BrazeOutcomes.Unattributed with { Sent = Sent.Yes });
        }
        else if (nobodys)
        {
            settlement.Settle(request.Items, BrazeOutcomes.Unattributed);
        }

        if (answer.Body.Errors.Count > 0)
        {
            Log.Dropped(logger, options.Destination, answer.Body.Errors.Count, request.Items.Count);
        }
    }

    private static int? OnlyOneOf(BatchSettlement settlement, TrackRequest request, string? key)
        => request.Items.Where(item => settlement[item].Key == key).ToArray() is [var item] ? item : null;

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "{Destination} dropped {Dropped} of {Records} records")]
        public static partial void Dropped(ILogger logger, string destination, int dropped, int records);
    }
}
