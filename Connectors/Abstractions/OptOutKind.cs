namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a vendor says of a person.</summary>
public enum OptOutKind
{
    /// <summary>Opted out of marketing e-mail as a whole.</summary>
    MarketingEmail,

    /// <summary>Opted out of a topic.</summary>
    Topic,

    /// <summary>Mail to the address comes back for good.</summary>
    HardBounce,

    /// <summary>The phone number takes no messages.</summary>
    InvalidPhone,
}
