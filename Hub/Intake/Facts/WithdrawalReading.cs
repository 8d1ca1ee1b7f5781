using System.Security.Cryptography;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Looks in a message that is set aside for people who asked to be left alone: who did is, whatever is wrong with the message. A change of consent denies
/// unless it plainly grants. A consent that travels with another fact is that fact's alone and denies nothing. Nothing here ever grants. Pure; never throws.
/// </summary>
internal static class WithdrawalReading
{
    private const int MaxPurpose = 64;

    /// <summary>A time before it comes from a clock that was never set.</summary>
    private static readonly DateTimeOffset _firstTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The denials, one per person that is named, under ids of their own: the producer may send the fact again as it was meant.</summary>
    /// <param name="body">The message.</param>
    /// <param name="now">The hub's time, where the message has none that can be read.</param>
    /// <param name="purposes">What is denied where a withdrawal does not say what for.</param>
    public static IReadOnlyList<LedgerFact> Find(ReadOnlyMemory<byte> body, DateTimeOffset now, IReadOnlyCollection<string> purposes)
    {
        using var json = BrokenJson.Read(body);
        if (json is null)
        {
            return [];
        }

        var found = new List<LedgerFact>();
        foreach (var (fact, head, isConsent) in Facts(json.RootElement))
        {
            var consents = Denials(fact, head, isConsent, now, purposes);
            foreach (var person in consents.Count == 0 ? [] : People(fact))
            {
                found.Add(new LedgerFact
                {
                    EventId = IdOf(body.Span, found.Count),
                    EventType = ConsentUpdated.Type,
                    TenantId = Texts(head, "tenant_id", "tenantid").FirstOrDefault(tenant => tenant.Length is > 0 and <= 64) ?? "default",
                    OccurredAt = consents.Max(consent => consent.DecidedAt),
                    Producer = "hub-quarantine",
                    ExternalId = person.ExternalId,
                    Email = person.Email,
                    OtherKeys = person.Others,
                    Consents = consents,
                    BodyJson = "{}",
                });
            }
        }

        return found;
    }

    /// <summary>The keys that a message names as those of its people, as far as it can be read.</summary>
    public static IEnumerable<PersonKey> KeysOf(ReadOnlyMemory<byte> body)
    {
        using var json = BrokenJson.Read(body);
        return json is null ? [] : [.. Facts(json.RootElement).SelectMany(found => People(found.Fact)).SelectMany(person => LedgerFact.KeysOf(person.ExternalId, person.Email).Concat(person.Others))];
    }

    /// <summary>What may be a fact, and what says its type and time: the message, what its envelope holds, the data of a CloudEvent, or each of a list.</summary>
    private static IEnumerable<(JsonElement Fact, JsonElement Head, bool IsConsent)> Facts(JsonElement root) => root.ValueKind switch
    {
        JsonValueKind.Array => root.EnumerateArray().SelectMany(Facts),
        JsonValueKind.Object when Values(root, "messageType").Any() =>
            Values(root, "message").Select(message => (message, message, Values(root, "messageType").Any(NamesConsent))),
        JsonValueKind.Object when Values(root, "specversion").Any() || (Values(root, "data").Any() && !Values(root, "payload").Any()) =>
            Values(root, "data").Select(data => (data, root, false)),
        JsonValueKind.Object => [(root, root, false)],
        _ => [],
    };

    private static bool NamesConsent(JsonElement types) => types.ValueKind == JsonValueKind.Array
        ? types.EnumerateArray().Any(NamesConsent)
        : TextOf(types)?.EndsWith(nameof(ConsentUpdated), StringComparison.OrdinalIgnoreCase) == true;

    private static List<FactConsent> Denials(JsonElement fact, JsonElement head, bool isConsent, DateTimeOffset now, IReadOnlyCollection<string> purposes)
    {
        List<string> stated = [.. Inner(fact, "payload", "status").Select(status => TextOf(status) ?? "")];
        List<string> named = [.. Purposes(Inner(fact, "payload", "purpose").Select(TextOf), purposes)];
        isConsent |= Texts(head, "event_type", "type").Any(type => type.Contains(ConsentUpdated.Type, StringComparison.OrdinalIgnoreCase)) || (stated.Count > 0 && named.Count > 0);
        if (!isConsent || (stated.Count > 0 && stated.TrueForAll(status => Is(status, ConsentWord.Granted))))
        {
            return [];
        }

        var source = Inner(fact, "payload", "source").Select(TextOf).FirstOrDefault(text => text is { Length: > 0 and <= 128 }) ?? "unknown";
        var at = Time(Values(head, "occurred_at").Concat(Values(head, "time")), now);
        return [.. (named.Count > 0 ? named : purposes).Select(purpose => new FactConsent(purpose, ConsentWord.Denied, source, at))];
    }

