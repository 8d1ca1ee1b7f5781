using System.Text.Json.Serialization;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Privacy;

/// <summary>Whom a question is about, by the id, else the address, else any other key. Stands in bodies, never in addresses. Holds personal data.</summary>
/// <param name="ExternalId">The company's id of the person, or null.</param>
/// <param name="Email">The address, or null.</param>
internal sealed record SubjectJson([property: JsonPropertyName("external_id")] string? ExternalId = null, [property: JsonPropertyName("email")] string? Email = null)
{
    /// <summary>The id of the CRM, or null.</summary>
    [JsonPropertyName("crm_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CrmId { get; init; }

    /// <summary>The phone number with its country, as in <c>+4930123456</c>, or null.</summary>
    [JsonPropertyName("phone"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Phone { get; init; }

    /// <summary>The id that a site gave to somebody whom it did not know, or null.</summary>
    [JsonPropertyName("anonymous_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AnonymousId { get; init; }

    /// <summary>The device, or null.</summary>
    [JsonPropertyName("device_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeviceId { get; init; }

    /// <summary>The keys in their normal form; of a number that is none nothing.</summary>
    [JsonIgnore]
    public IReadOnlyList<PersonKey> Keys =>
    [
        .. new[]
        {
            PersonKey.Of(KeyKind.ExternalId, ExternalId), PersonKey.Of(KeyKind.CrmId, CrmId), PersonKey.Of(KeyKind.Email, Email),
            PhoneNumber.ToE164(Phone ?? "", null, out var number) == MappingFailure.None ? PersonKey.Of(KeyKind.Phone, number) : null,
            PersonKey.Of(KeyKind.AnonymousId, AnonymousId), PersonKey.Of(KeyKind.DeviceId, DeviceId),
        }.OfType<PersonKey>(),
    ];

    /// <summary>True when a number was given of which nobody can tell the country, or that is none.</summary>
    [JsonIgnore]
    public bool HasBrokenPhone => !string.IsNullOrWhiteSpace(Phone) && PhoneNumber.ToE164(Phone, null, out _) != MappingFailure.None;
}
