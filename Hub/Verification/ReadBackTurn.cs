using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Verification;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Verification;

/// <summary>Work that reads the members of an audience at a destination: one at a time over all instances, under a lease that is held while it lasts.</summary>
internal sealed partial class ReadBackTurn(HubInstance instance, OutboxTransaction transactions, IReadBackLeases leases, AudienceTargets targets, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<ReadBackTurn> logger)
{
    private long _turns;

    /// <summary>Works when it is our turn.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="audience">Key of the audience.</param>
    /// <param name="runId">The run that it is for.</param>
    /// <param name="work">The work, which is ended when the lease is lost.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    /// <returns>What the work gave; the default when somebody else reads this audience already, or took the lease.</returns>
    public async Task<T?> TakeAsync<T>(Destination destination, string audience, Guid runId, Func<AudienceTarget, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var (target, condition) = await targets.FindAsync(destination, audience, Lane.Bulk, cancellationToken);
        if (target is null)
        {
            throw new DestinationException(condition!);
        }

        var owner = $"{instance.Name}-{Interlocked.Increment(ref _turns)}";
        var lease = await transactions.RunAsync(
            (db, _) => leases.TakeAsync(db, destination.Name, audience, owner, options.Value.LeaseLength, cancellationToken), cancellationToken);
        if (lease is null)
        {
            return default;
        }

        try
        {
            await using var renewal = LeaseRenewal.Start(
                token => transactions.RunAsync((db, _) => leases.RenewAsync(db, lease, options.Value.LeaseLength, token), token),
                options.Value.LeaseLength, time, failure => LogRenewalFailed(runId, destination.Name, failure.GetType().Name), cancellationToken);
            try
            {
                return await work(target, renewal.Token);
            }
            catch (DestinationException trouble) when (trouble.Condition.Code == ReasonCode.AudienceGone)
            {
                throw new DestinationException(await targets.ForgetAsync(destination, target, null, cancellationToken));
            }
            catch (OperationCanceledException) when (renewal.IsLost)
            {
                return default;
            }
        }
        finally
        {
            await transactions.RunAsync((db, _) => leases.ReleaseAsync(db, lease, CancellationToken.None), CancellationToken.None);
        }
    }

    [LoggerMessage(1253, LogLevel.Warning, "Run {RunId}: could not renew the lease of the read-back of {Destination} ({Error})")]
    private partial void LogRenewalFailed(Guid runId, string destination, string error);
}
