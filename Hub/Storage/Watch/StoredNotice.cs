namespace IntegrationHub.Storage.Watch;

/// <summary>What a vendor says of an interface beside its answers, as often as it was heard. Nothing personal.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Operation">Method and path template of what was called.</param>
/// <param name="Kind"><c>deprecation</c>, <c>sunset</c> or <c>warning</c>.</param>
/// <param name="Code">The vendor's code of a warning, else empty.</param>
/// <param name="FirstSeen">When it was first heard.</param>
/// <param name="LastSeen">When it was last heard.</param>
/// <param name="Count">Answers that said it, 1 or more.</param>
public sealed record StoredNotice(string Destination, string Operation, string Kind, string Code, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Count)
{
    /// <summary>The date that the vendor gives, or null.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The vendor's page, or null.</summary>
    public string? Page { get; init; }

    /// <summary>What takes the interface's place, or null.</summary>
    public string? Successor { get; init; }
}
