using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Audit;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Canaries;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Console;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Demo;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Fields;
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
using IntegrationHub.Hub.Notices;
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
using IntegrationHub.Hub.Shadows;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub;

/// <summary>One hub instance, ready to be started: configuration, storage, bus, destinations, API.</summary>
internal sealed class HubApplication : IAsyncDisposable
{
    /// <summary>Bytes. What is somewhat larger than a door takes is read to its end and answered; beyond this the connection is closed in the middle, and a caller may not hear why.</summary>
    private const long LargestCall = 2L * FactBody.MaxBytes;

    private SandboxServer? _sandbox;
    private bool _isDisposed;

    private HubApplication(WebApplication web, SandboxServer? sandbox)
    {
        Web = web;
        _sandbox = sandbox;
    }

    public WebApplication Web { get; }

    /// <summary>The sandboxes in this process, or null when every destination has a vendor of its own.</summary>
    public SandboxServer? Sandbox => _sandbox;

    /// <summary>The configuration that it runs.</summary>
    public RunningConfiguration Running => Web.Services.GetRequiredService<RunningConfiguration>();

    /// <summary>Builds the instance. Programs that host a hub call this by its name.</summary>
    /// <param name="args">Settings as <c>--Hub:Bus=RabbitMq</c>; environment variables such as <c>Hub__Bus</c> work as usual.</param>
    /// <param name="customize">Last word on the builder; for tests that listen in. Null for none.</param>
    /// <param name="cancellationToken">Ends the building.</param>
    /// <exception cref="GlobalizationException">The process runs without Unicode's data.</exception>
    /// <exception cref="HubConfigurationException">The configuration has errors; all of them are in it.</exception>
    public static Task<HubApplication> BuildAsync(string[] args, Action<WebApplicationBuilder>? customize, CancellationToken cancellationToken) => ComposeAsync(args, customize, null, cancellationToken);

    /// <summary>Builds the instance that takes the place of another one in this process.</summary>
    /// <param name="args">As for the other one.</param>
    /// <param name="successor">What it begins with.</param>
    /// <param name="cancellationToken">Ends the building.</param>
    /// <exception cref="HubConfigurationException">The configuration has errors; all of them are in it.</exception>
    public static Task<HubApplication> SucceedAsync(string[] args, Successor successor, CancellationToken cancellationToken) => ComposeAsync(args, null, successor, cancellationToken);

