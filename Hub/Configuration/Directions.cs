namespace IntegrationHub.Hub.Configuration;

/// <summary>Which way an attribute goes, destination by destination.</summary>
/// <param name="Everywhere">What holds of every destination that is not named; null where nothing is said.</param>
/// <param name="At">What holds of one, by its name.</param>
internal sealed record Directions(Direction? Everywhere, IReadOnlyDictionary<string, Direction> At)
{
    /// <summary>Nothing is said.</summary>
    public static readonly Directions Unsaid = new(null, new Dictionary<string, Direction>());

    /// <summary>What holds of a destination; null where nothing is said.</summary>
    public Direction? Of(string destination) => At.TryGetValue(destination, out var own) ? own : Everywhere;
}
