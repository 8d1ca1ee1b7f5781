using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Alerts;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Console.Approvals;
using IntegrationHub.Hub.Console.Audiences;
using IntegrationHub.Hub.Console.Audit;
using IntegrationHub.Hub.Console.Backfills;
using IntegrationHub.Hub.Console.Catalog;
using IntegrationHub.Hub.Console.Changes;
using IntegrationHub.Hub.Console.Consent;
using IntegrationHub.Hub.Console.DeadLetters;
using IntegrationHub.Hub.Console.Deeds;
using IntegrationHub.Hub.Console.Destinations;
using IntegrationHub.Hub.Console.Erasures;
using IntegrationHub.Hub.Console.Find;
using IntegrationHub.Hub.Console.Hubs;
using IntegrationHub.Hub.Console.Layout;
using IntegrationHub.Hub.Console.Map;
using IntegrationHub.Hub.Console.Overview;
using IntegrationHub.Hub.Console.People;
using IntegrationHub.Hub.Console.Runs;
using IntegrationHub.Hub.Console.Schedules;
using IntegrationHub.Hub.Console.Shadows;
using IntegrationHub.Hub.Console.SignIn;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console;

/// <summary>The operations console: pages that the hub renders, of what its own API answers (decision 0062).</summary>
internal static class ConsoleSetup
{
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddRazorComponents();
        // Nothing of the console is sealed with a key of the machine: sessions stand in the database, forms follow from the browser's cookie. So no key ring is made either.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        foreach (var keeper in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(EphemeralDataProtectionProvider).Assembly).ToList())
        {
            services.Remove(keeper);
        }

        services.Configure<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme, browser => ProviderSignIn.Listen(browser.Events));
        return services.AddSingleton<HubApi>().AddSingleton<BrowserSessions>().AddSingleton<ProviderSignIn>();
    }

    /// <summary>Lets the console call what answers from here on; has to stand before routing.</summary>
    public static void UseConsoleApi(this WebApplication web) => web.Use(next =>
    {
        web.Services.GetRequiredService<HubApi>().Pipeline = next;
        return next;
    });

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        Page<OverviewPage>("/", Scope.RunsRead);
        Page<RunsPage>("/runs", Scope.RunsRead);
        Page<RunPage>("/runs/{run:guid}", Scope.RunsRead);
        Page<RecordsPage>("/runs/{run:guid}/records", Scope.PeopleRead);
        Page<FindingsPage>("/runs/{run:guid}/findings", Scope.RunsRead);
        Page<DeadLettersPage>("/dead-letters", Scope.RunsRead);
        Page<GroupPage>("/dead-letters/group", Scope.RunsRead);
        Page<LettersPage>("/dead-letters/list", Scope.RunsRead);
        Page<LetterPage>("/dead-letters/{letter:long}", Scope.RunsRead);
        Page<ActionsPage>("/actions", Scope.RunsRead);
        Page<ActionPage>("/actions/{action:long}", Scope.RunsRead);
        Page<DestinationsPage>("/destinations", Scope.RunsRead);
        Page<DestinationPage>("/destinations/{destination}", Scope.RunsRead);
        Page<MinutesPage>("/destinations/{destination}/minutes", Scope.RunsRead);
        Page<BacklogPage>("/destinations/{destination}/backlog", Scope.RunsRead);
        Page<ApprovalsPage>("/approvals", Scope.RunsRead);
        Page<ApprovalPage>("/approvals/{approval:guid}", Scope.RunsRead);
        Page<AudiencesPage>("/audiences", Scope.RunsRead);
        Page<DriftPage>("/runs/{run:guid}/drift", Scope.RunsRead);
        Page<BackfillsPage>("/backfills", Scope.RunsRead);
        Page<SchedulesPage>("/schedules", Scope.RunsRead);
        Page<AlertsPage>("/alerts", Scope.RunsRead);
        Page<HubsPage>("/hubs", Scope.RunsRead);
        Page<CatalogPage>("/catalog", Scope.RunsRead);
        Page<EventTypePage>("/catalog/{event_type}", Scope.RunsRead);
        Page<MapPage>("/map", Scope.RunsRead);
        Page<ChangesPage>("/changes", Scope.RunsRead);
        Page<ChangePage>("/changes/{version:long}", Scope.RunsRead);
        Page<ShadowsPage>("/shadows", Scope.RunsRead);
        Page<ShadowPeoplePage>("/shadows/{source}/people", Scope.PeopleRead);
        Page<PeoplePage>("/people", Scope.PeopleRead);
        Page<PersonPage>("/people/{profile:long}", Scope.PeopleRead);
        Page<ConsentPage>("/consent", Scope.PeopleRead);
        Page<ConsentPartsPage>("/consent/parts", Scope.RunsRead);
        Page<ErasuresPage>("/erasures", Scope.PrivacyWrite);
        Page<ErasurePage>("/erasures/{erasure:guid}", Scope.PrivacyWrite);
        Page<AuditPage>("/audit", Scope.AuditRead);
        routes.MapFind();
        routes.MapDeeds();
        routes.MapPeople();
        routes.MapConsent();
        routes.MapSignIn();
        if (routes.ServiceProvider.GetRequiredService<OidcOptions>().SignsIn)
        {
            routes.MapProviderSignIn();
        }

        routes.MapFiles();

        void Page<TPage>(string path, string scope)
            where TPage : IComponent =>
            routes.MapGet(path, () => new RazorComponentResult<TPage> { PreventStreamingRendering = true }).WithMetadata(new ConsolePage()).Needs(scope).ExcludeFromDescription();
    }
}
