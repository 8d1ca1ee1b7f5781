using System.Text.RegularExpressions;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Storage.Access;
using IntegrationHub.Storage.Audit;
using Microsoft.AspNetCore.RateLimiting;

namespace IntegrationHub.Hub.Security;

/// <summary>Keys over HTTP.</summary>
internal static partial class KeyRoutes
{
    private const int LongestText = 200;
    private const int MostKeys = 1_000;

    public static IServiceCollection AddKeys(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration("Hub:Limits").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RateLimiterOptions>().Configure<CallLimits>((limits, calls) => limits.GlobalLimiter = calls.Create());
        return services.AddSingleton<CallLimits>().AddSingleton<KeyRing>().AddHostedService<KeyUse>().AddHostedService<FirstAdmin>();
    }

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/keys", async (string? after, int? limit, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Of(await transactions.ReadAsync(db => AccessBook.ListAsync(db, ListRoutes.Ask(after, limit, 100, MostKeys), cancellationToken)), key => KeyJson.From(key, time.GetUtcNow()))))
            .WithName("listKeys").ProducesPage<KeyJson>().Needs(Scope.Admin);
        routes.MapPost("/v1/keys", CreateAsync).WithName("createKey").WithMetadata(new AnswersOnce()).Produces<KeyJson>(201).ProducesProblem(400).Needs(Scope.Admin)
            .Takes(new CommandTerms { Why = "note", InPlace = "it makes what was not there" });
        routes.MapPost("/v1/keys/{keyId}/revoke", RevokeAsync).WithName("revokeKey").Produces<KeyJson>().ProducesProblem(404).Needs(Scope.Admin)
            .Takes(CommandTerms.Blind("a key ends once, whatever it may"));
        routes.MapGet("/v1/caller", (HttpContext http) => Results.Json(CallerJson.From(http.Caller()))).WithName("showCaller").Produces<CallerJson>().WithMetadata(new OpenToEveryCaller());
    }

    private static async Task<IResult> CreateAsync(CreateKeyJson asked, HttpContext http, KeyRing keys, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (Refuse(asked, now) is { } refusal)
        {
            return refusal;
        }

        var (id, text) = SecretKey.Create();
        var parts = asked.Principal!.Split(':', 2);
        var key = new AccessKey
        {
            KeyId = id,
            Principal = new AccessPrincipal(asked.Principal, parts[0], parts[1], asked.Roles ?? []),
            Hash = SecretKey.HashOf(text),
            Scopes = asked.Scopes ?? [],
            Note = asked.Note,
            CreatedAt = now,
            CreatedBy = http.Caller().Id,
            ExpiresAt = asked.ExpiresAt,
        };
        var made = await transactions.RunAsync(
            async (db, _) =>
            {
                var owner = await AccessBook.AddAsync(db, key, cancellationToken);
                var allowed = Role.Allow(owner.Roles, key.Scopes);
                if (allowed.Count > 0)
                {
                    await AuditLog.AppendAsync(db, http.Entry("keys.create", $"key:{id}", $"for {owner.Id}, scopes {string.Join(' ', allowed.Order(StringComparer.Ordinal))}"), cancellationToken);
                }

                return (key with { Principal = owner }, allowed.Count > 0);
            },
            cancellationToken);
        keys.Forget();
        return Role.Allow(made.Principal.Roles, made.Scopes).Count == 0
            ? Problems.Of(400, "scopes-empty", "scopes", made.Principal.Roles.Count == 0
                ? $"The key would open nothing: {asked.Principal} has no role. Name roles, or scopes of its own."
                : $"The key would open nothing: the roles of {asked.Principal} ({string.Join(", ", made.Principal.Roles)}) allow none of the scopes. Name others, or leave scopes out for all that the roles allow.")
            : Results.Json(KeyJson.From(made, now) with { Key = text }, statusCode: 201);
    }

    private static IResult? Refuse(CreateKeyJson asked, DateTimeOffset now)
    {
        if (asked.Principal is null || !PrincipalId().IsMatch(asked.Principal) || asked.Principal == Principal.OfApiKey.Id)
        {
            return Problems.Of(400, "principal-malformed", "principal", "Say whose key it is: person:NAME or service:NAME, the name in lower-case letters, digits, dots and hyphens, at most 64. service:api-key is the key of the settings.");
        }

        if (asked.Roles?.FirstOrDefault(role => !Role.All.Contains(role)) is { } role)
        {
            return Problems.Of(400, "role-unknown", "roles", $"There is no role {role}. Roles are: {string.Join(", ", Role.All)}.");
        }

        if (asked.Scopes?.FirstOrDefault(scope => !Scope.All.Contains(scope)) is { } unknown)
        {
            return Problems.Of(400, "scope-unknown", "scopes", $"There is no scope {unknown}. Scopes are: {string.Join(", ", Scope.All)}.");
        }

        if (asked.ExpiresAt <= now)
        {
            return Problems.Of(400, "expiry-past", "expires_at", "expires_at is over already. Name a time to come, or leave it out.");
        }

        return asked.Note is { Length: > LongestText } ? Problems.Of(400, "field-too-long", "note", $"Say in at most {LongestText} characters what the key is for.") : null;
    }

    private static async Task<IResult> RevokeAsync(string keyId, WhyJson? said, HttpContext http, KeyRing keys, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (said?.Refuse() is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        await transactions.RunAsync(
            async (db, _) =>
            {
                if (await AccessBook.RevokeAsync(db, keyId, http.Caller().Id, now, cancellationToken))
                {
                    await AuditLog.AppendAsync(db, http.Entry("keys.revoke", $"key:{keyId}", said?.Reason), cancellationToken);
                }
            },
            cancellationToken);
        keys.Forget();
        return (await transactions.ReadAsync(db => AccessBook.ListAsync(db, cancellationToken))).FirstOrDefault(key => key.KeyId == keyId) is { } revoked
            ? Results.Json(KeyJson.From(revoked, now))
            : Problems.Of(404, "key-unknown", "key_id", "There is no such key. Its id is what stands between the underscores of its text; 'keys list' shows them.");
    }

    [GeneratedRegex(@"^(person|service):[a-z0-9][a-z0-9.-]{0,63}\z")]
    private static partial Regex PrincipalId();
}
