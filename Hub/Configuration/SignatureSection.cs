namespace IntegrationHub.Hub.Configuration;

/// <summary>How calls of a source are proven.</summary>
internal sealed record SignatureSection
{
    /// <summary>The scheme.</summary>
    public required SignatureScheme Scheme { get; init; }

    /// <summary>Where the secrets are kept, 1 or more; any of them may have signed, so that they can be changed one after the other.</summary>
    public required IReadOnlyList<SecretReference> Secrets { get; init; }

    /// <summary>The header that holds the signature or the secret.</summary>
    public required string Header { get; init; }

    /// <summary>How far the signed time may be from the hub's, either way.</summary>
    public required TimeSpan Tolerance { get; init; }

    /// <summary>HubSpot only: calls without a signature of version 3 may have one of version 1, which signs no time.</summary>
    public bool AllowsV1 { get; init; }
}
