using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Ledger;

namespace Hub.Tests.Configuration;

/// <summary>No setting is ignored without a word: another value changes what the hub does, or is refused.</summary>
public sealed class When_a_setting_is_changed
{
    private const string Braze = "destinations/braze.yaml";
    private const string HubSpot = "destinations/hubspot.yaml";
    private const string Marketo = "destinations/marketo.yaml";
    private const string Mapping = "mappings/braze.yaml";
    private const string Policy = "policy.yaml";
    private const string Ownership = "ownership.yaml";
    private const string Audience = "audiences/customers.yaml";
    private const string Consent = "consent.yaml";
    private const string Topics = "  marketing_email: email_marketing\n  topics:\n    partner_sharing: { ref: group-1, channel: email }\n";

    private const string Everywhere = "    granted: { rule: email_opt_in, decision: allow }\n    denied: { rule: email_opt_out, decision: deny }\n";
    private const string Regional = "    rules:\n      - { name: eu, region: EU, basis: consent, granted: allow, denied: deny, unknown: deny, expires: 24mo, needs: [evidence] }\n      - { name: rest, granted: allow, denied: deny, unknown: allow }\n";

    /// <summary>Settings that nothing acts on, each with the reason why it is there.</summary>
    private static readonly Dictionary<string, string> _declarations = new()
    {
        ["destination owner"] = "Says who answers for the account; the integration map shows it (When_the_map_is_read).",
        ["audience owner"] = "Says who answers for who is in it; the integration map shows it (When_the_map_is_read).",
        ["consent controllers"] = "Says who answers for the data of people; records of consent name them (When_consent_is_asked_for).",
        ["consent purposes.channel"] = "Says through which channel a purpose addresses people: hard bounces and dead numbers forbid by it (When_consent_is_decided), and a question about another one is refused (POST /v1/policy/check).",
    };

