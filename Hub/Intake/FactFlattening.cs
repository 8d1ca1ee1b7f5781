using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake;

/// <summary>Turns canonical facts into ledger facts, or says what is wrong with them. Pure.</summary>
internal static class FactFlattening
{
    /// <summary>Longest external id, purpose and audience key that the ledger keeps.</summary>
    private const int LongestKey = 255;

    /// <summary>The fact for the ledger, or null with the failing path and why.</summary>
    public static LedgerFact? Flatten(ICanonicalEvent fact, out string? path, out string? problem)
    {
        (path, problem) = Check(fact);
        if (path is not null)
        {
            return null;
        }

        var consents = fact.Consent?.Purposes
            .Select(purpose => new FactConsent(purpose.Key, purpose.Value == "granted" ? "granted" : "denied", fact.Consent.Source, fact.Consent.CheckedAt))
            .ToList() ?? [];
        string? attributes = null;
        FactMembership? membership = null;
        switch (fact)
        {
            case ProfileUpdated updated:
                attributes = JsonSerializer.Serialize(updated.Payload.Attributes);
                break;
            case ConsentUpdated consent:
                consents.Add(new FactConsent(consent.Payload.Purpose, consent.Payload.Status == "granted" ? "granted" : "denied", consent.Payload.Source, fact.OccurredAt));
                break;
            case AudienceMembershipChanged changed:
                membership = new FactMembership(changed.Payload.Audience, changed.Payload.IsMember);
                break;
        }

        return new LedgerFact
        {
            EventId = fact.EventId,
            EventType = fact.EventType,
            SchemaVersion = fact.SchemaVersion,
            TenantId = fact.TenantId,
            OccurredAt = fact.OccurredAt,
            Producer = fact.Producer,
            CorrelationId = fact.CorrelationId,
            ExternalId = fact.Subject.ExternalId,
            Email = fact.Subject.Email,
            Phone = fact.Subject.Phone,
            AttributesJson = attributes,
            Consents = consents,
            Membership = membership,
            EventName = (fact as BehaviorTracked)?.Payload.Name,
            BodyJson = JsonSerializer.Serialize(fact, fact.GetType()),
        };
    }

    private static (string? Path, string? Problem) Check(ICanonicalEvent fact) => fact switch
    {
        { EventId: var id } when id == Guid.Empty => ("event_id", "is empty; mint a UUID per fact"),
        { SchemaVersion: not 1 } => ("schema_version", "is not a version this hub knows; it knows 1"),
        { Producer: null or "" } or { Producer.Length: > 128 } => ("producer", "must be 1 to 128 characters"),
        { Subject: { ExternalId: null or "", Email: null or "" } } => ("subject", "needs external_id or email"),
        { Subject: { ExternalId.Length: > LongestKey } } => ("subject.external_id", "is longer than 255 characters"),
        { Subject: { Email.Length: > 320 } } => ("subject.email", "is longer than 320 characters"),
        AudienceMembershipChanged { Payload.Audience: null or "" } or AudienceMembershipChanged { Payload.Audience.Length: > 64 } => ("payload.audience", "must be 1 to 64 characters"),
        AudienceMembershipChanged { Subject.ExternalId: null or "" } => ("subject.external_id", "is needed to change a membership"),
        ConsentUpdated { Payload.Purpose: null or "" } or ConsentUpdated { Payload.Purpose.Length: > 64 } => ("payload.purpose", "must be 1 to 64 characters"),
        ProfileUpdated { Payload.Attributes: var attributes } when Nested(attributes) is { } name => ($"payload.attributes.{name}", "must be a string, number, boolean or null"),
        BehaviorTracked tracked when CheckBehavior(tracked.Payload) is { Path: not null } found => found,
        _ => HasNul(fact) ? ("subject", "holds a NUL character") : (null, null),
    };

    private static (string? Path, string? Problem) CheckBehavior(TrackedBehavior payload) => payload switch
    {
        { Name: null or "" } or { Name.Length: > LongestKey } => ("payload.name", "must be 1 to 255 characters"),
        { Properties: null } => ("payload.properties", "must be an object; leave it out when there are none"),
        { Properties: var properties } when Nested(properties) is { } name => ($"payload.properties.{name}", "must be a string, number, boolean or null"),
        { Purchase: { ProductId: null or "" } or { ProductId.Length: > LongestKey } } => ("payload.purchase.product_id", "must be 1 to 255 characters"),
        { Purchase: { } bought } when !IsCurrency(bought.Currency) => ("payload.purchase.currency", "must be an ISO 4217 code, for example EUR"),
        { Purchase.Price: < 0 } => ("payload.purchase.price", "must be 0 or more"),
        { Purchase.Quantity: < 1 } => ("payload.purchase.quantity", "must be 1 or more"),
        _ => payload.Name.Contains('\0') ? ("payload.name", "holds a NUL character") : (null, null),
    };

    private static bool IsCurrency(string? code) => code is { Length: 3 } && code.All(char.IsAsciiLetterUpper);

    private static string? Nested(IReadOnlyDictionary<string, JsonElement> attributes) =>
        attributes.FirstOrDefault(attribute => attribute.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object).Key;

    private static bool HasNul(ICanonicalEvent fact) =>
        (fact.Subject.ExternalId ?? "").Contains('\0') || (fact.Subject.Email ?? "").Contains('\0') || (fact.Subject.Phone ?? "").Contains('\0')
        || fact is ProfileUpdated updated && updated.Payload.Attributes.Any(attribute => attribute.Value.ValueKind == JsonValueKind.String && attribute.Value.GetString()!.Contains('\0'));
}
