using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Sends records of a batch in one call, and in halves when Braze refuses the call as a whole, until the record at fault stands alone.</summary>
internal sealed partial class BrazeSender(BrazeClient client, BrazeOptions options, ILogger logger)
{
    /// <summary>Calls that one request may cost while it is halved: enough to single out every record of the largest one.</summary>
    private const int MostCalls = 2 * BrazeDescriptor.MaxObjects;

    /// <summary>Sends items.</summary>
    /// <param name="settlement">Where refusals are settled.</param>
    /// <param name="items">The items; a settled one stays out.</param>
    /// <param name="call">Makes the call for items, with its clearance where it writes.</param>
    /// <param name="taken">Judges an answer that takes the request, or names the records at fault.</param>
    public async Task SendAsync<T>(
        BatchSettlement settlement, IReadOnlyList<int> items, Func<IReadOnlyList<int>, CallClearance, Task<BrazeAnswer<T>>> call,
        Action<IReadOnlyList<int>, BrazeAnswer<T>> taken)
        where T : class, IBrazeBody
    {
        var left = await Halves.SendAsync(items, MostCalls, SendPartAsync, () => settlement.Condition is not null);
        if (settlement.Condition is null)
        {
            settlement.Settle(left, Outcome.RetryLater, "braze_request_refused");
        }

        async Task<Part> SendPartAsync(IReadOnlyList<int> whole)
        {
            var part = whole.Where(settlement.IsOpen).ToList();
            if (part.Count == 0)
            {
                return Part.Sent;
            }

            var clearance = settlement.ClearanceFor(part);
            var answer = await call(part, clearance);
            if (clearance.Withheld.Count > 0)
            {
                settlement.Withhold(part, clearance);
                return await SendPartAsync(part);
            }

            if (answer.Refusal is { } refusal)
            {
                settlement.Stop(refusal);
            }
            else if (BrazeOutcomes.OfRequest(answer) is not { } verdict)
            {
                taken(part, answer);
            }
            else
            {
                Log.Refused(logger, options.Destination, verdict.Code!, answer.Status, part.Count);
                if (verdict.Split && part.Count > 1)
                {
                    return Part.Refused;
                }

                settlement.Settle(part, verdict);
                if (verdict.Trouble is not null)
                {
                    settlement.Stop(ConditionOf(verdict, answer.Wait));
                }
            }

            return Part.Sent;
        }
    }

    /// <summary>Posts items to an endpoint that judges the request as a whole.</summary>
    /// <param name="settlement">Where failures are settled.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="items">The items.</param>
    /// <param name="write">Writes the body for items.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The items that Braze took; they are open still.</returns>
    public async Task<IReadOnlyList<int>> PostAsync(
        BatchSettlement settlement, VendorEndpoint endpoint, IReadOnlyList<int> items, Func<IReadOnlyList<int>, byte[]> write,
        CancellationToken cancellationToken)
    {
        var done = new List<int>(items.Count);
        await SendAsync(
            settlement, items, (some, clearance) => client.PostAsync(endpoint, write(some), clearance, cancellationToken), (some, answer) =>
            {
                if (answer.Body!.HasErrors)
                {
                    settlement.Settle(some, BrazeOutcomes.Unattributed);
                    return;
                }

                done.AddRange(some);
            });
        return done;
    }

    /// <summary>What a refused answer says about the destination.</summary>
    public static DestinationCondition ConditionOf(BrazeVerdict verdict, TimeSpan? wait) => new(
        verdict.Trouble ?? DestinationTrouble.Unavailable, verdict.Code!, verdict.Trouble == DestinationTrouble.Throttled ? wait : null);

    /// <summary>What prevents reading, or null.</summary>
    public static DestinationCondition? ConditionOf<T>(BrazeAnswer<T> answer)
        where T : class, IBrazeBody
        => answer.Refusal ?? (BrazeOutcomes.OfRequest(answer) is { } verdict ? ConditionOf(verdict, answer.Wait) : null);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Destination} refused a request: {Code} (status {Status}, {Records} records)")]
        public static partial void Refused(ILogger logger, string destination, string code, int status, int records);
    }
}
