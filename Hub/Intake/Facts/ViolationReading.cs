using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Says how a fact departs from its contract, by kinds and without a value of it. Pure.</summary>
internal static class ViolationReading
{
    private const string Unknown = "unknown";

    /// <summary>Codes that are about a missing field, and about a type or version that is not planned.</summary>
    private static readonly string[] _missing = ["missing", "keys_missing"];
    private static readonly string[] _events = ["event_type_unknown", "event_type_contradicts", "schema_unknown"];

    /// <summary>Codes of what is well formed, or of no form at all: no violation of a contract.</summary>
    private static readonly string[] _others = ["in_the_future", "too_old", "json_malformed", "not_utf8", "too_large", "database_refused", "hub_failed", "merged_with_itself", "destination_excluded", "destination_unknown", "nul_character", "half_surrogate_pair", "text_unreadable"];

    /// <summary>Of what a fact is set aside for; null when that violates no contract.</summary>
    /// <param name="defect">What is wrong.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="type">Its event type, or null when it has none that is known.</param>
    /// <param name="eventId">Its id, as far as it could be read.</param>
    /// <param name="producer">Its producer, likewise.</param>
    public static Violation? Of(FactDefect defect, JsonElement fact, string? type, string? eventId, string? producer)
    {
        if (_others.Contains(defect.Code) || defect.Code == Consent.ConsentAuthority.Refused)
        {
            return null;
        }

        var kind = _missing.Contains(defect.Code) ? Violation.RequiredMissing : _events.Contains(defect.Code) ? Violation.UnplannedEvent : Violation.TypeMismatch;
        return new Violation(kind, type ?? Named(fact, "event_type") ?? Unknown, NameOf(fact, type), FactPath.Shown(defect.Path), producer ?? Unknown)
        {
            Action = Violation.Quarantine,
            Expected = type is null ? null : FactPlan.Of(type).Find(defect.Path)?.Expected,
            Found = kind == Violation.RequiredMissing ? null : KindAt(fact, defect.Path),
            SampleEventId = eventId,
        };
    }

    /// <summary>Of what is not planned.</summary>
    public static IReadOnlyList<Violation> Of(IEnumerable<string> unplanned, JsonElement json, LedgerFact fact, UnplannedProperty rule) =>
    [
        .. unplanned.Select(path => new Violation(Violation.UnplannedProperty, fact.EventType, NameOf(json, fact.EventType), FactPath.Shown(path), fact.Producer)
        {
            Action = rule switch
            {
                UnplannedProperty.Quarantine => Violation.Quarantine,
                UnplannedProperty.Allow when path.StartsWith("payload.", StringComparison.Ordinal) => Violation.Allow,
                _ => Violation.Omit,
            },
            Found = KindAt(json, path),
            SampleEventId = fact.EventId.ToString(),
        }).DistinctBy(violation => violation.Path),
    ];

    /// <summary>Of attributes that its producer may not change.</summary>
    public static IEnumerable<Violation> OfForeign(IEnumerable<RefusedAttribute> attributes, JsonElement json, LedgerFact fact) =>
        attributes.Select(attribute => (attribute.Kind, Path: $"payload.attributes.{attribute.Name}")).Select(attribute => new Violation(attribute.Kind, fact.EventType, "", FactPath.Shown(attribute.Path), fact.Producer)
        {
            Action = Violation.Omit,
            Found = KindAt(json, attribute.Path),
            SampleEventId = fact.EventId.ToString(),
        }).DistinctBy(violation => violation.Path);

    /// <summary>Of attributes that the profile is kept from changing.</summary>
    public static IEnumerable<Violation> OfRefused(IEnumerable<RefusedAttribute> refused, LedgerFact fact)
    {
        using var stated = JsonDocument.Parse(fact.AttributesJson!);
        return [.. refused.Select(attribute => new Violation(attribute.Kind, fact.EventType, "", FactPath.Shown($"payload.attributes.{attribute.Name}"), fact.Producer)
        {
            Action = Violation.Omit,
            Found = KindAt(stated.RootElement, attribute.Name),
            SampleEventId = fact.EventId.ToString(),
        }).DistinctBy(violation => (violation.Type, violation.Path))];
    }

    /// <summary>The name of what a person did, where it plainly is one.</summary>
    private static string NameOf(JsonElement fact, string? type) =>
        type == BehaviorTracked.Type && fact.TryGetProperty("payload", out var payload) && payload.ValueKind == JsonValueKind.Object ? Named(payload, "name") ?? "" : "";

    private static string? Named(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Shown(UnreadableText.TryRead(value)) : null;

    private static string? Shown(string? text) => text is { Length: > 0 and <= 128 } ? FactPath.Shown(text) : null;

    private static string? KindAt(JsonElement value, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                return null;
            }
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? "boolean" : value.ValueKind.ToString().ToLowerInvariant();
    }
}
