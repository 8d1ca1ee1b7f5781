using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Facts about fifty people, shuffled and doubled, in batches of any size: people, profiles and consents are what the law makes of the set.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_facts_about_people_are_shuffled(StorageDatabase database) : StorageFixture(database)
{
    private const string Owner = "crm";

    private static readonly AttributeRules _rules = new(new Dictionary<string, AttributeRule>
    {
        ["a1"] = new(Owner, AttributeMutability.Immutable),
        ["a2"] = new(Owner, AttributeMutability.WriteOnce),
        ["a3"] = new(Owner, AttributeMutability.FillEmpty),
        ["a4"] = new(Owner, AttributeMutability.AppendOnly) { Separator = ", " },
    });

    protected override void AddServices(IServiceCollection services) => services.AddSingleton(_rules);

    [Test]
    public async Task Should_know_the_same_people_whatever_came_first([Values(1, 2, 3)] int seed)
    {
        var tenants = new[] { Unique("t"), Unique("t"), Unique("t") };
        LedgerFact[] facts = [.. Facts(new Random(seed))];
        foreach (var (tenant, order) in tenants.Select((tenant, order) => (tenant, new Random(seed * 100 + order))))
        {
            LedgerFact[] given = [.. facts.Concat(facts.Where((_, i) => i % 3 == 0)).Select(fact => fact with { EventId = In(tenant, fact.EventId), TenantId = tenant })];
            if (tenant != tenants[0])
            {
                order.Shuffle(given);
            }

            var setAside = new List<LedgerFact>();
            for (var start = 0; start < given.Length;)
            {
                var count = order.Next(1, 60);
                var result = await AppendAsync([.. given.Skip(start).Take(count)]);
                setAside.AddRange(given.Where(fact => result.Contested.ContainsKey(fact.EventId)));
                start += count;
            }

            await AppendAsync([.. setAside]); // as what was set aside is tried again
        }

        var model = Model(facts);
        foreach (var tenant in tenants)
        {
            Assert.That(await PeopleAsync(tenant), Is.EqualTo(model.People), tenant);
            Assert.That(await KeysAsync(tenant), Is.EqualTo(model.Keys), tenant);
            Assert.That(Denied(facts).Except(await DeniedAsync(tenant)), Is.Empty, tenant);
        }
    }

    private static Guid In(string tenant, Guid eventId) => new(System.Security.Cryptography.SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(tenant), .. eventId.ToByteArray()]).AsSpan(0, 16));

    /// <summary>Few addresses and browsers, so that people meet; every time once, so that no two statements are at one time.</summary>
    private static IEnumerable<LedgerFact> Facts(Random random)
    {
        for (var i = 0; i < 300; i++)
        {
            var minute = i * 60 * 24 / 3;
            var id = random.Next(3) > 0 ? $"p{random.Next(50)}" : null;
            var email = random.Next(2) == 0 ? $"m{random.Next(60)}@x.test" : null;
            var browser = random.Next(3) == 0 || (id is null && email is null) ? PersonKey.Of(KeyKind.AnonymousId, $"w{random.Next(60)}") : null;
            var fact = random.Next(6) == 0 && (id is not null || email is not null)
                ? Consent(id, random.Next(3) == 0 ? "granted" : "denied", minute, email)
                : Profile(id, $$"""{"a{{random.Next(5)}}":{{(random.Next(8) == 0 ? "null" : i)}}}""", minute, email) with { Producer = random.Next(3) == 0 ? Owner : "shop" };
            yield return fact with { OtherKeys = browser is { } key ? [key] : [] };
        }
    }

    private static (string[] People, string[] Keys) Model(LedgerFact[] facts)
    {
        var rules = IdentityRules.Default;
        var claims = facts.SelectMany(fact => KeyBook.ClaimsOf(KeyBook.Telling(rules, fact.Keys), fact.OccurredAt));
        var people = IdentityLaw.Resolve(facts.SelectMany(fact => fact.Keys), claims, [], rules);
        var parts = new Dictionary<PersonKey, SortedDictionary<PartKey, ProfileContent>>();
        foreach (var fact in facts.Where(fact => fact.AttributesJson is not null))
        {
            var telling = KeyBook.Telling(rules, fact.Keys);
            var filed = PartKey.Of(telling);
            if (telling.Select(key => people.Keys[key].Person).FirstOrDefault(person => person is not null) is { } person)
            {
                var of = parts.TryGetValue(person, out var known) ? known : parts[person] = [];
                of[filed] = ProfileMerge.Merge(of.GetValueOrDefault(filed), fact.Profile, _rules).Content;
            }
        }

        var shown = parts.Where(person => person.Key.Kind == KeyKind.ExternalId).Select(person => (person.Key, Content: ProfileMerge.Fold([.. person.Value.Values.Select(part => part)], _rules)));
        return (
            [.. shown.Where(person => person.Content is not { AttributesJson: "{}", Email: null }).Select(person => $"{person.Key.Value} {person.Content.Email} {Sorted(person.Content.AttributesJson)}").Order(StringComparer.Ordinal)],
            [.. people.Keys.Where(key => key.Key.Kind != KeyKind.ExternalId).Select(key => $"{key.Key} {IdentityTables.WordOf(key.Value.State)} {key.Value.Person}").Order(StringComparer.Ordinal)]);
    }

    /// <summary>Who denied last, under the id or an address that was ever stated with it; a grant counts under the id alone, so that the model is never stricter than the hub has to be.</summary>
    private static IEnumerable<string> Denied(LedgerFact[] facts) =>
        from person in facts.Where(fact => fact is { ExternalId: not null, AttributesJson: not null }).Select(fact => fact.ExternalId!).Distinct()
        let addresses = facts.Where(fact => fact.ExternalId == person).Select(fact => fact.Email).OfType<string>().ToHashSet()
        let decisions = facts.Where(fact => fact.Consents.Count > 0 && (fact.ExternalId == person || (fact.Email is { } email && addresses.Contains(email)))).ToList()
        let denial = decisions.LastOrDefault(fact => fact.Consents[0].Status == ConsentWord.Denied)
        where denial is not null && !decisions.Any(fact => fact.Consents[0].Status == ConsentWord.Granted && fact.OccurredAt > denial.OccurredAt)
        select person;

    private async Task<IEnumerable<string>> DeniedAsync(string tenant) =>
        (await RowsAsync("SELECT external_id, consent FROM profiles WHERE tenant_id = @tenant AND external_id IS NOT NULL", tenant)).Where(row => row.Other.Contains("denied", StringComparison.Ordinal)).Select(row => row.One);

    private async Task<string[]> PeopleAsync(string tenant) => [.. (await RowsAsync(
        "SELECT external_id || ' ' || coalesce(email, '') || ' ', attributes, profile_id FROM profiles WHERE tenant_id = @tenant AND external_id IS NOT NULL AND person_id IS NULL AND (attributes <> '{}' OR email IS NOT NULL)", tenant))
        .Select(row => row.One + Sorted(row.Other)).Order(StringComparer.Ordinal)];

    private async Task<string[]> KeysAsync(string tenant) =>
        [.. (await RowsAsync("SELECT person_key || ' ' || state || ' ', coalesce(person, '') FROM identity_keys WHERE tenant_id = @tenant", tenant)).Select(row => row.One + row.Other).Order(StringComparer.Ordinal)];

    private Task<List<(string One, string Other)>> RowsAsync(string sql, string tenant) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync(sql, row => (row.GetString(0), row.FieldCount == 3 ? SealingKeys.Of(db).OpenProfile(row.GetInt64(2), row.GetString(1)) : row.GetString(1)), CancellationToken.None, ("tenant", tenant));
    });

    private static string Sorted(string attributes) => string.Join(',', System.Text.Json.JsonDocument.Parse(attributes).RootElement.EnumerateObject().Select(attribute => attribute.ToString()).Order(StringComparer.Ordinal));
}
