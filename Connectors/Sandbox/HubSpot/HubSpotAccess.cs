using System.Collections.Concurrent;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Who may call what, and how often. Thread-safe.</summary>
internal sealed class HubSpotAccess(HubSpotLimits limits, TimeProvider time)
{
    public const string AccessToken = "sandbox-hubspot-access-token";
    public const string ContactRead = "crm.objects.contacts.read";
    public const string ContactWrite = "crm.objects.contacts.write";
    public const string SchemaRead = "crm.schemas.contacts.read";
    public const string SchemaWrite = "crm.schemas.contacts.write";
    public const string ListRead = "crm.lists.read";
    public const string ListWrite = "crm.lists.write";
    public const string Consent = "communication_preferences.read_write";
    public const string ConsentBatchRead = "communication_preferences.statuses.batch.read";
    public const string ConsentBatchWrite = "communication_preferences.statuses.batch.write";
    public const string EventSend = "analytics.behavioral_events.send";
    public const string EventDefinitions = "behavioral_events.event_definitions.read_write";

    /// <summary>Scopes per token; a token that is missing here is unknown.</summary>
    public ConcurrentDictionary<string, IReadOnlySet<string>> Tokens { get; } = new(new Dictionary<string, IReadOnlySet<string>>
    {
        [AccessToken] = new HashSet<string>
        {
            ContactRead, ContactWrite, SchemaRead, SchemaWrite, ListRead, ListWrite, Consent, ConsentBatchRead, ConsentBatchWrite, EventSend, EventDefinitions,
        },
    });

    /// <summary>When a token of OAuth ends; the others last.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> Ends { get; } = [];

    /// <summary>Admits a call, or answers why not.</summary>
    public bool Admits(SandboxCall call, string? scope)
    {
        var header = call.Http.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..] : "";
        if (!Tokens.TryGetValue(token, out var scopes))
        {
            HubSpotAnswers.Fail(call, 401, "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview");
            return false;
        }

        if (Ends.TryGetValue(token, out var end) && time.GetUtcNow() - end is { Ticks: >= 0 } late)
        {
            HubSpotAnswers.Fail(call, 401, "EXPIRED_AUTHENTICATION", $"The OAuth token used to make this call expired {(long)late.TotalSeconds} second(s) ago.",
                ("expire time", [end.UtcDateTime.ToString(HubSpotContactWrites.TimeFormat, System.Globalization.CultureInfo.InvariantCulture)]));
            return false;
        }

        switch (call.Fault?.Variant)
        {
            case HubSpotSandbox.OthersUsedBurst:
                limits.Spend(token, limits.BurstNow);
                break;
            case HubSpotSandbox.OthersUsedDay:
                limits.Spend("", int.MaxValue);
                break;
        }

        // Search has a budget of its own, and its answers carry no headers.
        var path = call.Http.Request.Path.Value!;
        if (path.EndsWith("/search", StringComparison.Ordinal) ? !limits.TryTakeSearch(call)
            : !limits.TryTake(token, call) || (path.Contains("/events/v3/send", StringComparison.Ordinal) && !limits.TryTakeEvents(call)))
        {
            return false;
        }

        if (scope is null || scopes.Contains(scope))
        {
            return true;
        }

        HubSpotAnswers.Fail(call, 403, "MISSING_SCOPES", "One or more of the following scopes are required.", ("requiredGranularScopes", [scope]));
        return false;
    }
}
