using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Audit;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Canaries;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Console;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Demo;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Census;
using IntegrationHub.Hub.Intake.Changes;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Intake.Catalog;
using IntegrationHub.Hub.Intake.Catalog.Drift;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Log;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Hub.Intake.Quarantine;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Map;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub;

/// <summary>One hub instance, ready to be started: configuration, storage, bus, destinations, API.</summary>
internal sealed class HubApplication : IAsyncDisposable
{
    /// <summary>Bytes. What is somewhat larger than a door takes is read to its end and answered; beyond this the connection is closed in the middle, and a caller may not hear why.</summary>
    private const long LargestCall = 2L * FactBody.MaxBytes;

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
        var instance = HubInstance.Create();
        builder.AddHubLogging(options, instance);
        builder.WebHost.UseUrls(options.Urls).ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, LargestCall)); // lists, which are read as a stream, lift it
        builder.Services.AddConnectors();

        var factories = builder.Services.BuildConnectorFactories();
        var configuration = HubSettings.Load(builder.Configuration, options, factories);
        var sandbox = configuration.Destinations.Values.Any(destination => destination.UsesSandbox)
            ? await SandboxServer.StartAsync(new SandboxOptions { QuotaScale = DestinationComposition.SandboxQuotaScale }, cancellationToken)
            : null;

        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(instance).AddSingleton(configuration).AddSingleton(TimeProvider.System).AddSingleton(new ApiKey(options.ApiKeyFile, options.RequireKeys || options.Oidc.IsOn)).AddSingleton(new LocalCalls(options.Urls));
        services.AddOptions<DeliveryOptions>().BindConfiguration("Hub:Delivery").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RetentionOptions>().BindConfiguration("Hub:Retention").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<OptOutOptions>().BindConfiguration("Hub:OptOuts").ValidateDataAnnotations().ValidateOnStart();
        services.AddHubTelemetry(builder.Configuration, instance).AddHubHealth();
        services.AddSingleton(configuration.Identity).AddSingleton(StatedNumbers.Keys(configuration));
        services.AddErasures(options);
        services.AddHubStorage(HubSettings.Storage(options));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RetentionOptions>>().Value.OfFacts(configuration.Facts.Values));
        services.AddSingleton(provider => new DestinationComposition(configuration, factories, sandbox, provider).Compose());
        services.AddHostedService<QuotaGiveBack>(); // before the bus, so that it stops after the bus has drained
        services.AddSingleton<OutboxTransaction>().AddSingleton<Doorbell>().AddSingleton<LiveBell>().AddSingleton<DestinationCheck>().AddSingleton<DestinationOverview>().AddSingleton<LiveOverview>();
        services.AddDelivery();
        services.AddSingleton<RunWaiting>().AddSingleton<SnapshotLoader>().AddSingleton<FieldTally>().AddSingleton<FactIntake>().AddSingleton<FactGathering>().AddSingleton<ListedConsents>().AddSingleton<PolicyCheck>().AddSingleton<ReceiptSignal>().AddSingleton<ChangeIntake>().AddSingleton<QuarantineRelease>().AddSingleton<ContestSweeper>();
        services.AddBackfills();
        services.AddHubBus(options);
        services.AddHostedService<RunRecovery>().AddHostedService<DoorbellSweeper>().AddHostedService<HeldMembershipsWatch>().AddHostedService<DeliveryStop>().AddHostedService<ReceiptNormaliser>().AddHostedService<ConsentExpiry>().AddHostedService(provider => provider.GetRequiredService<ContestSweeper>()).AddHostedService<OptOutPoller>().AddHostedService<FieldTallyWriter>();
        services.AddDeadLetters();
        services.AddReconciliation();
        services.AddKeys().AddProvider(options.Oidc).AddApprovals();
        services.AddSchedules(options, instance);
        services.AddCanaries(configuration);
        services.AddDiagnosis().AddAlerts();
        services.AddConsole();
        services.AddProblemDetails().AddHubDocument().AddIntakeDoor();
        services.AddSingleton<SampleJob>();
        customize?.Invoke(builder);

        var web = builder.Build();
        web.UseRequestLines();
        web.UseMiddleware<AnswerHeaders>();
        web.UseExceptionHandler();
        web.UseStatusCodePages();
        web.UseConsoleApi();
        web.UseRouting();
        web.UseMiddleware<ConsoleGate>();
        web.UseProvider();
        web.UseMiddleware<ApiKeyGate>();
        web.UseMiddleware<CommandGate>();
        web.UseRateLimiter();
        web.UseMiddleware<ReadBudget>();
        web.UseWhen(http => !WebhookDoor.Passes(http), open => open.UseRequestDecompression()); // a signature is over what came
        web.MapHealth();
        web.MapPrometheusScrapingEndpoint();
        web.MapOpenApi("/openapi/{documentName}.json");
        web.MapSnapshots();
        web.MapFacts();
        web.MapLog();
        web.MapConsents();
        web.MapPrivacy();
        web.MapIdentities();
        web.MapWebhooks();
        web.MapChanges();
        web.MapCensus();
        web.MapRuns();
        web.MapRunEvents();
        web.MapBackfills();
        web.MapRecords();
        web.MapDeadLetters();
        web.MapQuarantine();
        web.MapCatalog();
        web.MapAsyncApi();
        web.MapReconciliations();
        web.MapSchedules();
        web.MapCanaries();
        web.MapErasures();
        web.MapDiagnosis();
        web.MapAlerts();
        web.MapGoals();
        web.MapDestinations();
        web.MapMap();
        web.MapSeries();
        web.MapApprovals();
        web.MapKeys();
        web.MapPrincipals();
        web.MapAudit();
        web.MapConsole();
        return new HubApplication(web, sandbox);
    }

    /// <summary>Brings the database up to date where it may, tells it the configuration's routes, and starts.</summary>
    /// <exception cref="SchemaBehindException">The database lacks migrations, and <c>Hub:MigrateAtStart</c> leaves them to the step.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var scope = Web.Services.CreateAsyncScope())
        {
            await HubDatabase.PrepareAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), Web.Services.GetRequiredService<StorageOptions>(), cancellationToken);
        }

        var configuration = Web.Services.GetRequiredService<HubConfiguration>();
        var routes = configuration.Audiences.Values.SelectMany(audience => audience.Destinations.Select(destination => new AudienceRoute(audience.Key, destination))).ToList();
        var ledger = Web.Services.GetRequiredService<ILedger>();
        var directory = Web.Services.GetRequiredService<DestinationDirectory>();
        var consents = directory.All.SelectMany(destination => destination.ConsentPurposes.Select(purpose => new ConsentRoute(destination.Name, purpose))).ToList();
        var events = directory.All.SelectMany(destination => destination.EventNames.Select(name => new EventRoute(destination.Name, name))).ToList();
        var live = routes.Where(route => directory.Find(route.Destination) is { IsLive: true }).ToList();
        var partitions = Web.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value.Partitions;
        await Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await ledger.UseIdentityRulesAsync(db, cancellationToken);
                await ledger.RouteIdentityAsync(db, [.. directory.All.Select(destination => destination.IdentityRoute)], partitions, cancellationToken);
                await ledger.RouteAudiencesAsync(db, routes, cancellationToken);
                await ledger.RouteConsentsAsync(db, consents, partitions, cancellationToken);
                await ledger.RouteEventsAsync(db, events, partitions, cancellationToken);
                await ledger.RouteLiveAsync(db, live, partitions, cancellationToken);
            },
            cancellationToken);
        await Web.StartAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Web.StopAsync(CancellationToken.None);
        await Web.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }
    }
}
