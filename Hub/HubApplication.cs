using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Demo;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Quotas;
using IntegrationHub.Storage;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub;

/// <summary>One hub instance, ready to be started: configuration, storage, bus, destinations, API.</summary>
internal sealed class HubApplication : IAsyncDisposable
{
    /// <summary>The sandboxes in the hub's own process have ten times the vendors' quotas, so that nobody waits minutes for a first look.</summary>
    private const double SandboxQuotaScale = 10;

    private readonly SandboxServer? _sandbox;

    private HubApplication(WebApplication web, SandboxServer? sandbox)
    {
        Web = web;
        _sandbox = sandbox;
    }

    public WebApplication Web { get; }

    /// <summary>The sandboxes in this process, or null when every destination has a vendor of its own.</summary>
    public SandboxServer? Sandbox => _sandbox;

    /// <summary>Builds the instance.</summary>
    /// <param name="args">Settings as <c>--Hub:Bus=RabbitMq</c>; environment variables such as <c>Hub__Bus</c> work as usual.</param>
    /// <param name="customize">Last word on the builder; for tests that listen in. Null for none.</param>
    /// <param name="cancellationToken">Ends the building.</param>
    /// <exception cref="GlobalizationException">The process runs without Unicode's data.</exception>
    /// <exception cref="HubConfigurationException">The configuration has errors; all of them are in it.</exception>
    public static async Task<HubApplication> BuildAsync(string[] args, Action<WebApplicationBuilder>? customize, CancellationToken cancellationToken)
    {
        Globalization.Begin();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var options = HubSettings.Read(builder.Configuration);
        builder.AddHubLogging(options);
        builder.WebHost.UseUrls(options.Urls);
        builder.Services.AddConnectors();

        var factories = builder.Services.BuildConnectorFactories();
        var configuration = HubSettings.Load(builder.Configuration, options, factories);
        var sandbox = configuration.Destinations.Values.Any(destination => destination.UsesSandbox)
            ? await SandboxServer.StartAsync(new SandboxOptions { QuotaScale = SandboxQuotaScale }, cancellationToken)
            : null;

        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(configuration).AddSingleton(TimeProvider.System).AddSingleton(new ApiKey(options.ApiKeyFile));
        services.AddOptions<DeliveryOptions>().BindConfiguration("Hub:Delivery").ValidateDataAnnotations().ValidateOnStart();
        services.AddHubTelemetry(builder.Configuration).AddHubHealth();
        services.AddHubStorage(HubSettings.Storage(options));
        services.AddSingleton(provider => Destinations(configuration, factories, sandbox, provider));
        services.AddSingleton<OutboxTransaction>().AddSingleton<Doorbell>().AddSingleton<DestinationHealth>().AddSingleton<AudienceTargets>().AddSingleton<DestinationOverview>();
        services.AddSingleton<SendingMarks>().AddSingleton<BatchSender>().AddSingleton<ClaimSettler>().AddSingleton<BulkDrain>().AddSingleton<PartitionDrain>().AddSingleton<AudienceSyncPlanner>().AddSingleton<MemberReadBack>();
        services.AddSingleton<RunStarter>().AddSingleton<SnapshotLoader>();
        services.AddHubBus(options);
        services.AddHostedService<RunRecovery>().AddHostedService<DoorbellSweeper>();
        services.AddProblemDetails().AddOpenApi();
        services.AddSingleton<SampleJob>();
        customize?.Invoke(builder);

        var web = builder.Build();
        web.UseExceptionHandler();
        web.UseStatusCodePages();
        web.UseMiddleware<ApiKeyGate>();
        web.MapHealth();
        web.MapPrometheusScrapingEndpoint();
        web.MapOpenApi("/openapi/{documentName}.json");
        web.MapSnapshots();
        web.MapRuns();
        web.MapRecords();
        web.MapDeadLetters();
        web.MapDestinations();
        return new HubApplication(web, sandbox);
    }

    /// <summary>Brings the database up to date, tells it the configuration's routes, and starts.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var scope = Web.Services.CreateAsyncScope())
        {
            await HubDatabase.MigrateAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), cancellationToken);
        }

        var configuration = Web.Services.GetRequiredService<HubConfiguration>();
        var routes = configuration.Audiences.Values.SelectMany(audience => audience.Destinations.Select(destination => new AudienceRoute(audience.Key, destination))).ToList();
        var ledger = Web.Services.GetRequiredService<ILedger>();
        var directory = Web.Services.GetRequiredService<DestinationDirectory>();
        var consents = directory.All.SelectMany(destination => destination.ConsentPurposes.Select(purpose => new ConsentRoute(destination.Name, purpose))).ToList();
        var events = directory.All.SelectMany(destination => destination.EventNames.Select(name => new EventRoute(destination.Name, name))).ToList();
        var partitions = Web.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value.Partitions;
        await Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await ledger.RouteAudiencesAsync(db, routes, cancellationToken);
                await ledger.RouteConsentsAsync(db, consents, partitions, cancellationToken);
                await ledger.RouteEventsAsync(db, events, partitions, cancellationToken);
            },
            cancellationToken);
        await Web.StartAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Web.StopAsync();
        await Web.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }
    }

    private static DestinationDirectory Destinations(
        HubConfiguration configuration, IReadOnlyList<IConnectorFactory> factories, SandboxServer? sandbox, IServiceProvider provider)
    {
        var transport = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        return new DestinationDirectory(configuration.Destinations.ToDictionary(entry => entry.Key, entry =>
        {
            var destination = entry.Value;
            var factory = factories.Single(factory => factory.Descriptor.Name == destination.Connector);
            var settings = destination.UsesSandbox
                ? destination.ToSettings(sandbox!.BaseUrl(destination.Connector), sandbox[destination.Connector].Vendor.Credentials)
                : destination.ToSettings();
            var limits = Limits(destination, factory.Descriptor, provider);
            var gate = Gate(destination.Name, limits, provider);
            return new Destination(
                destination,
                configuration,
                factory.Create(new ConnectorContext
                {
                    Settings = settings,
                    Transport = transport,
                    Gate = gate ?? OpenGate.Instance,
                    Time = provider.GetRequiredService<TimeProvider>(),
                    Loggers = provider.GetRequiredService<ILoggerFactory>(),
                }),
                limits,
                gate);
        }, StringComparer.Ordinal));
    }

    private static QuotaLimits Limits(DestinationConfiguration destination, ConnectorDescriptor descriptor, IServiceProvider provider)
    {
        var zone = destination.Settings.TryGetValue("account_time_zone", out var name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : null;
        var scale = destination.UsesSandbox ? SandboxQuotaScale : provider.GetRequiredService<IOptions<DeliveryOptions>>().Value.QuotaScale;
        return QuotaLimits.For(descriptor, destination.Quota, destination.DailyShares, zone, scale);
    }

    private static QuotaGate? Gate(string destination, QuotaLimits limits, IServiceProvider provider) =>
        !provider.GetRequiredService<IOptions<DeliveryOptions>>().Value.Quotas
            ? null
            : new QuotaGate(
                destination,
                $"{Environment.MachineName}-{Environment.ProcessId}-{NewId.NextGuid():N}",
                limits,
                new StoredQuotaExchange(destination, provider.GetRequiredService<OutboxTransaction>(), provider.GetRequiredService<IQuotaStore>()),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<QuotaGate>>());
}
