using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Watch;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Erasure;

/// <summary>
/// Step Rechecking: looks again whether somebody came back, at the destinations and in the hub's own tables, and deletes whoever did. After the last look nothing of the person is left here. In between a person may have
/// the destinations asked again that refused; that ends no round.
/// </summary>
internal sealed class RecheckDestinationsConsumer(
    OutboxTransaction transactions, IServiceScopeFactory scopes, SealedPeople people, PersonErasure erasure, PersonDeletion deletion, DestinationDirectory destinations, IOptions<ErasureOptions> patience, TimeProvider time)
    : IConsumer<RecheckDestinations>
{
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<RecheckDestinations> context)
    {
        var (requestId, round, stop) = (context.Message.RequestId, context.Message.Round, context.CancellationToken);
        var (person, known, hubs) = await transactions.ReadAsync(async db => (
            await people.FindAsync(db, requestId, stop), await DestinationErasures.LoadAsync(db, requestId, stop), await Heartbeats.ListAsync(db, stop)));
        var elsewhere = HubSighting.DestinationsOf(hubs);
        var isAsked = round == RecheckDestinations.AskedFor;
        var open = known.Where(erased => isAsked ? Refused(erased) : !erased.Rechecks.Any(recheck => recheck.Round == round && recheck.IsOver)).ToList();
        if (person is null && open.Count > 0)
        {
            await (isAsked ? Task.CompletedTask : PostponeAsync(context, PersonDeletion.KeysGone(requestId)));
            return;
        }

        var waiting = new List<string>();
        foreach (var erased in open)
        {
            if (destinations.Find(erased.Destination) is null && elsewhere.Contains(erased.Destination))
            {
                waiting.Add(erased.Destination);
                continue;
            }

            try
            {
                var look = await LookAsync(requestId, erased, person!, stop);
                var isLate = erased.Action == DestinationErasure.NotPossible && look.Action == DestinationErasure.Deleted;
                await transactions.RunAsync(
                    async (db, _) =>
                    {
                        if (isLate)
                        {
                            await DestinationErasures.KeepAsync(db, requestId, look with { Found = Math.Max(look.Found, erased.Found) }, stop);
                        }

                        var result = ErasureRecheck.ResultOf(isLate ? look with { Found = 0 } : look);
                        await DestinationErasures.RecheckedAsync(db, requestId, erased.Destination, new ErasureRecheck(round, time.GetUtcNow(), result), stop);
                    },
                    stop);
                waiting.AddRange(look.IsOver ? [] : [erased.Destination]);
            }
            catch (DestinationException)
            {
                waiting.Add(erased.Destination);
            }
        }

        if (isAsked)
        {
            return;
        }

        if (waiting.Count > 0)
        {
            await PostponeAsync(context, $"{string.Join(", ", waiting)}: shows the person again, does not answer, or is another hub's; asked again by itself.");
            return;
        }

        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
            await erasure.EraseOwnAsync(db, requestId, time.GetUtcNow(), stop);
            if (round >= patience.Value.Rechecks.Count)
            {
                await SealedPeople.ForgetAsync(db, requestId, stop);
            }
        }

        var withIssues = (await transactions.ReadAsync(db => DestinationErasures.LoadAsync(db, requestId, stop)))
            .Any(erased => erased.Action == DestinationErasure.NotPossible || erased.Rechecks.Any(recheck => recheck.Round == round && recheck.Result == DestinationErasure.NotPossible));
        await context.Publish(new DestinationsRechecked { RequestId = requestId, Round = round, At = time.GetUtcNow(), WithIssues = withIssues }, stop);
    }

    /// <summary>True of a destination that did not do what was asked, when it was asked last.</summary>
    public static bool Refused(DestinationErasure erased) =>
        erased.Action == DestinationErasure.NotPossible || erased.Rechecks.MaxBy(recheck => recheck.At) is { Result: DestinationErasure.NotPossible or DestinationErasure.Present };

    /// <summary>Looks, and deletes whoever is there; one that no hub has any more cannot be asked.</summary>
    private async Task<DestinationErasure> LookAsync(Guid requestId, DestinationErasure erased, ErasurePerson person, CancellationToken cancellationToken) => destinations.Find(erased.Destination) is { } destination
        ? await deletion.DeleteAsync(requestId, destination, person, erased with { Found = 0, Reason = null, Result = null }, cancellationToken)
        : erased with { Action = DestinationErasure.NotPossible, Reason = PersonDeletion.NotConfigured };

    private Task PostponeAsync(ConsumeContext<RecheckDestinations> context, string waitingFor) => context.Publish(
        new ErasureStepPostponed { RequestId = context.Message.RequestId, Step = nameof(RecheckDestinations), Until = time.GetUtcNow() + _pause, WaitingFor = waitingFor }, context.CancellationToken);
}
