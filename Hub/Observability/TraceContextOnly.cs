using System.Diagnostics;

namespace IntegrationHub.Hub.Observability;

/// <summary>Reads and writes traces and leaves baggage alone: what a producer puts there must not reach a vendor.</summary>
internal sealed class TraceContextOnly : DistributedContextPropagator
{
    private readonly DistributedContextPropagator _w3c = CreateW3CPropagator();

    /// <inheritdoc />
    public override IReadOnlyCollection<string> Fields { get; } = [ProducerTrace.Parent, ProducerTrace.State];

    /// <inheritdoc />
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => _w3c.Inject(
        activity,
        carrier,
        setter is null ? null : (to, name, value) =>
        {
            if (Fields.Contains(name))
            {
                setter(to, name, value);
            }
        });

    /// <inheritdoc />
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        _w3c.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    /// <inheritdoc />
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
