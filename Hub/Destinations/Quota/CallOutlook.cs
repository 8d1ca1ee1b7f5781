using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>How a call that waits stands.</summary>
/// <param name="At">When it may go, in ticks; <see cref="long.MaxValue"/> when that depends on the other instances.</param>
/// <param name="Refusal">Why it must not be made at all, or null.</param>
internal readonly record struct CallOutlook(long At, DestinationCondition? Refusal = null)
{
    /// <summary>It may go when another call of its lane is over.</summary>
    public static CallOutlook AfterAnother { get; } = new(long.MaxValue - 1);

    /// <summary>The others have to be asked.</summary>
    public static CallOutlook DependsOnOthers { get; } = new(long.MaxValue);
}