    private static async Task<HubApplication> ComposeAsync(string[] args, Action<WebApplicationBuilder>? customize, Successor? successor, CancellationToken cancellationToken)
    {
        Globalization.Begin();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var options = HubSettings.Read(builder.Configuration);
        var instance = HubInstance.Create();
        builder.AddHubLogging(options, instance);
        builder.WebHost.UseUrls(options.Urls).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, LargestCall)); // lists, which are read as a stream, lift it
        builder.Services.AddConnectors();

        var factories = builder.Services.BuildConnectorFactories();
        var chosen = await ConfigurationCompiler.ChooseAsync(options, successor, cancellationToken);
        var configuration = Load(builder.Configuration, options, factories, chosen);
        var sandbox = successor?.Sandbox ?? (configuration.Destinations.Values.Any(destination => destination.UsesSandbox)
            ? await SandboxServer.StartAsync(new SandboxOptions { QuotaScale = DestinationComposition.SandboxQuotaScale }, cancellationToken)
            : null);

        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(instance).AddSingleton(configuration).AddSingleton(TimeProvider.System).AddSingleton(new ApiKey(options.ApiKeyFile, options.RequireKeys || options.Oidc.IsOn)).AddSingleton(new LocalCalls(options.Urls));
        services.AddConfigurationVersions(new RunningConfiguration(chosen!.Value.Files, chosen.Value.Version));
        services.AddOptions<DeliveryOptions>().BindConfiguration("Hub:Delivery").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RetentionOptions>().BindConfiguration("Hub:Retention").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<OptOutOptions>().BindConfiguration("Hub:OptOuts").ValidateDataAnnotations().ValidateOnStart();
        services.AddHubTelemetry(builder.Configuration, instance).AddHubHealth();
        services.AddSingleton(configuration.Identity).AddSingleton(StatedNumbers.Keys(configuration)).AddSingleton(OwnershipRules.InLedgerOf(configuration));
        services.AddErasures(options);
        services.AddHubStorage(HubSettings.Storage(options)).AddSingleton<IExceptionHandler>(new MissingSecretAnswer<MissingSealingKeyException>("encryption-key-missing", EncryptionKeys.Setting))
            .AddSingleton<IExceptionHandler>(new MissingSecretAnswer<BrokenSealException>("seal-broken", EncryptionKeys.Setting));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RetentionOptions>>().Value.OfFacts(configuration.Facts.Values));
        services.AddSingleton(provider => new DestinationComposition(configuration, factories, sandbox, provider).Compose());
        services.AddHostedService<PlainRoadWatch>();
        services.AddDiagnosis().AddHostedService<QuotaGiveBack>(); // before the bus, so that both stop after it has drained: until then the hub holds leases and is heard of
        services.AddSingleton<OutboxTransaction>().AddSingleton<Doorbell>().AddSingleton<LiveBell>().AddSingleton<NoticeBoard>().AddSingleton<DestinationCheck>().AddSingleton<DestinationOverview>().AddSingleton<LiveOverview>();
        services.AddDelivery();
        services.AddSingleton<OpenSituation>().AddSingleton<RunWaiting>().AddSingleton<SnapshotLoader>().AddSingleton<FieldTally>().AddSingleton<FactTerms>().AddSingleton<FactIntake>().AddSingleton<FactGathering>().AddSingleton<ListedConsents>().AddSingleton<ShadowList>().AddSingleton<PolicyCheck>().AddSingleton<ReceiptSignal>().AddSingleton<ChangeIntake>().AddSingleton<QuarantineRelease>().AddSingleton<ContestSweeper>();
        services.AddBackfills();
        services.AddHubBus(options);
        services.AddHostedService<RunRecovery>().AddHostedService<DoorbellSweeper>().AddHostedService<HeldMembershipsWatch>().AddHostedService<DeliveryStop>().AddHostedService<ReceiptNormaliser>().AddHostedService<ConsentExpiry>().AddHostedService(provider => provider.GetRequiredService<ContestSweeper>()).AddHostedService<OptOutPoller>().AddHostedService<FieldTallyWriter>().AddHostedService<NoticeWriter>();
        services.AddDeadLetters();
        services.AddReconciliation();
        services.AddKeys().AddProvider(options.Oidc).AddApprovals();
        services.AddSchedules(options, instance);
        services.AddCanaries(configuration);
        services.AddAlerts().AddExplain().AddShadows();
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
        web.MapExplain();
        web.MapShadows();
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
        web.MapFields();
        web.MapMap();
        web.MapSeries();
        web.MapFlow();
        web.MapApprovals();
        web.MapKeys();
        web.MapPrincipals();
        web.MapAudit();
        web.MapConfigurations();
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

        await Web.Services.GetRequiredService<ConfigurationActivation>().BeginAsync(cancellationToken);
        await Web.StartAsync(cancellationToken);
    }

    /// <summary>Keeps the sandboxes going when the instance ends: they are another one's now.</summary>
    public SandboxServer? ReleaseSandbox() => Interlocked.Exchange(ref _sandbox, null);

    /// <summary>The configuration, checked with this process's connectors, settings and secrets.</summary>
    /// <exception cref="HubConfigurationException">It has errors, or there is none.</exception>
    private static HubConfiguration Load(IConfiguration settings, HubOptions options, IReadOnlyList<IConnectorFactory> factories, (ConfigurationFiles Files, long? Version)? chosen)
    {
        if (chosen is not { } begin)
        {
            return HubSettings.Load(settings, options, factories); // says that there is no folder
        }

        var result = HubSettings.Check(settings, options, factories, begin.Files);
        return result.Configuration ?? throw new HubConfigurationException(begin.Version is not { } version ? result.Errors :
        [
            new ConfigurationError(FormattableString.Invariant($"config version {version}"), 0, "The version in force cannot be run by this hub.", "Mend what the next lines say, often a secret that is missing here; or let a hub that runs go back: 'config rollback'."),
            .. result.Errors,
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await Web.StopAsync(CancellationToken.None);
        await Web.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }
    }
}
