using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>A connector whose calls are counted.</summary>
internal sealed class MeteredConnector
{
    public MeteredConnector(ConnectorBehind connect, ICallGate gate) => Connector = connect(Meter = new CallMeter(gate));

    /// <summary>The connector.</summary>
    public IConnector Connector { get; }

    /// <summary>What counts its calls.</summary>
    public CallMeter Meter { get; }
}
