using System.Buffers;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Custom (behavioral) events. HubSpot answers 204 and tells nothing more, so that an event of a contact that is gone would vanish: each
/// contact is looked up before.
/// </summary>
internal sealed class HubSpotEvents(HubSpotClient client, HubSpotJournal journal, HubSpotDirectory directory)
{
    /// <summary>Records the events of all items, in their order.</summary>
    public async Task SendAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        foreach (var index in settlement.Open())
        {
            var fault = settlement.Items[index].Event is { } happened ? HubSpotEventBodies.FaultOf(happened) : "hubspot_event_missing";
            if (fault is not null)
            {
                settlement.Settle(index, Outcome.Rejected, fault);
            }
        }

        await ResolveAsync(settlement, cancellationToken);
        var body = new ArrayBufferWriter<byte>();
        foreach (var chunk in Chunks(settlement).TakeWhile(_ => settlement.Condition is null))
        {
            await new HubSpotSender(settlement, journal).SendAsync(
                chunk,
                HubSpotApiVersion.SendEvents,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotEventBodies.Write(body, settlement.Items, part, index => settlement.ContactId(index)!);
                    return client.SendEventsAsync(body.WrittenMemory, clearance, cancellationToken);
                },
                (part, _) =>
                {
                    foreach (var index in part)
                    {
                        settlement.Settle(index, Outcome.Delivered);
                    }
                });
        }
    }

    private async Task ResolveAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        var open = settlement.Open();
        var reading = await directory.ReadAsync(open.Select(index => settlement.Items[index].Key), [], archived: false, cancellationToken);
        foreach (var index in open)
        {
            var answer = reading.Of(settlement.Items[index].Key);
            if (answer.Trouble is { } trouble)
            {
                settlement.Apply(index, trouble);
            }
            else if (answer.Contact is null)
            {
                // The contact may be on its way.
                settlement.Settle(index, Outcome.RetryLater, ReasonCode.NotFound);
            }
            else
            {
                settlement.Learn(index, answer.Contact.Id);
            }
        }
    }

    private static IEnumerable<int[]> Chunks(HubSpotSettlement settlement)
    {
        var chunk = new List<int>();
        var bytes = 0;
        foreach (var index in settlement.Open())
        {
            var size = HubSpotEventBodies.MaxBytes(settlement.Items[index].Event!);
            if (chunk.Count == HubSpotDescriptor.MaxEvents || (chunk.Count > 0 && bytes + size > HubSpotDescriptor.MaxBytes))
            {
                yield return [.. chunk];
                chunk.Clear();
                bytes = 0;
            }

            chunk.Add(index);
            bytes += size;
        }

        if (chunk.Count > 0)
        {
            yield return [.. chunk];
        }
    }
}
