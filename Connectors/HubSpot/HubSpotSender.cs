using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Sends records of a batch in one call, and in halves where HubSpot refuses the whole call for what may be one record's fault.</summary>
internal sealed class HubSpotSender(HubSpotSettlement settlement, HubSpotJournal journal)
{
    /// <summary>Calls that one chunk may cost while it is halved; what is not judged by then waits for its next attempt.</summary>
    private const int MostCalls = 48;

    /// <param name="chunk">Indexes of the items.</param>
    /// <param name="endpoint">What is called.</param>
    /// <param name="send">Makes the call for a part of the chunk, with its clearance.</param>
    /// <param name="take">Reads a good answer to a part.</param>
    /// <param name="adopt">Told of a part that meets an existing contact; false leaves it to the table. Null when that cannot be.</param>
    /// <param name="twins">Told of a part that is refused because keys of it are one to HubSpot, to settle those that it knows of. Null when that cannot be.</param>
    public async Task SendAsync<T>(
        int[] chunk,
        VendorEndpoint endpoint,
        Func<int[], CallClearance, Task<HubSpotAnswer<T>>> send,
        Action<int[], T> take,
        Func<Judgement, HubSpotError, int[], bool>? adopt = null,
        Action<HubSpotError, int[]>? twins = null)
        where T : class
    {
        var left = await Halves.SendAsync(chunk, MostCalls, part => SendPartAsync([.. part]), () => settlement.Condition is not null);
        if (settlement.Condition is null)
        {
            settlement.Settle(left, Outcome.RetryLater, "hubspot_batch_refused");
        }

        async Task<Part> SendPartAsync(int[] part)
        {
            if (part.Length == 0)
            {
                return Part.Sent;
            }

            var clearance = settlement.ClearanceFor(part);
            var answer = await send(part, clearance);
            if (clearance.Withheld.Count > 0)
            {
                return await SendPartAsync(settlement.Withhold(part, clearance));
            }

            if (answer.Failure is not { } failure)
            {
                take(part, answer.Body!);
                return Part.Sent;
            }

            var judgement = journal.Judge(failure, endpoint, part.Length);
            if (judgement.Split && part.Length > 1)
            {
                twins?.Invoke(failure.Error, part);
                int[] rest = [.. part.Where(settlement.IsOpen)];
                return rest.Length < part.Length ? await SendPartAsync(rest) : Part.Refused;
            }

            if (adopt?.Invoke(judgement, failure.Error, part) != true)
            {
                foreach (var index in part)
                {
                    settlement.Apply(index, judgement);
                }
            }

            return Part.Sent;
        }
    }
}
