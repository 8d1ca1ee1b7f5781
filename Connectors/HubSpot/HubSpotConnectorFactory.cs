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

    public ConnectorBehind Create(ConnectorContext context)
    {
        var options = HubSpotOptions.Read(context.Settings, out _);
        var quota = new HubSpotQuota(context.Time) { AccountZone = options.AccountTimeZone };
        return gate => new HubSpotConnector(options, context, quota, gate);
    }
}
