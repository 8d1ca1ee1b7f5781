using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Notices;
using IntegrationHub.Storage.Quotas;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Destinations;

/// <summary>Builds every configured destination: its connector on one shared transport, behind a quota gate of its own.</summary>
internal sealed class DestinationComposition(
    HubConfiguration configuration, IReadOnlyList<IConnectorFactory> factories, SandboxServer? sandbox, IServiceProvider services)
{
    /// <summary>The sandboxes in the hub's own process have ten times the vendors' quotas, so that nobody waits minutes for a first look.</summary>
    public const double SandboxQuotaScale = 10;

    private readonly DeliveryOptions _options = services.GetRequiredService<IOptions<DeliveryOptions>>().Value;
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly HubInstance _instance = services.GetRequiredService<HubInstance>();

    public DestinationDirectory Compose()
    {
        var transport = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        return new DestinationDirectory(
            configuration.Destinations.ToDictionary(entry => entry.Key, entry => Compose(entry.Value, transport), StringComparer.Ordinal), transport);
    }

    private Destination Compose(DestinationConfiguration destination, HttpMessageHandler transport)
    {
        var factory = factories.Single(factory => factory.Descriptor.Name == destination.Connector);
        var settings = destination.UsesSandbox
            ? destination.ToSettings(sandbox!.BaseUrl(destination.Connector), sandbox[destination.Connector].Vendor.Credentials)
            : destination.ToSettings();
        var quota = Quota(destination, factory.Descriptor);
        var connect = factory.Create(new ConnectorContext
        {
            Settings = settings,
            Transport = transport,
            Time = _time,
            Notices = services.GetRequiredService<NoticeBoard>().For(destination.Name),
            Loggers = services.GetRequiredService<ILoggerFactory>(),
        });
        return new Destination(destination, configuration, factory.Descriptor, connect, quota, _time);
    }

    /// <summary>The quota that a destination's file gives it.</summary>
    public static QuotaLimits LimitsOf(DestinationConfiguration destination, ConnectorDescriptor descriptor, DeliveryOptions options)
    {
        var zone = destination.Settings.TryGetValue("account_time_zone", out var name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : null;
        return QuotaLimits.For(descriptor, destination.Quota, destination.DailyShares, zone, destination.UsesSandbox ? SandboxQuotaScale : options.QuotaScale) with { BackfillShare = destination.Backfill.Share };
    }

    private DestinationQuota Quota(DestinationConfiguration destination, ConnectorDescriptor descriptor)
    {
        var limits = LimitsOf(destination, descriptor, _options);
        if (!_options.Quotas)
        {
            return DestinationQuota.Uncounted(limits);
        }

        var exchange = new StoredQuotaExchange(destination.Name, limits, services.GetRequiredService<OutboxTransaction>(), services.GetRequiredService<IQuotaStore>());
        var gate = new QuotaGate(destination.Name, _instance.Name, limits, exchange, _time, services.GetRequiredService<ILogger<QuotaGate>>());
        return DestinationQuota.Counted(limits, gate, exchange);
    }
}
