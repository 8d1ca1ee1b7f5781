using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Shadows;
using IntegrationHub.Hub.Versions.Effects;
using IntegrationHub.Storage.Configurations;

namespace IntegrationHub.Hub.Versions;

/// <summary>Versions of the configuration over HTTP.</summary>
internal static class ConfigurationRoutes
{
    private const int MostVersions = 500;
    private const int LongestText = 500;

    public static void MapConfigurations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/config", ShowAsync).WithName("showConfiguration").Produces<ConfigurationStandingJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/config/versions", ListAsync).WithName("listConfigurationVersions").ProducesPage<ConfigurationVersionJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/config/versions/{version:long}", FindAsync).WithName("showConfigurationVersion").Produces<ConfigurationVersionJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/config/versions/{version:long}/plan", PlanVersionAsync).WithName("showConfigurationPlan").Produces<ConfigurationPlanJson>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).Needs(Scope.RunsRead);
        routes.MapPost("/v1/config/versions/plan", PlanAsync).WithName("planConfiguration").Produces<ConfigurationPlanJson>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).Needs(Scope.ConfigPlan).Takes(CommandTerms.Question);
        routes.MapPost("/v1/config/versions/apply", ApplyAsync).WithName("applyConfiguration").Produces<AppliedConfiguration>().Produces<AppliedConfiguration>(202)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).Needs(Scope.ConfigApply)
            .Takes(new CommandTerms { WhyNeeded = "with `version`, which goes back", Seen = "plan_hash", SeenNeeded = CommandTerms.Always });
    }

    private static async Task<IResult> ShowAsync(RunningConfiguration running, HubOptions options, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        var (active, stored) = await transactions.ReadAsync(async db =>
        {
            var found = await ConfigurationBook.ActiveAsync(db, cancellationToken);
            return (found, found is null ? null : await ConfigurationBook.FindAsync(db, found.Version, cancellationToken));
        });
        return active is null || stored is null
            ? Unknown(0)
            : Results.Json(new ConfigurationStandingJson
            {
                Active = ConfigurationVersionJson.Of(stored.Entry, active.Version, stored.Files),
                ActivatedAt = active.ActivatedAt,
                ActivatedBy = active.ActivatedBy,
                Running = running.Version ?? RunningConfiguration.None,
                Apply = options.Config.Apply == ConfigApply.Auto ? "auto" : "manual",
                IsPending = running.IsPending,
                Obstacles = [.. running.Obstacles.Select(obstacle => obstacle.ToString())],
            });
    }

    private static async Task<IResult> ListAsync(string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        var (active, page) = await transactions.ReadAsync(async db =>
            (await ConfigurationBook.ActiveAsync(db, cancellationToken), await ConfigurationBook.ListAsync(db, ListRoutes.Ask(after, limit, 100, MostVersions), cancellationToken)));
        return Results.Json(PageJson.Of(page, entry => ConfigurationVersionJson.Of(entry, active?.Version)));
    }

    private static async Task<IResult> FindAsync(long version, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        var (active, stored) = await transactions.ReadAsync(async db => (await ConfigurationBook.ActiveAsync(db, cancellationToken), await ConfigurationBook.FindAsync(db, version, cancellationToken)));
        return stored is null ? Unknown(version) : Results.Json(ConfigurationVersionJson.Of(stored.Entry, active?.Version, stored.Files));
    }

    private static async Task<IResult> PlanAsync(
        ConfigurationBody? body, HttpRequest request, ConfigurationDesk desk, EffectsReader effects, ShadowComparer shadows, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
        await ReadAsync(body, transactions, cancellationToken) is var (files, refused) && files is null
            ? refused!
            : await TellAsync(files, body!.Effects, request, desk, effects, shadows, time, cancellationToken);

    /// <summary>What it would do to go to a version from the one in force.</summary>
    private static async Task<IResult> PlanVersionAsync(
        long version, string? effects, HttpRequest request, ConfigurationDesk desk, EffectsReader reader, ShadowComparer shadows, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
        await transactions.ReadAsync(db => ConfigurationBook.FindAsync(db, version, cancellationToken)) is { } stored
            ? await TellAsync(ConfigurationFiles.Of(stored.Files), effects, request, desk, reader, shadows, time, cancellationToken)
            : Unknown(version);

    private static async Task<IResult> TellAsync(ConfigurationFiles files, string? asked, HttpRequest request, ConfigurationDesk desk, EffectsReader effects, ShadowComparer shadows, TimeProvider time, CancellationToken cancellationToken)
    {
        var scope = asked ?? EffectScope.Sample;
        if (!EffectScope.All.Contains(scope))
        {
            return Problems.Of(400, "field-invalid", "effects", $"'effects' is one of {string.Join(", ", EffectScope.All)}.");
        }

        var (plan, refusal) = await desk.PlanAsync(files, cancellationToken);
        if (plan is null)
        {
            return Problem(refusal!);
        }

        // A comparison reads everybody, which is not for a page and its budget.
        var cutOvers = scope == EffectScope.None || !HttpMethods.IsPost(request.Method) ? null : await shadows.CompareAsync(ShadowChanges.TakenOver(shadows.Shadows, plan.Configuration), cancellationToken);
        if (scope == EffectScope.Exact && request.Headers.Accept.Any(accepts => accepts?.Contains(EffectsProgress.MediaType, StringComparison.OrdinalIgnoreCase) is true))
        {
            return Results.Stream(
                answer => EffectsProgress.WriteAsync(
                    answer, async progress => ConfigurationPlanJson.Of(plan, desk.IsAsked(plan), await effects.ReadAsync(plan.Configuration, exact: true, progress, cancellationToken, plan.Comparison.RenamedAudiences), cutOvers), time, cancellationToken),
                EffectsProgress.MediaType);
        }

        var told = scope == EffectScope.None || plan.Comparison.Changes.Count == 0 ? null : await effects.ReadAsync(plan.Configuration, scope == EffectScope.Exact, null, cancellationToken, plan.Comparison.RenamedAudiences);
        return Results.Json(ConfigurationPlanJson.Of(plan, desk.IsAsked(plan), told, cutOvers));
    }

    private static async Task<IResult> ApplyAsync(ConfigurationBody? body, HttpContext http, ConfigurationDesk desk, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body?.PlanHash))
        {
            return Problems.Of(400, "field-missing", "plan_hash", "Give in 'plan_hash' the hash of the plan that you looked at: POST /v1/config/versions/plan.");
        }

        if (await ReadAsync(body, transactions, cancellationToken) is var (files, refused) && files is null)
        {
            return refused!;
        }

        var why = body.Message ?? body.Reason;
        if (why is { Length: > LongestText } || body.GitCommit is { Length: > LongestText })
        {
            return Problems.Of(400, "field-invalid", "message", $"'message' and 'git_commit' hold at most {LongestText} characters.");
        }

        if (body.Version is { } back && string.IsNullOrWhiteSpace(why))
        {
            return CommandRouting.WhyMissing($"version {back}", "what others put in force is taken back");
        }

        var source = body.Version is { } version ? ConfigurationSource.Rollback + version.ToString(CultureInfo.InvariantCulture) : ConfigurationSource.Applied;
        var entry = http.Entry(body.Version is null ? "config.apply" : "config.rollback", "config", string.IsNullOrWhiteSpace(why) ? null : why.Trim());
        var (applied, refusal) = await desk.ApplyAsync(files, body.PlanHash, source, body.GitCommit, entry, cancellationToken);
        return applied is null ? Problem(refusal!) : Results.Json(applied, statusCode: applied.State == AppliedConfiguration.Waiting ? 202 : 200);
    }

    private static async Task<(ConfigurationFiles? Files, IResult? Refusal)> ReadAsync(ConfigurationBody? body, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        switch (body)
        {
            case { Files: { Count: > 0 } files, Version: null }:
                return (ConfigurationFiles.Of(files), null);
            case { Version: { } version, Files: null }:
                return await transactions.ReadAsync(db => ConfigurationBook.FindAsync(db, version, cancellationToken)) is { } stored
                    ? (ConfigurationFiles.Of(stored.Files), null)
                    : (null, Unknown(version));
            default:
                return (null, Problems.Of(400, "field-missing", "files", "Give either 'files', the text of each file by its path, or 'version', an earlier version to go back to."));
        }
    }

    private static IResult Problem(ConfigurationRefusal refusal) => Problems.Of(
        refusal.Status, refusal.Type, refusal.Field, refusal.Detail,
        refusal.Errors.Count == 0 ? null : new Dictionary<string, object?> { ["errors"] = refusal.Errors.Select(error => new { file = error.File, line = error.Line, problem = error.Problem, fix = error.Fix }).ToList() });

    private static IResult Unknown(long version) => Problems.Of(404, "config-version-unknown", "version", $"There is no version {version} of the configuration. GET /v1/config/versions lists them.");
}
