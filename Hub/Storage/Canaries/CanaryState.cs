namespace IntegrationHub.Storage.Canaries;

/// <summary>What is known of a canary's trip to a destination.</summary>
public static class CanaryState
{
    /// <summary>What was stated is not shown yet, and need not be; of one who must not be there: nobody is, so far.</summary>
    public const string Travelling = "travelling";

    /// <summary>All that policy allows is shown, and nothing else.</summary>
    public const string Fine = "fine";

    /// <summary>It is not shown in time.</summary>
    public const string Missing = "missing";

    /// <summary>More is shown than policy allows.</summary>
    public const string Leaked = "leaked";

    /// <summary>The next trip began before anybody could say.</summary>
    public const string Unread = "unread";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Travelling, Fine, Missing, Leaked, Unread];
}
