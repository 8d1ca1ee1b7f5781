namespace IntegrationHub.Storage.Retention;

/// <summary>Which class facts of a type belong to, and how long each class is kept. Immutable.</summary>
/// <param name="Classes">Classes by event type; a type that is not there is of the standard class.</param>
public sealed record FactRetention(IReadOnlyDictionary<string, FactClass> Classes)
{
    /// <summary>No type is special, and ages are those of a fresh installation.</summary>
    public static FactRetention Default { get; } = new(new Dictionary<string, FactClass>());

    /// <summary>Nothing is ever too old.</summary>
    public static FactRetention Endless { get; } = Default with { Short = TimeSpan.FromDays(36_500), Standard = TimeSpan.FromDays(36_500), Long = TimeSpan.FromDays(36_500) };

    /// <summary>Age of the short class.</summary>
    public TimeSpan Short { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Age of the standard class.</summary>
    public TimeSpan Standard { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Age of the long class.</summary>
    public TimeSpan Long { get; init; } = TimeSpan.FromDays(5 * 365);

    /// <summary>The class of an event type.</summary>
    public FactClass ClassOf(string eventType) => Classes.GetValueOrDefault(eventType, FactClass.Standard);

    /// <summary>How long facts of an event type are kept: an older one is not taken in, for its id may be forgotten.</summary>
    public TimeSpan AgeOf(string eventType) => ClassOf(eventType) switch
    {
        FactClass.Short => Short,
        FactClass.Standard => Standard,
        _ => Long,
    };
}
