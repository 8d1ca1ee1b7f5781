using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Whom a fact is about: the keys that the producer knows. At least one key is set. All are personal data.</summary>
public sealed record Subject
{
    /// <summary>The company's own stable id of the person, or null when the producer does not know it.</summary>
    [JsonPropertyName("external_id")]
    public string? ExternalId { get; init; }

    /// <summary>E-mail address as collected, or null.</summary>
    [JsonPropertyName("email")]
    public string? Email { get; init; }

    /// <summary>Phone number as collected, or null.</summary>
    [JsonPropertyName("phone")]
    public string? Phone { get; init; }

    /// <summary>Id of the person in the CRM, or null.</summary>
    [JsonPropertyName("crm_id")]
    public string? CrmId { get; init; }

    /// <summary>Id of the account that the person belongs to, or null.</summary>
    [JsonPropertyName("account_id")]
    public string? AccountId { get; init; }

    /// <summary>Id of an anonymous visitor, or null.</summary>
    [JsonPropertyName("anonymous_id")]
    public string? AnonymousId { get; init; }

    /// <summary>Id of a device, or null.</summary>
    [JsonPropertyName("device_id")]
    public string? DeviceId { get; init; }
}
