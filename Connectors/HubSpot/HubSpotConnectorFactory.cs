using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

internal sealed class HubSpotConnectorFactory : IConnectorFactory
{
    public ConnectorDescriptor Descriptor => HubSpotDescriptor.Instance;

    public IReadOnlyList<SettingError> Validate(DestinationSettings settings)
    {
        _ = HubSpotOptions.Read(settings, out var errors);
        return errors;
    }

    public IConnector Create(ConnectorContext context) => new HubSpotConnector(context);
}
