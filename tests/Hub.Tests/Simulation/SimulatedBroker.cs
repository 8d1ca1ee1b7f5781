using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Sagas.Erasure.Messages;
using MassTransit;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>What is on its way. In which order it arrives, how often and when, is the history's choice.</summary>
internal sealed class SimulatedBroker
{
    public const string Syncs = "audience-sync";
    public const string Backfills = "backfill-run";
    public const string Erasures = "erasure";
    public const string Hub = "hub";

    private static readonly HashSet<Type> _ofSyncs =
    [
        typeof(StartAudienceSync), typeof(ApproveAudienceSync), typeof(PauseAudienceSync), typeof(ResumeAudienceSync), typeof(CancelAudienceSync), typeof(AudienceSyncPlanned), typeof(AudienceSyncProgressed),
        typeof(AudienceSyncDelivered), typeof(AudienceSyncVerified), typeof(DeliveriesCanceled), typeof(AudienceSyncStepFailed), typeof(AudienceSyncDiagnosed), typeof(AudienceSyncStepPostponed), typeof(RemindAudienceSync),
    ];

    private static readonly HashSet<Type> _ofBackfills =
    [
        typeof(StartBackfill), typeof(ApproveBackfill), typeof(PauseBackfill), typeof(ResumeBackfill), typeof(CancelBackfill), typeof(BackfillPlanned), typeof(BackfillProgressed), typeof(BackfillDelivered),
        typeof(BackfillVerified), typeof(DeliveriesCanceled), typeof(BackfillStepFailed), typeof(BackfillDiagnosed), typeof(BackfillStepPostponed), typeof(BackfillRollbackBegan), typeof(BackfillRollbackEnded), typeof(RemindBackfill),
    ];

    private static readonly HashSet<Type> _ofErasures =
    [
        typeof(RequestErasure), typeof(ApproveErasure), typeof(RefuseErasure), typeof(PersonSuppressed), typeof(DestinationsErased), typeof(OwnTablesErased), typeof(DestinationsRechecked), typeof(ErasureStepPostponed),
    ];

    private static readonly HashSet<Type> _ofTheHub =
    [
        typeof(PlanAudienceSync), typeof(DeliverAudienceSync), typeof(VerifyAudienceSync), typeof(CancelDeliveries), typeof(DiagnoseAudienceSync), typeof(AudienceSyncAwaitingApproval),
        typeof(PlanBackfill), typeof(DeliverBackfill), typeof(VerifyBackfill), typeof(DiagnoseBackfill), typeof(BackfillRunChanged), typeof(DeliveryDue),
        typeof(SuppressPerson), typeof(EraseAtDestinations), typeof(EraseOwnTables), typeof(RecheckDestinations),
    ];

    private readonly List<Parcel> _parcels = [];

    public IReadOnlyList<Parcel> Parcels => _parcels;

    /// <summary>Takes a message for everybody who listens to it.</summary>
    public void Put(object message)
    {
        foreach (var (listeners, to) in new[] { (_ofSyncs, Syncs), (_ofBackfills, Backfills), (_ofErasures, Erasures), (_ofTheHub, Hub) })
        {
            if (listeners.Contains(message.GetType()))
            {
                _parcels.Add(new Parcel(message, to));
            }
        }
    }

    public void Acknowledge(Parcel parcel) => _parcels.Remove(parcel);

    /// <summary>The broker lived in the process that died.</summary>
    public void Clear() => _parcels.Clear();

    /// <summary>An endpoint that takes what is said to it, for whoever publishes and sends.</summary>
    public T Endpoint<T>(Action<object> put)
        where T : class => Standin.Of<T>((method, args) => method.Name switch
    {
        "Publish" or "Send" => Done(() => put(args[0]!)),
        nameof(ISendEndpointProvider.GetSendEndpoint) => Task.FromResult(Endpoint<ISendEndpoint>(put)),
        _ => throw new NotSupportedException($"{typeof(T).Name}.{method.Name} is not simulated."),
    });

    private static Task Done(Action put)
    {
        put();
        return Task.CompletedTask;
    }

    /// <summary>A message to one listener.</summary>
    internal sealed class Parcel(object message, string to)
    {
        public object Message => message;

        public string To => to;
    }
}
