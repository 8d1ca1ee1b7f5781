namespace IntegrationHub.Hub.Configuration;

/// <summary>How somebody is told of an alert.</summary>
internal enum AlertRouteKind
{
    /// <summary>An incoming webhook of Slack.</summary>
    Slack,

    /// <summary>Events API v2 of PagerDuty.</summary>
    Pagerduty,

    /// <summary>E-mail.</summary>
    Email,

    /// <summary>A call that is signed as Standard Webhooks says.</summary>
    Webhook,
}
