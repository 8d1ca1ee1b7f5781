using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Intake;

/// <summary>
/// Takes canonical facts from the bus: one transaction per batch, repeats swallowed by event id in the insert. A fact that does not
/// validate goes to <see cref="QuarantineQueue"/> with the failing path in its headers; the rest of its batch is taken in.
/// </summary>
internal sealed partial class FactConsumer<TFact>(
    OutboxTransaction transactions, ILedger ledger, IDeliveryStore deliveries, Doorbell doorbell, HubTelemetry telemetry, TimeProvider time, ILogger<FactConsumer<TFact>> logger) : IConsumer<Batch<TFact>>
    where TFact : class, ICanonicalEvent
{
    /// <summary>Where facts wait that did not validate.</summary>
    public const string QuarantineQueue = "hub-intake-quarantine";

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<Batch<TFact>> context)
    {
        var facts = new List<LedgerFact>(context.Message.Length);
        foreach (var message in context.Message)
        {
            if (FactFlattening.Flatten(message.Message, out var path, out var problem) is { } fact)
            {
                facts.Add(fact);
            }
            else
            {
                await QuarantineAsync(context, message, path!, problem!);
            }
        }

        var result = await transactions.RunAsync((db, _) => ledger.AppendAsync(db, facts, context.CancellationToken), context.CancellationToken);
        if (facts.Exists(fact => fact.Consents.Count > 0 || fact.EventName is not null))
        {
            // Best effort: the sweeper rings again for what is not answered.
            await doorbell.RingAsync(await transactions.ReadAsync(db => deliveries.FindLiveWorkAsync(db, time.GetUtcNow(), context.CancellationToken)), context.CancellationToken);
        }

        telemetry.FactsTakenIn(typeof(TFact).Name, "accepted", result.Accepted);
        telemetry.FactsTakenIn(typeof(TFact).Name, "duplicate", result.Duplicates);
        LogTakenIn(typeof(TFact).Name, result.Accepted, result.Duplicates, context.Message.Length - facts.Count);
    }

    private async Task QuarantineAsync(ConsumeContext context, ConsumeContext<TFact> message, string path, string problem)
    {
        var endpoint = await context.GetSendEndpoint(new Uri($"queue:{QuarantineQueue}"));
        await endpoint.Send(message.Message, send =>
        {
            send.Headers.Set("hub-path", path);
            send.Headers.Set("hub-problem", problem);
        }, context.CancellationToken);
        telemetry.FactsTakenIn(typeof(TFact).Name, "quarantined", 1);
        LogQuarantined(typeof(TFact).Name, message.Message.EventId, path, problem);
    }

    [LoggerMessage(1301, LogLevel.Information, "Took in a batch of {Fact}: {Accepted} new, {Duplicates} repeated, {Quarantined} quarantined")]
    private partial void LogTakenIn(string fact, int accepted, int duplicates, int quarantined);

    [LoggerMessage(1302, LogLevel.Warning, "Quarantined {Fact} {EventId}: {Path} {Problem}")]
    private partial void LogQuarantined(string fact, Guid eventId, string path, string problem);
}
