using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>Well while the broker sends facts.</summary>
internal sealed class FactBrokerHealth(FactBroker broker) : IHealthCheck
{
    /// <summary>Name of the check.</summary>
    public const string Name = "intake-from-broker";

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.IsConnected ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus));
}
