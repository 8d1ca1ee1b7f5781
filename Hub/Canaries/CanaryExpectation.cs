using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Canaries;

/// <summary>
/// What a destination may show of a canary on a trip, by policy and mapping of what she states, and by nothing that the hub has written down of her since: what it keeps, sends or believes may be what is wrong. Pure.
/// </summary>
internal sealed record CanaryExpectation
{
    /// <summary>True when policy allows that she is known there.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>Her identity key there; null when she has none.</summary>
    public required string? Key { get; init; }

    /// <summary>Her audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Why nothing can be sent of her, as <c>field:code</c>; null when all is well.</summary>
    public string? Unmappable { get; init; }

    /// <summary>What has to be shown.</summary>
    public required IReadOnlyList<Field> Fields { get; init; }

    /// <summary>Names of fields that may have a value there.</summary>
    public required IReadOnlySet<string> Known { get; init; }

    /// <summary>Names of those of them that the hub writes in parts: no other part of them may have a value.</summary>
    public IReadOnlySet<string> InParts { get; init; } = new HashSet<string>();

    /// <summary>Those of them that the hub writes when there is something to write.</summary>
    public required IReadOnlySet<string> Written { get; init; }

    /// <summary>Values of hers that must not leave for it, long enough to be recognised.</summary>
    public required IReadOnlyList<string> MustNotLeave { get; init; }

    /// <summary>Values of hers that may.</summary>
    public required IReadOnlyList<string> MayLeave { get; init; }

    /// <summary>True when she has to be shown as opted out of marketing e-mail, false when she must not be, null when she said nothing of it or nobody keeps it there.</summary>
    public bool? IsOptedOut { get; init; }

    /// <summary>What she did, as the vendor should hold it; null when the destination is told of nothing.</summary>
    public Behavior? Happened { get; init; }

    /// <summary>What those of <see cref="Fields"/> begin with that are added to what the vendor has, by name.</summary>
    public required IReadOnlyDictionary<string, char> Added { get; init; }

    /// <summary>What is expected.</summary>
    public static CanaryExpectation Of(Destination destination, DestinationConfiguration written, CanaryConfiguration canary, string stamp, DateTimeOffset at)
    {
        var attributes = CanaryFacts.AttributesOf(canary, stamp);
        var json = JsonSerializer.Serialize(attributes);
        var consent = StoredConsent.Write(
            canary.Consents.OrderBy(decided => decided.Key, StringComparer.Ordinal)
                .Select(decided => KeyValuePair.Create(decided.Key, new PurposeConsent(decided.Value, at, CanaryCheck.Source) { HasEvidence = true })),
            StoredPlace.Of(json));
        var mapped = destination.Mapping.Map(new ProfileView(canary.ExternalId, canary.Email, canary.Phone, json));
        FieldMapping[] sent = [.. destination.MappedFields.Where(field => field.Owner == FieldOwner.Hub)];
        var read = sent.Where(field => destination.FieldPolicy.Decide(field).Handling == FieldHandling.Send).SelectMany(field => field.Reads).ToHashSet(StringComparer.Ordinal);
        var values = new[]
        {
            KeyValuePair.Create(CanonicalSource.ExternalId, canary.ExternalId), KeyValuePair.Create(CanonicalSource.Email, canary.Email), KeyValuePair.Create(CanonicalSource.Phone, canary.Phone ?? ""),
        }.Concat(attributes).ToLookup(value => read.Contains(value.Key), value => value.Value);
        string? unmappable = null;
        var happened = CanaryFacts.EventOf(canary, stamp, at) is { } did ? destination.EventOf(did.Payload.Name)?.Map(did, isQuiet: false, out unmappable) : null;
        return new CanaryExpectation
        {
            IsAllowed = destination.Decide(consent).Allowed,
            Key = destination.KeyOf(canary.ExternalId, canary.Email),
            Audience = canary.Audience,
            Unmappable = mapped.Rejection is { } rejection ? $"{rejection.Field}:{rejection.Code}" : unmappable is not null ? $"{canary.Event}:{unmappable}" : null,
            Happened = happened,
            Fields = [.. mapped.Fields.Where(field => !destination.UncomparedFields.Contains(field.Name))],
            Added = mapped.Fields.Where(field => destination.AddsWith(field.Name) is not null).ToDictionary(field => field.Name, field => destination.AddsWith(field.Name)!.Value, StringComparer.Ordinal),
            Known = destination.MappedFields.SelectMany(field => new[] { field.To, FieldAddress.Of(field.To).Field }).Concat([written.IdentityKey, .. written.Consent?.Topics.Values.Select(topic => topic.Ref) ?? [], .. canary.ExpectedThere]).ToHashSet(StringComparer.Ordinal),
            InParts = destination.MappedFields.Where(field => FieldAddress.IsPart(field.To)).Select(field => FieldAddress.Of(field.To).Field).Except(canary.ExpectedThere, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal),
            Written = sent.Select(field => field.To).Where(name => name != written.IdentityKey && !canary.ExpectedThere.Contains(name) && !destination.UncomparedFields.Contains(name) && destination.AddsWith(name) is null).ToHashSet(StringComparer.Ordinal),
            MustNotLeave = [.. values[false].Where(value => value.Length >= CanaryCheck.ShortestRecognised)],
            MayLeave = [.. values[true].Where(value => value.Length > 0)],
            IsOptedOut = written.Consent?.MarketingEmail is { } purpose && canary.Consents.TryGetValue(purpose, out var decision) ? decision != ConsentWord.Granted : null,
        };
    }
}