    private static IEnumerable<string> Purposes(IEnumerable<string?> names, IReadOnlyCollection<string> purposes) => names.OfType<string>()
        .Where(purpose => !string.IsNullOrWhiteSpace(purpose) && purpose.Length <= MaxPurpose).Select(purpose => ConsentAuthority.PurposeOf(purpose, purposes)).Distinct(StringComparer.Ordinal);

    /// <summary>Everybody whom the subject names: of a key that is named twice, both. Its other keys go with the first.</summary>
    private static IEnumerable<(string? ExternalId, string? Email, PersonKey[] Others)> People(JsonElement fact)
    {
        List<string> ids = [.. Keys(fact, "external_id", SnapshotRowBuilder.MaxExternalIdChars, NormalKey.OfId)];
        List<string> emails = [.. Keys(fact, "email", SnapshotRowBuilder.MaxEmailChars, NormalKey.OfEmail).SelectMany(AddressText.AllOf).DistinctBy(NormalKey.OfEmail)];
        PersonKey[] others = [.. SubjectKeys.Others.SelectMany(name => Keys(fact, name, SnapshotRowBuilder.MaxExternalIdChars, NormalKey.OfId).Select(id => (Name: name, Id: id)))
            .Select(key => PersonKey.Of(PersonKey.KindOf(key.Name)!.Value, key.Id)).OfType<PersonKey>().Where(key => key.Kind != KeyKind.AccountId), .. Phones(fact)];
        for (var i = 0; i < Math.Max(Math.Max(ids.Count, emails.Count), others.Length > 0 ? 1 : 0); i++)
        {
            yield return (ids.ElementAtOrDefault(i), emails.ElementAtOrDefault(i), i == 0 ? others : []);
        }
    }

    private static IEnumerable<PersonKey> Phones(JsonElement fact) => Keys(fact, "phone", SnapshotRowBuilder.MaxPhoneChars, NormalKey.OfId)
        .Select(phone => PhoneNumber.ToE164(phone, null, out var number) == MappingFailure.None ? number : null).OfType<string>()
        .Select(number => new PersonKey(KeyKind.Phone, number));

    private static IEnumerable<string> Keys(JsonElement fact, string name, int max, Func<string?, string?> normal) => Inner(fact, "subject", name)
        .Select(value => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : UnreadableText.TryReadAround(value))
        .Where(key => key is not null && key.Length <= max && normal(key) is not null && !SpoiltId.IsOne(key))
        .OfType<string>()
        .DistinctBy(normal);

    private static DateTimeOffset Time(IEnumerable<JsonElement> values, DateTimeOffset now)
    {
        var stated = values.Select(value => TextOf(value) is not null && ScalarReading.TryReadTime(value, out var time) && time >= _firstTime && time <= now ? time : now).ToList();
        return stated.Count == 0 ? now : stated.Max();
    }

    private static bool Is(string text, string word) => text.Trim().Equals(word, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Texts(JsonElement parent, params string[] names) => names.SelectMany(name => Values(parent, name)).Select(TextOf).OfType<string>();

    /// <summary>What stands in a part of a fact under a name, however both are spelled (<c>externalId</c>); of a list each.</summary>
    private static IEnumerable<JsonElement> Inner(JsonElement parent, string name, string inner) => Spelled(parent, name).SelectMany(value => Spelled(value, inner))
        .SelectMany(value => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : Enumerable.Repeat(value, 1));

    private static IEnumerable<JsonElement> Spelled(JsonElement parent, string name) => parent.ValueKind == JsonValueKind.Object
        ? parent.EnumerateObject().Where(property => Means(NameOf(property), name)).Select(property => property.Value)
        : [];

    private static bool Means(string? spelled, string name) => string.Equals(Letters(spelled), Letters(name), StringComparison.OrdinalIgnoreCase);

    private static string? Letters(string? name) => name?.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    /// <summary>Every value under a name: a property may be named twice.</summary>
    private static IEnumerable<JsonElement> Values(JsonElement parent, string name) => parent.ValueKind == JsonValueKind.Object
        ? parent.EnumerateObject().Where(property => NameOf(property) == name).Select(property => property.Value)
        : [];

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? UnreadableText.TryRead(value) : null;

    private static string? NameOf(JsonProperty property) => UnreadableText.TryRead(() => property.Name);

    /// <summary>The first is called as the message is in quarantine; the same message always gives the same.</summary>
    private static Guid IdOf(ReadOnlySpan<byte> body, int place)
    {
        var hash = SHA256.HashData(body);
        return new Guid((place == 0 ? hash : SHA256.HashData([.. hash, (byte)place, (byte)(place >> 8)])).AsSpan(0, 16));
    }
}
