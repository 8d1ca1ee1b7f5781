namespace IntegrationHub.Hub.Backfills.Pace;

/// <summary>A time in which a run may be delivered.</summary>
/// <param name="Opens">From then on.</param>
/// <param name="Closes">Until then, not included.</param>
internal readonly record struct WindowSpan(DateTimeOffset Opens, DateTimeOffset Closes)
{
    /// <summary>Whether an instant is in it.</summary>
    public bool Holds(DateTimeOffset at) => at >= Opens && at < Closes;
}
