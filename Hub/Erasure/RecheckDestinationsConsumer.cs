using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Step Rechecking: looks again whether somebody came back, at the destinations and in the hub's own tables, and deletes whoever did. After the last look nothing of the person is left here.</summary>
internal sealed class RecheckDestinationsConsumer(
    OutboxTransaction transactions, IServiceScopeFactory scopes, SealedPeople people, PersonErasure erasure, PersonDeletion deletion, DestinationDirectory destinations, IOptions<ErasureOptions> patience, TimeProvider time)
    : IConsumer<RecheckDestinations>
{
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<RecheckDestinations> context)
    {
        var (requestId, round, stop) = (context.Message.RequestId, context.Message.Round, context.CancellationToken);
        var (person, known) = await transactions.ReadAsync(async db => (await people.FindAsync(db, requestId, stop), await DestinationErasures.LoadAsync(db, requestId, stop)));
        var waiting = new List<string>();
        var withIssues = false;
        foreach (var erased in person is null ? [] : known.Where(erased => !erased.Rechecks.Any(recheck => recheck.Round == round && recheck.Result != DestinationErasure.Present)))
        {
            if (destinations.Find(erased.Destination) is not { } destination)
            {
                continue;
            }

            try
            {
                var seen = await deletion.DeleteAsync(destination, person!, erased with { Found = 0 }, stop);
                var result = seen.IsOver ? seen.Found == 0 ? DestinationErasure.Absent : ErasureRecheck.DeletedAgain : DestinationErasure.Present;
                await transactions.RunAsync((db, _) => DestinationErasures.RecheckedAsync(db, requestId, destination.Name, new ErasureRecheck(round, time.GetUtcNow(), result), stop), stop);
                waiting.AddRange(seen.IsOver ? [] : [destination.Name]);
                withIssues |= seen.Action == DestinationErasure.NotPossible;
            }
            catch (DestinationException)
            {
                waiting.Add(destination.Name);
            }
        }

        if (waiting.Count > 0)
        {
            await context.Publish(
                new ErasureStepPostponed
                {
                    RequestId = requestId, Step = nameof(RecheckDestinations), Until = time.GetUtcNow() + _pause,
                    WaitingFor = $"{string.Join(", ", waiting)}: shows the person again or does not answer; asked again by itself.",
                },
                stop);
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

        await context.Publish(new DestinationsRechecked { RequestId = requestId, Round = round, At = time.GetUtcNow(), WithIssues = withIssues }, stop);
    }
}
