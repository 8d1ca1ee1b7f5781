using System.Diagnostics;
using MassTransit.Logging;

namespace IntegrationHub.Hub.Observability;

/// <summary>Where nobody collects traces: has messages carry their trace id all the same, so that log lines of one piece of work can be found together. Ids alone; nothing else is noted.</summary>
internal sealed class TraceIds : IHostedService, IDisposable
{
    private static readonly string[] _sources = [DiagnosticHeaders.DefaultListenerName, HubTelemetry.Name];

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => _sources.Contains(source.Name),
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
    };

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ActivitySource.AddActivityListener(_listener);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();
}
