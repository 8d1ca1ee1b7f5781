namespace IntegrationHub.Hub.Configuration;

/// <summary>How a fact is made of JSON. A text that begins with a slash is a JSON Pointer (RFC 6901) into the call, or into the element of <see cref="Each"/>; any other is what it says.</summary>
internal sealed record JsonFactRule
{
    /// <summary>Pointers into the call and the texts that must stand there; all must. Empty for every call.</summary>
    public required IReadOnlyDictionary<string, string> When { get; init; }

    /// <summary>Pointer to an array in the call: one fact for each element. Null for one fact of the call.</summary>
    public string? Each { get; init; }

    /// <summary>Type of the fact.</summary>
    public required string EventType { get; init; }

    /// <summary>Id of the call or of the element, the same on every resend; null to make it of the delivery.</summary>
    public string? EventId { get; init; }

    /// <summary>When it happened: a text of RFC 3339, or seconds or milliseconds since 1970.</summary>
    public required string OccurredAt { get; init; }

    /// <summary>Keys of the person by their name in <c>subject</c>.</summary>
    public required IReadOnlyDictionary<string, string> Subject { get; init; }

    /// <summary>Fields of <c>payload</c>.</summary>
    public required IReadOnlyDictionary<string, string> Payload { get; init; }

    /// <summary>Objects within <c>payload</c> by name (<c>attributes</c>, <c>properties</c>, <c>purchase</c>, <c>merged</c>, <c>evidence</c>), and their fields.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Objects { get; init; }
}
