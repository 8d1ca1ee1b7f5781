using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Watch;
using MassTransit;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Step ErasingDestinations: each destination deletes and is read back until nobody is there. One that is in trouble, or takes its time, holds up none of the others.</summary>
internal sealed partial class EraseAtDestinationsConsumer(
    OutboxTransaction transactions, SealedPeople people, PersonDeletion deletion, DestinationDirectory destinations, DestinationHealth health, TimeProvider time, ILogger<EraseAtDestinationsConsumer> logger)
    : IConsumer<EraseAtDestinations>
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<EraseAtDestinations> context)
    {
        var (requestId, stop) = (context.Message.RequestId, context.CancellationToken);
        var (person, request, known, hubs) = await transactions.ReadAsync(async db => (
            await people.FindAsync(db, requestId, stop), await ErasureBook.FindAsync(db, requestId, stop),
            (await DestinationErasures.LoadAsync(db, requestId, stop)).ToDictionary(erasure => erasure.Destination, StringComparer.Ordinal), await Heartbeats.ListAsync(db, stop)));
        if (request is null)
        {
            return;
        }

        if (person is null)
        {
            await PostponeAsync(context, time.GetUtcNow() + _longest, PersonDeletion.KeysGone(requestId));
            return;
        }

        var open = new List<(DestinationErasure Erasure, TimeSpan Wait)>();
        var elsewhere = HubSighting.DestinationsOf(hubs);
        foreach (var name in destinations.All.Select(destination => destination.Name).Union(person.Destinations).Union(elsewhere).Where(name => known.GetValueOrDefault(name) is not { IsOver: true }).ToList())
        {
            var before = known.GetValueOrDefault(name);
            var (erasure, wait) = destinations.Find(name) is { } destination ? await TryAsync(requestId, destination, person, before, request.SuppressedAt ?? request.RequestedAt, stop) : Leave(name, before, elsewhere.Contains(name));
            if (!erasure.IsOver && time.GetUtcNow() >= request.Deadline)
            {
                erasure = erasure with { Action = DestinationErasure.NotPossible, Reason = erasure.Reason ?? PersonDeletion.DeadlinePassed };
            }

            known[name] = erasure;
            await transactions.RunAsync((db, _) => DestinationErasures.KeepAsync(db, requestId, erasure, stop), stop);
            if (!erasure.IsOver)
            {
                open.Add((erasure, wait));
            }
        }

        if (open.Count == 0)
        {
            await context.Publish(new DestinationsErased { RequestId = requestId, At = time.GetUtcNow(), WithIssues = known.Values.Any(erasure => erasure.Action == DestinationErasure.NotPossible) }, stop);
            return;
        }

        await PostponeAsync(
            context, time.GetUtcNow() + open.Min(left => left.Wait),
            $"{string.Join(", ", open.Select(left => $"{left.Erasure.Destination} ({left.Erasure.Reason ?? "still shows the person"})"))}: asked again by itself. 'erase show {requestId}' tells what each destination did.");
    }

    private static Task PostponeAsync(ConsumeContext<EraseAtDestinations> context, DateTimeOffset until, string waitingFor) => context.Publish(
        new ErasureStepPostponed { RequestId = context.Message.RequestId, Step = nameof(EraseAtDestinations), Until = until, WaitingFor = waitingFor }, context.CancellationToken);

    /// <summary>This hub does not have the destination: a hub that has it takes the step up, or nobody can.</summary>
    private (DestinationErasure Erasure, TimeSpan Wait) Leave(string name, DestinationErasure? before, bool isElsewhere)
    {
        var attempts = before?.Attempts ?? 0;
        var left = Troubled(name, before, attempts + 1, PersonDeletion.NotConfigured);
        return (isElsewhere ? left : left with { Action = DestinationErasure.NotPossible }, WaitAfter(attempts));
    }

    private static TimeSpan WaitAfter(int attempts) => TimeSpan.FromSeconds(Math.Min(_first.TotalSeconds * Math.Pow(2, Math.Min(attempts, 20)), _longest.TotalSeconds));

    private async Task<(DestinationErasure Erasure, TimeSpan Wait)> TryAsync(Guid requestId, Destination destination, ErasurePerson person, DestinationErasure? before, DateTimeOffset suppressedAt, CancellationToken cancellationToken)
    {
        var attempts = before?.Attempts ?? 0;
        var wait = WaitAfter(attempts);
        if (await health.FindBlockAsync(destination.Name, Lane.Urgent, cancellationToken) is { } block)
        {
            return (Troubled(destination.Name, before, attempts, block.Code), wait);
        }

        try
        {
            var erasure = await deletion.DeleteAsync(requestId, destination, person, before, cancellationToken);
            var mayComeBack = erasure.Action == DestinationErasure.Deleted && await transactions.ReadAsync(db => JobsOfBefore.StandAsync(db, destination.Name, suppressedAt, cancellationToken));
            return (mayComeBack ? erasure with { Action = DestinationErasure.Deleting, Reason = PersonDeletion.VendorJob } : erasure, wait);
        }
        catch (DestinationException trouble)
        {
            LogTrouble(destination.Name, trouble.Condition.Code);
            return (Troubled(destination.Name, before, attempts + 1, trouble.Condition.Code), trouble.Condition.RetryAfter is { } asked && asked > wait ? asked : wait);
        }
    }

    private DestinationErasure Troubled(string destination, DestinationErasure? before, int attempts, string code) =>
        (before ?? new DestinationErasure(destination, DestinationErasure.Deleting, null, 0, 0, time.GetUtcNow())) with { Attempts = attempts, Reason = code };

    [LoggerMessage(2211, LogLevel.Warning, "An erasure cannot be done at {Destination} now ({Code}); it is tried again")]
    private partial void LogTrouble(string destination, string code);
}
