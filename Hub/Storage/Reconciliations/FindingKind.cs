namespace IntegrationHub.Storage.Reconciliations;

/// <summary>Kinds of findings.</summary>
public static class FindingKind
{
    /// <summary>Should be a member, is not.</summary>
    public const string Missing = "missing";

    /// <summary>Is a member, should not be.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>A field, or the vendor's id, is not as it was confirmed.</summary>
    public const string Different = "different";

    /// <summary>Several people at the vendor share a key.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>A number of events does not come out; its field is the name of the event.</summary>
    public const string Volume = "volume";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Missing, Unexpected, Different, Duplicate, Volume];
}