    private static readonly Change[] _changes =
    [
        new("destination connector", Braze, "connector: braze", "connector: hubspot"),
        new("destination base_url", Braze, "base_url: https://rest.iad-01.braze.com", "base_url: https://rest.fra-01.braze.eu"),
        new("destination default_base_url", HubSpot, "https://api.hubapi.com", "https://api.example.test"),
        new("destination identity_key", HubSpot, "identity_key: hub_external_id", "identity_key: email"),
        new("destination credentials", Braze, "BRAZE_API_KEY", "OTHER_KEY"),
        new("destination secret.env", Braze, "env: BRAZE_API_KEY", "env: OTHER_KEY"),
        new("destination secret.file", Braze, "{ env: BRAZE_API_KEY }", "{ file: key.txt }"),
        new("destination settings", Marketo, "folder_id: 1001", "folder_id: 1002"),
        new("destination mapping", Braze, "mapping: braze", "mapping: hubspot"),
        new("destination default_country", Braze, "mapping: braze", "mapping: braze\ndefault_country: DE", (Mapping, "    default_country: US\n", "")),
        new("destination purposes", Braze, "purposes: [email_marketing]", "purposes: [partner_sharing]"),
        new("destination consent", Braze, "consent:\n  marketing_email: email_marketing\n", ""),
        new("destination consent.marketing_email", Braze, "  marketing_email: email_marketing", "  marketing_email: partner_sharing"),
        new("destination consent.topics", Braze, "  marketing_email: email_marketing\n", Topics),
        new("destination consent.topics.ref", Braze, "ref: group-1", "ref: group-2", (Braze, "  marketing_email: email_marketing\n", Topics)),
        new("destination consent.topics.channel", Braze, "channel: email", "channel: sms", (Braze, "  marketing_email: email_marketing\n", Topics)),
        new("destination opt_outs", Braze, "opt_outs: on", "opt_outs: off"),
        new("destination create", Braze, "mapping: braze", "mapping: braze\ncreate: never"),
        new("destination on_merge", Braze, "mapping: braze", "mapping: braze\non_merge: merge"),
        new("destination on_delete", Braze, "mapping: braze", "mapping: braze\non_delete: delete"),
        new("destination aliases", Braze, "mapping: braze", "mapping: braze\naliases: { anonymous_id: web }"),
        new("destination aliases.anonymous_id", Braze, "anonymous_id: web", "anonymous_id: site", (Braze, "mapping: braze", "mapping: braze\naliases: { anonymous_id: web }")),
        new("destination aliases.device_id", Braze, "device_id: phone", "device_id: tablet", (Braze, "mapping: braze", "mapping: braze\naliases: { device_id: phone }")),
        new("destination events", Braze, "events:\n  product_viewed:", "events:\n  product_seen:"),
        new("destination events.name", Braze, "name: product_viewed", "name: viewed"),
        new("destination events.name_property", Braze, "name: product_viewed", "name: product_viewed\n    name_property: kind"),
        new("destination events.backfill_name", Braze, "name: product_viewed", "name: product_viewed\n    backfill_name: viewed_before"),
        new("destination events.backfill_flag", Braze, "name: product_viewed", "name: product_viewed\n    backfill_flag: is_backfill"),
        new("destination events.properties", Braze, "price: price", "price: cost"),
        new("destination reconcile", Braze, "mapping: braze", "mapping: braze\nreconcile: { heal: all }"),
        new("destination reconcile.heal", Braze, "mapping: braze", "mapping: braze\nreconcile: { heal: missing }"),
        new("destination reconcile.fields", Braze, "mapping: braze", "mapping: braze\nreconcile: { fields: whole }"),
        new("destination reconcile.sample", Braze, "mapping: braze", "mapping: braze\nreconcile: { sample: 20 }"),
        new("destination reconcile.fewer_than", Braze, "mapping: braze", "mapping: braze\nreconcile: { fewer_than: 0.01 }"),
        new("destination reconcile.read_back_share", Braze, "mapping: braze", "mapping: braze\nreconcile: { read_back_share: 0.5 }"),
        new("destination backfill", Braze, "mapping: braze", "mapping: braze\nbackfill: { share: 0.2 }"),
        new("destination backfill.share", Braze, "mapping: braze", "mapping: braze\nbackfill: { share: 0.3 }"),
        new("destination backfill.rate", Braze, "mapping: braze", "mapping: braze\nbackfill: { rate: 50/s }"),
        new("destination quota", Braze, "mapping: braze", "mapping: braze\nquota: { concurrency: 2 }"),
        new("destination quota.daily_share", HubSpot, "mapping: hubspot", "mapping: hubspot\nquota: { daily: 1000, daily_share: { live: 0.4 } }"),
        new("destination quota.daily_share.urgent", HubSpot, "mapping: hubspot", "mapping: hubspot\nquota: { daily_share: { urgent: 0.9 } }"),
        new("destination quota.daily_share.live", HubSpot, "mapping: hubspot", "mapping: hubspot\nquota: { daily_share: { live: 0.4 } }"),
        new("destination quota.daily_share.bulk", HubSpot, "mapping: hubspot", "mapping: hubspot\nquota: { daily_share: { bulk: 0.4 } }"),
        new("destination quota.daily_share.backfill", HubSpot, "mapping: hubspot", "mapping: hubspot\nquota: { daily_share: { backfill: 0.4 } }"),
        new("destination audience_name_pattern", Braze, "audience_{key}", "aud_{key}"),
        new("destination live", Braze, "mapping: braze", "mapping: braze\nlive: on"),
        new("destination audiences", Braze, "mapping: braze", "mapping: braze\naudiences: { customers: { name: vip } }"),
        new("destination audiences.name", Braze, "name: vip", "name: vips", (Braze, "mapping: braze", "mapping: braze\naudiences: { customers: { name: vip } }")),
        new("destination audiences.id", Braze, "name: vip", "id: 7", (Braze, "mapping: braze", "mapping: braze\naudiences: { customers: { name: vip } }")),
        new("mapping email_ascii_only", Mapping, "fields:", "email_ascii_only: true\nfields:"),
        new("mapping event_attributes", Mapping, "fields:", "event_attributes: [nick_name]\nfields:"),
        new("mapping fields", Mapping, "  - from: last_name\n    to: last_name\n    type: text\n    transforms: [trim, title_case]\n    classification: personal\n", ""),
        new("mapping field.from", Mapping, "from: first_name", "from: last_name"),
        new("mapping field.combine", Mapping, "combine: first", "combine: concat", (Mapping, "from: first_name", "from: [first_name, last_name]\n    combine: first")),
        new("mapping field.separator", Mapping, "separator: \" \"", "separator: \"-\"", (Mapping, "from: first_name", "from: [first_name, last_name]\n    combine: concat\n    separator: \" \"")),
        new("mapping field.constant", Mapping, "constant: a", "constant: b", (Mapping, "from: first_name", "constant: a")),
        new("mapping field.default", Mapping, "to: occupation\n", "to: occupation\n    default: none\n"),
        new("mapping field.until", Mapping, "to: occupation\n", "to: occupation\n    until: 2026-01-31\n"),
        new("mapping field.time_zone", Mapping, "time_zone: UTC", "time_zone: Europe/Berlin", (Mapping, "    type: date\n    # Month first: 04/08/1966 is April 8th.\n    formats: [MM/dd/yyyy, M/d/yyyy]\n", "    type: datetime\n    formats: [MM/dd/yyyy]\n    time_zone: UTC\n")),
        new("mapping field.to", Mapping, "to: first_name", "to: given_name"),
        new("mapping field.element", Mapping, "element: owners", "element: homes", (Mapping, "to: home_owner\n", "to: interests\n    element: owners\n")),
        new("mapping field.type", Mapping, "    type: integer", "    type: text"),
        new("mapping field.transforms", Mapping, "[trim, title_case]", "[trim]"),
        new("mapping field.values", Mapping, "{ M: M, F: F }", "{ M: male, F: female }"),
        new("mapping field.formats", Mapping, "[MM/dd/yyyy, M/d/yyyy]", "[dd/MM/yyyy]"),
        new("mapping field.two_digit_years_to", Mapping, "two_digit_years_to: 2026", "two_digit_years_to: 1999", (Mapping, "[MM/dd/yyyy, M/d/yyyy]", "[MM/dd/yy, MM/dd/yyyy]\n    two_digit_years_to: 2026")),
        new("mapping field.decimal", Mapping, "transforms: [money]", "transforms: [money]\n    decimal: comma"),
        new("mapping field.null_words", Mapping, "null_words: [NA]", "null_words: [NONE]"),
        new("mapping field.true_words", Mapping, "true_words: [\"Y\"]", "true_words: [\"J\"]"),
        new("mapping field.false_words", Mapping, "false_words: [\"N\"]", "false_words: [\"X\"]"),
        new("mapping field.default_country", Mapping, "default_country: US", "default_country: DE"),
        new("mapping field.country_from", Mapping, "default_country: US", "default_country: US\n    country_from: prefix"),
        new("mapping field.on_null", Mapping, "    null_words: [NA]", "    null_words: [NA]\n    on_null: clear"),
        new("mapping field.on_error", Mapping, "    on_error: drop", "    on_error: reject"),
        new("mapping field.owner", Mapping, "to: first_name\n", "to: first_name\n    owner: vendor\n"),
        new("mapping field.classification", Mapping, "to: occupation\n    type: text\n    transforms: [trim]\n    classification: personal", "to: occupation\n    type: text\n    transforms: [trim]\n    classification: sensitive", ("mappings/hubspot.yaml", "transforms: [trim]\n    classification: personal\n  - from: home_owner", "transforms: [trim]\n  - from: home_owner"), ("mappings/marketo.yaml", "transforms: [trim]\n    classification: personal\n  - from: home_owner", "transforms: [trim]\n  - from: home_owner")),
        new("policy attributes", Policy, "product_id: public", "product_id: sensitive"),
        new("policy destinations", Policy, "\"*\": send\n      # The shop", "\"*\": send\n      occupation: hash\n      # The shop"),
        new("policy destinations.*", Policy, "\"*\": send", "external_id: send\n      \"*\": drop"),
        new("mapping field.mutability", Mapping, "to: first_name\n", "to: first_name\n    mutability: immutable\n"),
        new("audience display_name", Audience, "display_name: Customers", "display_name: Clients"),
        new("audience columns", Audience, "LastName: last_name", "LastName: ignored"),
        new("audience default_country", Audience, "display_name: Customers", "display_name: Customers\ndefault_country: DE", (Audience, "Occupation: occupation", "Occupation: phone"), (Mapping, "from: occupation", "from: education"), ("mappings/hubspot.yaml", "from: occupation", "from: education"), ("mappings/marketo.yaml", "from: occupation", "from: education")),
        new("audience guardrail", Audience, "guardrail:\n  # A sync that would remove a larger share of the members waits for a person.\n  max_removal_share: 0.2\n", "guardrail: { max_removal_share: 0.9 }\n"),
        new("audience guardrail.max_removal_share", Audience, "0.2", "0.3"),
        new("audience guardrail.max_addition_multiple", Audience, "max_removal_share: 0.2", "max_removal_share: 0.2\n  max_addition_multiple: 3"),
        new("audience reconcile", Audience, "display_name: Customers", "display_name: Customers\nreconcile: { heal: all }"),
        new("audience reconcile.heal", Audience, "display_name: Customers", "display_name: Customers\nreconcile: { heal: missing }"),
        new("audience reconcile.fields", Audience, "display_name: Customers", "display_name: Customers\nreconcile: { fields: whole }"),
        new("audience reconcile.fewer_than", Audience, "display_name: Customers", "display_name: Customers\nreconcile: { fewer_than: 0.01 }"),
        new("audience reconcile.sample", Audience, "display_name: Customers", "display_name: Customers\nreconcile: { sample: 20 }"),
        new("audience destinations", Audience, "[braze, hubspot, marketo]", "[braze, hubspot]"),
        new("consent purposes", Consent, "  email_marketing:", "  mail_marketing:"),
        new("consent purposes.granted", Consent, "    granted: { rule: email_opt_in, decision: allow }\n", ""),
        new("consent purposes.denied", Consent, "    denied: { rule: email_opt_out, decision: deny }", "    denied: { rule: email_no, decision: deny }"),
        new("consent purposes.unknown", Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""),
        new("consent rule.rule", Consent, "rule: email_opt_in", "rule: said_yes"),
        new("consent rule.decision", Consent, "rule: existing_customer, decision: allow", "rule: existing_customer, decision: deny"),
        new("consent regions", Consent, "[DE]", "[AT]", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent purposes.rules", Consent, "      - { name: eu, region: EU, basis: consent, granted: allow, denied: deny, unknown: deny, expires: 24mo, needs: [evidence] }\n", "", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.name", Consent, "name: eu,", "name: europe,", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.region", Consent, "region: EU, ", "", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.basis", Consent, "basis: consent", "basis: contract", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.granted", Consent, "basis: consent, granted: allow", "basis: consent, granted: deny", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.denied", Consent, "denied: deny, unknown: deny", "denied: allow, unknown: deny", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.unknown", Consent, "unknown: deny, expires", "unknown: allow, expires", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.expires", Consent, "24mo", "12mo", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent regional.needs", Consent, ", needs: [evidence]", "", (Consent, Everywhere, Regional), (Consent, "    unknown: { rule: existing_customer, decision: allow }\n", ""), (Consent, "purposes:\n  # The shop's", "regions: { EU: [DE] }\npurposes:\n  # The shop's")),
        new("consent signals", Consent, "signals: { gpc: { denies: [email_marketing], regions: [CA] } }\n", "", (Consent, "suppressions: [", "regions: { CA: [DE], NY: [FR] }\nsignals: { gpc: { denies: [email_marketing], regions: [CA] } }\nsuppressions: [")),
        new("consent signals.gpc", Consent, "gpc: { denies: [email_marketing], regions: [CA] }", "", (Consent, "suppressions: [", "regions: { CA: [DE], NY: [FR] }\nsignals: { gpc: { denies: [email_marketing], regions: [CA] } }\nsuppressions: [")),
        new("consent signals.gpc.denies", Consent, "denies: [email_marketing]", "denies: [partner_sharing]", (Consent, "suppressions: [", "regions: { CA: [DE], NY: [FR] }\nsignals: { gpc: { denies: [email_marketing], regions: [CA] } }\nsuppressions: [")),
        new("consent signals.gpc.regions", Consent, "regions: [CA]", "regions: [NY]", (Consent, "suppressions: [", "regions: { CA: [DE], NY: [FR] }\nsignals: { gpc: { denies: [email_marketing], regions: [CA] } }\nsuppressions: [")),
        new("consent signals.gpc.overridable", Consent, "regions: [CA] }", "regions: [CA], overridable: true }", (Consent, "suppressions: [", "regions: { CA: [DE], NY: [FR] }\nsignals: { gpc: { denies: [email_marketing], regions: [CA] } }\nsuppressions: [")),
        new("consent suppressions", Consent, "[hard_bounce, complaint, legal_hold, canary]", "[hard_bounce, complaint, legal_hold]"),
        new("consent sources", Consent, "  preference-center: { may: [grant, deny] }", "  form: { may: [grant, deny] }"),
        new("consent sources.may", Consent, "preference-center: { may: [grant, deny] }", "preference-center: { may: [deny] }"),
        new("consent sources.producers", Consent, "preference-center: { may: [grant, deny] }", "preference-center: { may: [grant, deny], producers: [app] }"),
        new("ownership attributes", Ownership, "  occupation:", "  gender:"),
        new("ownership attributes.system_of_record", Ownership, "system_of_record: crm", "system_of_record: webshop"),
        new("ownership attributes.conflict", Ownership, "conflict: owner_wins", "conflict: flag"),
        new("ownership attributes.mutability", Ownership, "mutability: mutable", "mutability: immutable"),
        new("ownership attributes.separator", Ownership, "separator: \";\"", "separator: \",\"", (Ownership, "mutability: mutable }", "mutability: append_only, separator: \";\" }")),
        new("ownership attributes.direction", Ownership, "direction: out", "direction: in", (Ownership, "mutability: mutable }", "mutability: mutable, direction: out }")),
        new("ownership shadows", Ownership, "attributes:\n", "shadows: { webshop: { of: crm } }\nattributes:\n"),
        new("ownership shadows.of", Ownership, "of: crm", "of: pim", (Ownership, "attributes:\n", "shadows: { webshop: { of: crm } }\nattributes:\n")),
        new("ownership attributes.flapping", Ownership, "mutability: mutable }", "mutability: mutable }\n  home_owner: { system_of_record: crm, flapping: { changes: 2, within: 1h } }"),
        new("ownership attributes.flapping.changes", Ownership, "changes: 2", "changes: 3", (Ownership, "mutability: mutable }", "mutability: mutable }\n  home_owner: { system_of_record: crm, flapping: { changes: 2, within: 1h } }")),
        new("ownership attributes.flapping.within", Ownership, "within: 1h", "within: 2h", (Ownership, "mutability: mutable }", "mutability: mutable }\n  home_owner: { system_of_record: crm, flapping: { changes: 2, within: 1h } }")),
    ];

    public static IEnumerable<TestCaseData> Changes => _changes.Select(change => new TestCaseData(change.Setting));

    [TestCaseSource(nameof(Changes))]
    public async Task Should_act_otherwise_or_be_refused(string setting)
    {
        var change = _changes.Single(candidate => candidate.Setting == setting);
        using var before = Fixture(change);
        using var after = Fixture(change).Replace(change.File, change.Old, change.New);

        var unchanged = await BehaviorAsync(before.LoadWell());
        var result = after.Load();

        if (result.Configuration is { } changed)
        {
            Assert.That(await BehaviorAsync(changed), Is.Not.EqualTo(unchanged), $"{setting} is ignored");
        }
        else
        {
            Assert.That(result.Errors.Select(error => error.Problem), Has.None.Contains("is not a known key"));
        }
    }

    [Test]
    public void Should_be_every_setting_that_the_schemas_know()
    {
        using var fixture = new ConfigurationFixture();
        var known = new[] { "destination", "mapping", "audience", "consent", "policy", "ownership" }
            .SelectMany(kind => SettingsOf(JsonNode.Parse(fixture.Read($"schemas/{kind}.schema.json"))!).Select(setting => $"{kind} {setting}"))
            .ToHashSet();

        Assert.That(_changes.Select(static change => change.Setting).Concat(_declarations.Keys), Is.SupersetOf(known));
        Assert.That(_declarations.Keys, Is.SubsetOf(known), "an exception for something gone");
    }

    private static ConfigurationFixture Fixture(Change change)
    {
        var fixture = new ConfigurationFixture()
            .SetEnvironment("HUBSPOT_ACCESS_TOKEN", "t").SetEnvironment("BRAZE_API_KEY", "k").SetEnvironment("OTHER_KEY", "k")
            .Write("key.txt", "k")
            .Replace(Braze, "# base_url", "base_url");
        if (change.File == Ownership)
        {
            fixture.Write(Ownership, "attributes:\n  occupation: { system_of_record: crm, conflict: owner_wins, mutability: mutable }\n");
        }

        foreach (var (file, old, replacement) in change.Both)
        {
            fixture.Replace(file, old, replacement);
        }

        return fixture;
    }

    private static IEnumerable<string> SettingsOf(JsonNode schema)
    {
        foreach (var name in Names(schema, ""))
        {
            yield return name;
        }

        foreach (var (definition, part) in schema["$defs"]?.AsObject() ?? [])
        {
            foreach (var name in Names(part!, $"{definition}."))
            {
                yield return name;
            }
        }
    }

    private static IEnumerable<string> Names(JsonNode part, string path)
    {
        foreach (var (name, setting) in part["properties"]?.AsObject() ?? [])
        {
            yield return path + name;
            foreach (var below in new[] { setting, setting!["additionalProperties"] }.OfType<JsonObject>().SelectMany(node => Names(node, $"{path}{name}.")))
            {
                yield return below;
            }
        }
    }

    /// <summary>What the hub does by a configuration: what is mapped, read, decided, asked for and admitted.</summary>
    private static async Task<string> BehaviorAsync(HubConfiguration configuration)
    {
        var behavior = new StringBuilder();
        foreach (var destination in configuration.Destinations.Values.OrderBy(static d => d.Name, StringComparer.Ordinal))
        {
            var connector = ConfigurationFixture.Connectors.Single(c => c.Descriptor.Name == destination.Connector).Descriptor;
            var policy = FieldPolicy.For(configuration, destination);
            behavior.AppendLine(CultureInfo.InvariantCulture, $"{destination.Name} at {destination.BaseUrl}, sandbox {destination.UsesSandbox}, key {destination.IdentityKey}, asks for opt-outs {destination.AsksForOptOuts}, creates {destination.Create}, merges {destination.OnMerge}, deletions {destination.OnDelete}, aliases {string.Join(',', destination.Aliases)}");
            behavior.AppendJoin(' ', destination.Credentials.Select(static c => $"{c.Key}={c.Value}")).AppendJoin(' ', destination.Settings);
            var limits = QuotaLimits.For(connector, destination.Quota, destination.DailyShares);
            behavior.AppendJoin(' ', limits.Rates.Select(static rate => $"{rate.Name}={rate.Calls}")).AppendJoin(' ', limits.DayShares).AppendLine(CultureInfo.InvariantCulture, $" concurrency {limits.MaxConcurrency} {destination.Backfill}");
            foreach (var audience in configuration.Audiences.Values.Where(a => a.Destinations.Contains(destination.Name)))
            {
                behavior.AppendLine(destination.RequestFor(audience).ToString());
                behavior.AppendLine(CultureInfo.InvariantCulture, $"{audience.Reconcile} {destination.Reconcile}");
                behavior.AppendLine(destination.Live ? "live" : "by runs");
            }

            foreach (var states in States)
            {
                behavior.AppendLine(new ConsentPolicy(configuration.Consent).Decide(destination.Purposes, states, DateTimeOffset.UnixEpoch).ToString());
                var told = (destination.Consent is { } consent ? new ConsentRepresentation(consent) : null)?.For(states, "a@example.test", "+12025550147", purpose => new IntegrationHub.Hub.Consent.ConsentDecision(true, purpose, null, null));
                behavior.AppendLine(CultureInfo.InvariantCulture, $"{told?.MarketingEmail} {string.Join(' ', told?.Topics ?? [])}");
            }

            foreach (var (name, representation) in destination.Events)
            {
                var told = new EventRepresentation(representation, null, policy).Map(Viewed, isQuiet: false, out _);
                behavior.AppendLine(CultureInfo.InvariantCulture, $"{name}: {told?.Name} {Quiet(representation)} {string.Join(' ', told?.Properties.Select(static p => $"{p.Name}={p.Value}") ?? [])}");
            }

            var mapping = DestinationMapping.Compile(configuration.Mappings[destination.Mapping], connector, destination.IdentityKey, policy, destination.DefaultCountry, at: _day);
            foreach (var person in People)
            {
                var record = mapping.Map(person);
                behavior.AppendLine(CultureInfo.InvariantCulture, $"{record.Key} {record.Rejection} {string.Join(' ', record.Dropped)} {string.Join(' ', record.Fields.Select(static f => $"{f.Name}={f.Value.Kind}:{f.Value}"))}");
            }
        }

        var authority = ConsentAuthority.Of(configuration);
        behavior.AppendJoin(' ', configuration.Consent.Suppressions).AppendJoin(' ', new[] { "preference-center", "list:customers", "other" }.Select(source => authority.MayGrant(source, "shop")));
        foreach (var audience in configuration.Audiences.Values)
        {
            behavior.AppendLine(audience.Guardrail.ToString());
            var csv = $"{string.Join(',', audience.Columns.Select(static c => c.Header))}\n{string.Join(',', audience.Columns.Select(static (_, i) => i == 0 ? "1" : "030 901820"))}\n";
            await foreach (var row in new SnapshotReader(audience).ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), SnapshotFormat.Csv, "f", CancellationToken.None))
            {
                behavior.AppendLine(row.ToString());
            }
        }

