using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using MassTransit;

namespace IntegrationHub.Hub.Approvals;

/// <summary>What an approval of one kind sets free. Registered in the container; its methods run in the transaction of the decision, so both stand or neither.</summary>
internal interface IApprovable
{
    /// <summary>One of <see cref="ApprovalKind"/>.</summary>
    string Kind { get; }

    /// <summary>Somebody is about to agree: takes hold of what has to stand still while the decision is written, outside of its transaction, until that has ended; null for nothing.</summary>
    Task<IAsyncDisposable?> HoldAsync(Approval approval, CancellationToken cancellationToken) => Task.FromResult<IAsyncDisposable?>(null);

    /// <summary>The last agreement that was needed is given: lets go what waited.</summary>
    /// <exception cref="PlanChangedException">What was agreed to is not what would be done now.</exception>
    Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken);

    /// <summary>What was agreed to is not what would be done now, so that the question was withdrawn: asks about what would be, where that waits still.</summary>
    Task AskAgainAsync(HubDbContext db, Approval withdrawn, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Somebody refused, or it is too late: ends what waited.</summary>
    Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken);
}
