using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Sends records in one call; where HubSpot refuses the whole call for what may be one record's fault, its halves, and so on.</summary>
internal sealed class HubSpotHalves(HubSpotSettlement settlement, HubSpotJournal journal)
{
    /// <summary>Calls that one chunk may cost while it is halved; what is not judged by then waits for its next attempt.</summary>
    private const int MaxCalls = 48;

    /// <param name="chunk">Indexes of the items.</param>
    /// <param name="endpoint">What is called.</param>
    /// <param name="send">Makes the call for a part of the chunk, with its clearance.</param>
    /// <param name="take">Reads a good answer to a part.</param>
    /// <param name="adopt">Told of a part that meets an existing contact; false leaves it to the table. Null when that cannot be.</param>
    /// <param name="twins">Told of a part that is refused because keys of it are one to HubSpot, to settle those that it knows of. Null when that cannot be.</param>
    public async Task SendAsync<T>(
        int[] chunk,
        VendorEndpoint endpoint,
        Func<ArraySegment<int>, CallClearance, Task<HubSpotAnswer<T>>> send,
        Action<ArraySegment<int>, T> take,
        Func<Judgement, HubSpotError, ArraySegment<int>, bool>? adopt = null,
        Action<HubSpotError, ArraySegment<int>>? twins = null)
        where T : class
    {
        var parts = new Stack<ArraySegment<int>>([chunk]);
        for (var calls = 0; calls < MaxCalls && settlement.Condition is null && parts.TryPop(out var part); calls++)
        {
            var clearance = settlement.ClearanceFor(part);
            var answer = await send(part, clearance);
            if (clearance.Withheld.Count > 0)
            {
                calls--;
                if (settlement.Withhold(part, clearance) is { Length: > 0 } rest)
                {
                    parts.Push(rest);
                }

                continue;
            }

            if (answer.Failure is not { } failure)
            {
                take(part, answer.Body!);
                continue;
            }

            var judgement = journal.Judge(failure, endpoint, part.Count);
            if (judgement.Split && part.Count > 1)
            {
                twins?.Invoke(failure.Error, part);
                int[] left = [.. part.Where(settlement.IsOpen)];
                if (left.Length < part.Count)
                {
                    parts.Push(left);
                }
                else
                {
                    parts.Push(part[(part.Count / 2)..]);
                    parts.Push(part[..(part.Count / 2)]);
                }
            }
            else if (adopt?.Invoke(judgement, failure.Error, part) != true)
            {
                foreach (var index in part)
                {
                    settlement.Apply(index, judgement);
                }
            }
        }

        foreach (var index in settlement.Condition is null ? parts.SelectMany(static part => part) : [])
        {
            settlement.Settle(index, Outcome.RetryLater, "hubspot_batch_refused");
        }
    }
}
