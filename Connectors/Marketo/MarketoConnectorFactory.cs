using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Makes a connector per destination: connector → client → authentication → the hub's transport.</summary>
internal sealed class MarketoConnectorFactory : IConnectorFactory
{
    public ConnectorDescriptor Descriptor => MarketoDescriptor.Value;

    public IReadOnlyList<SettingError> Validate(DestinationSettings settings) => MarketoOptions.Validate(settings);

    public ConnectorBehind Create(ConnectorContext context)
    {
        var options = MarketoOptions.Read(context.Settings);
        var authentication = new MarketoAuthHandler(context) { InnerHandler = context.Transport };
        var types = new MarketoActivityTypes(context.Time);
        return gate => new MarketoConnector(options, new MarketoClient(authentication, context, gate), types, context.Time);
    }
}
