namespace IntegrationHub.Storage.Alerts;

/// <summary>A change of state that somebody has to be told of.</summary>
/// <param name="Alert">The alert as it stands now.</param>
/// <param name="Event"><c>trigger</c> or <c>resolve</c>.</param>
public sealed record AlertChange(StoredAlert Alert, string Event)
{
    /// <summary>It is open, or more urgent than was told.</summary>
    public const string Trigger = "trigger";

    /// <summary>It is over.</summary>
    public const string Resolve = "resolve";
}
