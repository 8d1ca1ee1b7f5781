namespace IntegrationHub.Hub.Consent;

/// <summary>Whether a person's record may be sent to a destination, and by which rule.</summary>
/// <param name="Allowed">True when it may be sent.</param>
/// <param name="Purpose">The purpose that decided: the first that forbids, else the last that was asked; null when the destination names none.</param>
/// <param name="Rule">Name of the rule that decided, or null when there is none.</param>
/// <param name="Code">Reason code when it is not allowed (a constant of <see cref="ConsentCode"/>), else null.</param>
internal readonly record struct ConsentDecision(bool Allowed, string? Purpose, string? Rule, string? Code)
{
    /// <summary>Ground that the rule rests on, or null when it names none.</summary>
    public string? Basis { get; init; }

    /// <summary>Region of the rule, or null when it holds everywhere.</summary>
    public string? Region { get; init; }

    /// <summary>Until when it may be sent, unless something changes; null when nothing ends by itself.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>True when the person had agreed and that has ended by itself, whatever comes of it.</summary>
    public bool HasEnded { get; init; }
}