        return behavior.AppendLine(configuration.Ownership is { } ownership ? Owned(ownership) : "").ToString();
    }

    /// <summary>What a profile holds after two sources stated an attribute, and what was counted.</summary>
    private static string Owned(OwnershipRules ownership)
    {
        ProfileContent? profile = null;
        var counted = 0;
        foreach (var (producer, value, hour) in ((string, string, int)[])[("crm", "P", 1), ("crm", "M", 2), ("webshop", "S", 3)])
        {
            var statement = new ProfileStatement(null, null, $$"""{"occupation":"{{value}}"}""", DateTimeOffset.UnixEpoch.AddHours(hour)) { Producer = producer };
            if (ownership.Admits("occupation", producer))
            {
                profile = ProfileMerge.Merge(profile, statement, ownership.InLedger).Content;
                counted += ownership.InLedger.RefusedOf(statement, profile).Count;
            }
        }

        var unrest = new Unrest(0, 0, 2);
        return $"{profile?.AttributesJson} {counted} {string.Join(' ', ownership.Shadows)} {string.Join(' ', ownership.Flapping.Select(rule => $"{rule.Key} held {rule.Value.Holds(unrest, DateTimeOffset.UnixEpoch)} until {rule.Value.SteadyAt(unrest)}"))}";
    }

    private static string Quiet(EventSection representation) =>
        new EventRepresentation(representation, null, FieldPolicy.OfMappingAlone) is { QuietName: not null } told ? $"{told.QuietName} {string.Join(' ', told.Map(Viewed, isQuiet: true, out _)!.Properties.Select(static p => p.Name))}" : "";

    private static readonly DateTimeOffset _day = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] States =
    [
        "{}",
        """{"":{"c":"DE"}}""",
        """{"":{"c":"DE"},"email_marketing":{"s":"granted","t":5,"src":"a"},"signal:gpc":{"s":"denied","t":1,"src":"gpc"}}""",
        """{"":{"c":"DE"},"email_marketing":{"s":"granted","t":1,"src":"a"}}""",
        """{"":{"c":"DE"},"email_marketing":{"s":"granted","t":1,"src":"a","e":true}}""",
        """{"":{"c":"DE"},"email_marketing":{"s":"denied","t":1,"src":"a"}}""",
        """{"email_marketing":{"s":"granted","t":1,"src":"a"},"partner_sharing":{"s":"denied","t":1,"src":"a"}}""",
        """{"email_marketing":{"s":"denied","t":1,"src":"a"},"partner_sharing":{"s":"granted","t":1,"src":"a"}}""",
    ];

    private static readonly ProfileView[] People =
    [
        new("1", "andrés@example.test", "202-555-0147", """{"prefix":"DE","first_name":"JON","last_name":"YANG","date_of_birth":"04/08/1966","marital_status":"M","gender":"M","annual_income":"$1,234","total_children":"2","education":"B","occupation":"P","home_owner":"Y"}"""),
        new("2", "b@example.test", "030 901820", """{"first_name":"ANN","last_name":"LEE","date_of_birth":"04/08/1966","marital_status":"S","gender":"NA","annual_income":"5","total_children":"0","home_owner":"N"}"""),
        new("3", "c@example.test", null, """{"first_name":"KIM","date_of_birth":"04/08/15"}"""),
    ];

    private static readonly BehaviorTracked Viewed = new()
    {
        EventId = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        OccurredAt = DateTimeOffset.UnixEpoch,
        Producer = "shop",
        Subject = new Subject { ExternalId = "1" },
        Payload = new TrackedBehavior { Name = "product_viewed", Properties = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, System.Text.Json.JsonElement>>("""{"product_id":"p","category":"c","price":1}""")! },
    };

    /// <summary>One setting with another value; what is replaced in <paramref name="Both"/> stands in either configuration.</summary>
    private sealed record Change(string Setting, string File, string Old, string New, params (string File, string Old, string New)[] Both);
}
