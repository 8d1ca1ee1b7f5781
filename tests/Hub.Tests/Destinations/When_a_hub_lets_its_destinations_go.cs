using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Notices;
using IntegrationHub.Hub.Tests.Delivery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Destinations;

public sealed class When_a_hub_lets_its_destinations_go
{
    [Test]
    public async Task Should_close_the_transport_that_they_share()
    {
        var factory = new Factory();
        var configuration = Acme.Hub();
        var destination = configuration.Destinations[Acme.Name] with { UsesSandbox = false, BaseUrl = new Uri("http://127.0.0.1:9") };
        configuration = configuration with { Destinations = new Dictionary<string, DestinationConfiguration> { [Acme.Name] = destination } };
        await using var services = new ServiceCollection()
            .AddSingleton(Microsoft.Extensions.Options.Options.Create(new DeliveryOptions { Quotas = false }))
            .AddSingleton(TimeProvider.System).AddSingleton<NoticeBoard>().AddSingleton(HubInstance.Create()).AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).BuildServiceProvider();
        var directory = new DestinationComposition(configuration, [factory], null, services).Compose();
        using var calls = new HttpMessageInvoker(factory.Transport!, disposeHandler: false);

        Assert.That(await EndOfCallAsync(calls), Is.InstanceOf<HttpRequestException>(), "nobody listens, and it is tried");
        await directory.DisposeAsync();
        Assert.That(await EndOfCallAsync(calls), Is.InstanceOf<ObjectDisposedException>());
    }

    private static async Task<Exception?> EndOfCallAsync(HttpMessageInvoker calls)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:9/");
        try
        {
            (await calls.SendAsync(request, CancellationToken.None)).Dispose();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>Keeps what its connector was given.</summary>
    private sealed class Factory : IConnectorFactory
    {
        public HttpMessageHandler? Transport { get; private set; }

        public ConnectorDescriptor Descriptor => Acme.Descriptor;

        public IReadOnlyList<SettingError> Validate(DestinationSettings settings) => [];

        public ConnectorBehind Create(ConnectorContext context)
        {
            Transport = context.Transport;
            return _ => new AcmeConnector();
        }
    }
}
