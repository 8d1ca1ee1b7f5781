using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>A canary person of <c>canaries.yaml</c>: somebody who does not exist and travels to destinations as everybody does, so that what is shown there can be compared with what policy allows.</summary>
internal sealed record CanaryConfiguration
{
    /// <summary>Name of the canary.</summary>
    public required string Name { get; init; }

    /// <summary>Her id as the company would give it.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Her address, at a domain of the company's own.</summary>
    public required string Email { get; init; }

    /// <summary>Her phone number, or null.</summary>
    public string? Phone { get; init; }

    /// <summary>Her attributes besides the stamp.</summary>
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>The attribute that has another value on every trip.</summary>
    public required string Stamp { get; init; }

    /// <summary>What she decided, <c>granted</c> or <c>denied</c>, by purpose.</summary>
    public required IReadOnlyDictionary<string, string> Consents { get; init; }

    /// <summary>Key of the audience that she is a member of.</summary>
    public required string Audience { get; init; }

    /// <summary>Canonical name of the event that she is stated to have done on each trip; null when she does nothing.</summary>
    public string? Event { get; init; }

    /// <summary>What is stated with the event.</summary>
    public IReadOnlyDictionary<string, string> EventProperties { get; init; } = new Dictionary<string, string>();

    /// <summary>Where she travels; 1 or more.</summary>
    public required IReadOnlyList<string> Destinations { get; init; }

    /// <summary>Time from one trip to the next.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>Time by which what was stated is to be shown; not longer than <see cref="Every"/>.</summary>
    public required TimeSpan ShownWithin { get; init; }

    /// <summary>Vendor fields that others may fill, so that a value there is no finding.</summary>
    public required IReadOnlyList<string> ExpectedThere { get; init; }

    /// <summary>True when she has the key.</summary>
    public bool Has(PersonKey key) => key == PersonKey.Of(KeyKind.ExternalId, ExternalId) || key == PersonKey.Of(KeyKind.Email, Email);
}
