namespace IntegrationHub.Storage.Ledger;

/// <summary>How facts depart from their contract. Never holds a value of a fact.</summary>
/// <param name="Type">One of the kinds.</param>
/// <param name="EventType">The event type, as far as it could be read.</param>
/// <param name="Name">Of what a person did, its name; else empty.</param>
/// <param name="Path">The field, for example <c>payload.status</c>.</param>
/// <param name="Producer">Who stated them.</param>
public sealed record Violation(string Type, string EventType, string Name, string Path, string Producer)
{
    /// <summary>There is no such event type or version.</summary>
    public const string UnplannedEvent = "unplanned_event";

    /// <summary>The schema knows no such property.</summary>
    public const string UnplannedProperty = "unplanned_property";

    /// <summary>A field that has to be there is not.</summary>
    public const string RequiredMissing = "required_missing";

    /// <summary>A field has another type or form.</summary>
    public const string TypeMismatch = "type_mismatch";

    /// <summary>An attribute belongs to another source, and the profile does not take it; the fact keeps it.</summary>
    public const string NotOwner = "not_owner";

    /// <summary>An attribute has a value that may not be changed so, and the profile keeps it; the fact keeps what it states.</summary>
    public const string NotMutable = "not_mutable";

    /// <summary>Another source states another value than the attribute's owner, whose value the profile keeps; the fact keeps what it states.</summary>
    public const string Conflict = "conflict";

    /// <summary>A vendor states an attribute that only goes out to it, and the profile does not take it; the fact keeps it.</summary>
    public const string Direction = "direction";

    /// <summary>Stands for the event type where it is a list that states something.</summary>
    public const string List = "list";

    /// <summary>The property was left out and the fact taken in.</summary>
    public const string Omit = "omit";

    /// <summary>The property was kept and the fact taken in, as its source's file says.</summary>
    public const string Allow = "allow";

    /// <summary>The fact was set aside.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>What was done: <see cref="Omit"/>, <see cref="Allow"/> or <see cref="Quarantine"/>.</summary>
    public required string Action { get; init; }

    /// <summary>The JSON type that the schema asks for, or null.</summary>
    public string? Expected { get; init; }

    /// <summary>The JSON type that was there, or null when nothing was.</summary>
    public string? Found { get; init; }

    /// <summary>Id of one such fact, the newest, or null.</summary>
    public string? SampleEventId { get; init; }
}
