using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Makes a connector per destination: connector → client → authentication → the hub's transport.</summary>
internal sealed class MarketoConnectorFactory : IConnectorFactory
{
    public ConnectorDescriptor Descriptor => MarketoDescriptor.Value;

    public IReadOnlyList<SettingError> Validate(DestinationSettings settings) => MarketoOptions.Validate(settings);

    public IConnector Create(ConnectorContext context)
    {
        var options = MarketoOptions.Read(context.Settings);
        var authentication = new MarketoAuthHandler(context) { InnerHandler = context.Transport };
        return new MarketoConnector(options, new MarketoClient(authentication, context), context.Time);
    }
}
