namespace IntegrationHub.Hub.Configuration;

/// <summary>A route of <c>alerts.yaml</c>: who is told of which alerts, and how.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How.</param>
/// <param name="Severities">Which severities; empty for all.</param>
/// <param name="Destinations">Which destinations; empty for all, and for what concerns none.</param>
internal sealed record AlertRoute(string Name, AlertRouteKind Kind, IReadOnlyList<string> Severities, IReadOnlyList<string> Destinations)
{
    /// <summary>What only receiver and hub know: the address of Slack's webhook, PagerDuty's routing key, the mailbox's password, what a webhook is signed with; several only of a webhook, while one is replaced by another.</summary>
    public IReadOnlyList<SecretReference> Secrets { get; init; } = [];

    /// <summary>The first of them, or null.</summary>
    public SecretReference? Secret => Secrets is [var first, ..] ? first : null;

    /// <summary>With a webhook or PagerDuty: the address; null for the kind's own.</summary>
    public Uri? Url { get; init; }

    /// <summary>With e-mail: the server and those who write to each other; else null.</summary>
    public MailSection? Mail { get; init; }

    /// <summary>True when the route is told of an alert.</summary>
    public bool Takes(string severity, string? destination) =>
        (Severities.Count == 0 || Severities.Contains(severity)) && (Destinations.Count == 0 || (destination is not null && Destinations.Contains(destination)));
}
