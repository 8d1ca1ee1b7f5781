namespace IntegrationHub.Sagas.Erasure;

/// <summary>How patient an erasure is.</summary>
public sealed class ErasureOptions
{
    /// <summary>When a step that nobody answered is asked for again; default 10 minutes.</summary>
    public TimeSpan LookAgain { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after the erasure destinations are looked at again, in rising order; default after 7 and 30 days.</summary>
    public IReadOnlyList<TimeSpan> Rechecks { get; set; } = [TimeSpan.FromDays(7), TimeSpan.FromDays(30)];
}
