using System.Text.Json.Nodes;

namespace Hub.Tests.Configuration;

public sealed class When_the_configuration_is_wrong
{
    private const string Braze = "destinations/braze.yaml";
    private const string Marketo = "destinations/marketo.yaml";
    private const string BrazeMapping = "mappings/braze.yaml";
    private const string Customers = "audiences/customers.yaml";
    private const string Consent = "consent.yaml";

    private ConfigurationFixture _fixture = null!;

    [SetUp]
    public void Copy() => _fixture = new ConfigurationFixture();

    [TearDown]
    public void Delete() => _fixture.Dispose();

    /// <summary>Mistakes in the shape of a file: an editor with the schema sees them too.</summary>
    [TestCase(Braze, "connector: braze", "conector: braze", "Did you mean connector?")]
    [TestCase(Braze, "mapping: braze", "", "Add mapping")]
    [TestCase(Braze, "purposes: [email_marketing]", "purposes: []", "at least one")]
    [TestCase(Braze, "purposes: [email_marketing]", "purposes: email_marketing", "purposes: [a, b]")]
    [TestCase(Braze, "# base_url: https://rest.iad-01.braze.com", "base_url: rest.iad-01.braze.com", "https://api.example.com")]
    [TestCase(Braze, "# base_url: https://rest.iad-01.braze.com", "base_url: https://user@rest.braze.com", "without user")]
    [TestCase(Braze, "{ env: BRAZE_API_KEY }", "{ env: BRAZE_API_KEY, file: x }", "{ env: NAME }")]
    [TestCase(Braze, "{ env: BRAZE_API_KEY }", "{ evn: BRAZE_API_KEY }", "Did you mean env?")]
    [TestCase(Braze, "{ env: BRAZE_API_KEY }", "abc", "keys and values below")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\naudiences:\n  customers: { name: a, id: b }", "Write name to find")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\nbackfill: { share: 2 }", "from 0.01 to 1")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\nbackfill: { rate: fast }", "50/s, 3000/min or 20000/h")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\nbackfill: { rates: 50/s }", "Did you mean rate?")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\non_merge: join", "Write one of: retire, merge, ignore.")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\non_delete: remove", "Write one of: retire, delete.")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\naliases: { crm_id: crm }", "Write one of: anonymous_id, device_id.")]
    [TestCase(Braze, "    name: product_viewed\n", "", "Add name")]
    [TestCase(Braze, "    name: product_viewed\n", "    nmae: product_viewed\n", "Did you mean name?")]
    [TestCase(Braze, "    name: product_viewed\n", "    name: product_viewed\n    name_property: []\n", "Write a text or remove the key.")]
    [TestCase(Braze, "{ product_id: product_id, ", "{ product_id: [a], ", "Write a text or remove the key.")]
    [TestCase(Braze, "{ product_id: product_id, category: category, price: price }", "product_id", "keys and values below")]
    [TestCase(Braze, "  product_viewed:\n    name: product_viewed\n", "  product_viewed: viewed\n  other:\n    name: o\n", "keys and values below")]
    [TestCase(Braze, "events:\n  product_viewed:\n    name: product_viewed\n    properties: { product_id: product_id, category: category, price: price }\n", "events: {}\n", "or remove it")]
    [TestCase(BrazeMapping, "    type: phone", "    type: phnoe", "Did you mean phone?")]
    [TestCase(BrazeMapping, "    on_error: drop", "    on_error: ignore", "Write one of: reject, drop.")]
    [TestCase(BrazeMapping, "    on_error: drop", "    on_eror: drop", "Did you mean on_error?")]
    [TestCase(BrazeMapping, "    default_country: US", "    default_country: Germany", "two capital letters")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\ndefault_country: de", "Write DE.")]
    [TestCase(Customers, "display_name: Customers", "display_name: Customers\ndefault_country: x", "two capital letters")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: last_name\n    mutability: fill_empty\n    owner: vendor\n", "Remove mutability")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: last_name\n    mutability: fill_empty\n    on_null: clear\n", "on_null: omit")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: last_name\n    mutability: write_once\n    owner: vendor\n", "Remove mutability")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: last_name\n    mutability: write_once\n    on_null: clear\n", "on_null: omit")]
    [TestCase(BrazeMapping, "    to: last_name\n    type: text\n", "    to: last_name\n    type: text\n    mutability: append_only\n    values: { a: b }\n", "without values; or element beside to")]
    [TestCase(BrazeMapping, "    to: home_owner\n", "    to: home_owner\n    mutability: append_only\n", "Write type: text")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: last_name\n    mutability: append_only\n    on_null: clear\n", "on_null: omit")]
    [TestCase(BrazeMapping, "    to: home_owner\n", "    to: flags\n    element: home\n    mutability: append_only\n    on_null: clear\n", "on_null: omit")]
    [TestCase(BrazeMapping, "    to: home_owner\n", "    to: flags\n    element: home\n    mutability: append_only\n    owner: vendor\n", "Remove mutability")]
    [TestCase(BrazeMapping, "    true_words: [\"Y\"]", "    true_words: [\"Y\"]\n    country_from: country", "type: phone")]
    [TestCase(BrazeMapping, "    true_words: [\"Y\"]", "    true_words: [\"Y\"]\n    decimal: comma", "type: number or integer")]
    [TestCase(BrazeMapping, "    true_words: [\"Y\"]", "    true_words: [\"Y\"]\n    two_digit_years_to: 2026", "type: date")]
    [TestCase(BrazeMapping, "transforms: [money]", "decimal: komma", "Did you mean comma?")]
    [TestCase(Customers, "max_removal_share: 0.2", "max_addition_multiple: 2000000", "from 0 to 1000000")]
    [TestCase(BrazeMapping, "    formats: [MM/dd/yyyy, M/d/yyyy]\n", "", "Add formats")]
    [TestCase(BrazeMapping, "    type: boolean", "    type: boolean\n    time_zone: UTC", "type: date or datetime")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - from: [last_name, prefix]\n", "Add combine")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - from: last_name\n    combine: first\n", "from: [a, b], or remove combine")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - from: [last_name, prefix]\n    combine: joined\n", "first, concat")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - from: [last_name, prefix]\n    combine: first\n    separator: x\n", "combine: concat, or remove separator")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - from: [last_name, last_name]\n    combine: first\n", "Name it once")]
    [TestCase(BrazeMapping, "  - from: total_children\n", "  - from: [total_children, annual_income]\n    combine: concat\n", "type: text, or combine: first")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - from: last_name\n    constant: x\n", "Remove from, or constant")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - constant: x\n    default: y\n", "Remove default, or constant")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - constant: x\n    on_null: clear\n", "Remove on_null, or constant")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - on_null: omit\n", "Add from")]
    [TestCase(BrazeMapping, "  - from: last_name\n", "  - from: last_name\n    until: 31.03.2027\n", "such as 2027-03-31")]
    [TestCase(BrazeMapping, "    mutability: immutable\n", "    mutability: immutable\n    default: x\n", "one key of the person")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: $.name\n", "such as $.address.city")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: $last_name\n", "such as $.address.city")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: $.name.\n", "such as $.address.city")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: $.name.last name\n", "such as $.address.city")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: $.names[last]\n", "such as $.address.city")]
    [TestCase(BrazeMapping, "    to: last_name\n", "    to: names\n    element: last\n", "type: boolean")]
    [TestCase(BrazeMapping, "    to: home_owner\n", "    to: $.flags.all\n    element: home\n", "element: home stands beside it")]
    [TestCase(BrazeMapping, "    to: home_owner\n", "    to: flags[x]\n    element: home\n", "element: home stands beside it")]
    [TestCase(BrazeMapping, "    true_words: [\"Y\"]", "    true_words: [\"Y\"]\n    formats: [yyyy]", "type: date")]
    [TestCase(BrazeMapping, "transforms: [money]", "transforms: [mony]", "Did you mean money?")]
    [TestCase(BrazeMapping, "fields:", "email_ascii_only: perhaps\nfields:", "true or false")]
    [TestCase(Customers, "max_removal_share: 0.2", "max_removal_share: 20", "from 0 to 1")]
    [TestCase(Customers, "max_removal_share: 0.2", "max_removal_share: much", "from 0 to 1")]
    [TestCase(Customers, "max_removal_share: 0.2", "max_removals: 0.2", "max_removal_share, max_addition_multiple")]
    [TestCase(Customers, "display_name: Customers", "", "Add display_name")]
    [TestCase(Customers, "Prefix: prefix", "Prefix: Name-Prefix", "lower-case letters")]
    [TestCase(Consent, "decision: deny }\n    # Soft", "decision: never }\n    # Soft", "Write one of: deny, allow.")]
    [TestCase(Consent, "    granted: { rule: email_opt_in", "    agreed: { rule: email_opt_in", "granted, denied, unknown")]
    [TestCase(Consent, "rule: email_opt_in, ", "", "Add rule")]
    [TestCase(Consent, "purposes:", "purpose:", "Did you mean purposes?")]
    [TestCase(Consent, "preference-center: { may: [grant, deny] }", "preference-center: { may: [grnat, deny] }", "Did you mean grant?")]
    [TestCase(Consent, "legal_hold, canary]", "legal_hold, Canary]", "lower-case letters")]
    [TestCase(Consent, "purposes:", "regions: { EU: [AT, Germany] }\npurposes:", "Write countries as")]
    [TestCase(Consent, "  partner_sharing:", "  third:\n    rules:\n      - { name: all, granted: allow, denied: deny }\n  partner_sharing:", "Add unknown")]
    [TestCase(Consent, "  partner_sharing:", "  third:\n    rules:\n      - { name: all, granted: allow, denied: deny, unknown: deny, expires: 24months }\n  partner_sharing:", "24mo")]
    [TestCase(Consent, "  partner_sharing:", "  third:\n    granted: { rule: a, decision: allow }\n    rules:\n      - { name: all, granted: allow, denied: deny, unknown: deny }\n  partner_sharing:", "Known keys: rules")]
    [TestCase(Consent, "preference-center: { may: [grant, deny] }", "preference-center: { producers: [shop] }", "may: [grant, deny]")]
    [TestCase(Consent, "preference-center: { may: [grant, deny] }", "preference-center: { may: [grant], producer: [shop] }", "Did you mean producers?")]
    public void Should_report_a_wrong_shape_as_the_schema_does(string file, string old, string replacement, string fix)
    {
        _fixture.Replace(file, old, replacement);

        var found = _fixture.Load().Errors.Where(e => e.File == file).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(found.Select(static e => e.Fix), Has.Some.Contains(fix), string.Join('\n', found));
            Assert.That(found.All(static e => e.Line > 0 && e.Problem.Length > 0));
            Assert.That(MatchesSchema(file), Is.False, "the schema accepts what the loader refuses");
        });
    }

    /// <summary>Mistakes that only the whole configuration shows: the schema of the one file accepts them.</summary>
    [TestCase(Braze, "connector: braze", "connector: braize", "connector: braize", "Did you mean braze?")]
    [TestCase(Braze, "identity_key: external_id", "identity_key: externalid", "identity_key", "Did you mean external_id?")]
    [TestCase(Braze, "mapping: braze", "mapping: brace", "mapping: brace", "Did you mean braze?")]
    [TestCase(Braze, "[email_marketing]", "[email_marketting]", "purposes:", "Did you mean email_marketing?")]
    [TestCase(Braze, "  api_key:", "  apikey:", "apikey:", "Did you mean api_key?")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\nsettings: { api_key: s3cret }", "settings:", "credentials")]
    [TestCase(Braze, "mapping: braze", "mapping: braze\naudiences:\n  customer: { name: x }", "audiences:", "Did you mean customers?")]
    [TestCase(Marketo, "mapping: marketo", "mapping: marketo\naliases: { device_id: phone }", "aliases:", "Leave aliases out.")]
    [TestCase(Marketo, "folder_type: Folder", "folder_typ: Folder", "folder_typ:", "Did you mean folder_type?")]
    [TestCase(Marketo, "folder_type: Folder", "folder_type: Drawer", "folder_type: Drawer", "Folder")]
    [TestCase(Marketo, "  client_secret: { env: MARKETO_CLIENT_SECRET }\n", "", "credentials:", "client_secret")]
    [TestCase(BrazeMapping, "[MM/dd/yyyy, M/d/yyyy]", "[MM/dd/yyyy, d/M/yyyy]", "formats:", "does not guess")]
    [TestCase(BrazeMapping, "[MM/dd/yyyy, M/d/yyyy]", "[mm/dd/yyyy]", "formats:", "MM is the month")]
    [TestCase(BrazeMapping, "[MM/dd/yyyy, M/d/yyyy]", "[MM/yyyy]", "formats:", "MM is the month")]
    [TestCase(BrazeMapping, "[MM/dd/yyyy, M/d/yyyy]", "[MM/dd/yyyy, M/d/yy]", "formats:", "two_digit_years_to: 2026")]
    [TestCase(BrazeMapping, "    default_country: US", "    country_from: email", "country_from: email", "attribute that holds the country")]
    [TestCase(Customers, "display_name: Customers", "display_name: Customers\ndefault_country: US", "default_country", "Write phone for the column")]
    [TestCase(BrazeMapping, "    formats: [MM/dd/yyyy, M/d/yyyy]\n", "    formats: [MM/dd/yyyy]\n    time_zone: Europe/Bern\n", "time_zone", "such as Europe/Berlin")]
    [TestCase(BrazeMapping, "    type: date\n    # Month first: 04/08/1966 is April 8th.\n    formats: [MM/dd/yyyy, M/d/yyyy]\n", "    type: datetime\n    formats: [\"MM/dd/yyyy HH:mm\", \"dd/MM/yyyy HH:mm\"]\n", "formats:", "does not guess")]
    [TestCase(BrazeMapping, "    type: date\n    # Month first: 04/08/1966 is April 8th.\n    formats: [MM/dd/yyyy, M/d/yyyy]\n", "    type: datetime\n    formats: [\"HH:mm\"]\n", "formats:", "HH the hour")]
    [TestCase(BrazeMapping, "    type: integer", "    type: integer\n    default: many", "default: many", "whole number")]
    [TestCase(BrazeMapping, "    type: email", "    type: email\n    default: nobody@example.test", "default: nobody", "Leave default out")]
    [TestCase(BrazeMapping, "    to: last_name", "    to: first_name", "    to: first_name", "Map it once")]
    [TestCase(BrazeMapping, "    to: last_name", "    to: $.first_name.last", "    to: $.first_name.last", "Map the whole, or its parts")]
    [TestCase(BrazeMapping, "    to: home_owner", "    to: occupation\n    element: owner", "  - from: home_owner", "Map the whole, or its parts")]
    [TestCase(BrazeMapping, "transforms: [money]", "transforms: [title_case]", "transforms: [title_case]", "money with number")]
    [TestCase(BrazeMapping, "false_words: [\"N\"]", "false_words: [\"y\"]", "true_words:", "one of them")]
    [TestCase(Customers, "LastName: last_name", "LastName: first_name", "LastName:", "ignored")]
    [TestCase(Customers, "CustomerKey: external_id", "CustomerKey: customer_key", "columns", "external_id")]
    [TestCase(Customers, "[braze, hubspot, marketo]", "[braze, hubspot, market]", "destinations:", "Did you mean marketo?")]
    [TestCase(Consent, "  partner_sharing:", "  third:\n    rules:\n      - { name: eu, region: UE, granted: allow, denied: deny, unknown: deny }\n  partner_sharing:", "region: UE", "Name it under regions")]
    [TestCase(Consent, "  partner_sharing:", "  third:\n    rules:\n      - { name: all, granted: allow, denied: deny, unknown: deny }\n      - { name: late, granted: allow, denied: deny, unknown: deny }\n  partner_sharing:", "name: late", "last")]
    [TestCase(Consent, "preference-center: { may: [grant, deny] }", "Marketo: { may: [grant, deny] }", "Marketo: {", "Write Marketo: { may: [deny] }")]
    [TestCase(Consent, "preference-center: { may: [grant, deny] }", "Form: { may: [grant] }\n  form: { may: [deny] }", "  form:", "Write it once")]
    public void Should_report_what_does_not_fit_together(string file, string old, string replacement, string at, string fix)
    {
        _fixture.Replace(file, old, replacement);

        var found = _fixture.Load().Errors.Where(e => e.File == file).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(found.Where(e => e.Fix.Contains(fix, StringComparison.Ordinal)), Is.Not.Empty, string.Join('\n', found));
            Assert.That(found.Select(static e => e.Line), Has.Some.InRange(_fixture.LineOf(file, at), _fixture.LineOf(file, at) + 20));
            Assert.That(string.Join('\n', found), Does.Not.Contain("s3cret"));
            Assert.That(MatchesSchema(file), Is.True, "the schema refuses what it cannot know");
        });
    }

    [TestCase(Braze)]
    [TestCase(Marketo)]
    [TestCase("destinations/hubspot.yaml")]
    [TestCase(BrazeMapping)]
    [TestCase("mappings/hubspot.yaml")]
    [TestCase("mappings/marketo.yaml")]
    [TestCase(Customers)]
    [TestCase(Consent)]
    public void Should_accept_the_samples_as_the_schema_does(string file) =>
        Assert.Multiple(() =>
        {
            Assert.That(MatchesSchema(file), Is.True);
            Assert.That(_fixture.Load().Errors, Is.Empty);
        });

    [Test]
    public void Should_know_in_schemas_the_keys_that_the_loader_knows()
    {
        foreach (var (file, schema) in new[] { (Braze, "destination"), (BrazeMapping, "mapping"), (Customers, "audience"), (Consent, "consent"), ("identity.yaml", "identity") })
        {
            using var fixture = new ConfigurationFixture();
            var error = fixture.Write(file, "zzzzzzzzzz: 1").Load().Errors.Single(static e => e.Problem.StartsWith("zzzzzzzzzz", StringComparison.Ordinal));
            var known = error.Fix.Split("Known keys: ")[1].TrimEnd('.').Split(", ").Distinct();

            Assert.That(known, Is.EquivalentTo(Schema(schema)["properties"]!.AsObject().Select(static p => p.Key)), schema);
        }
    }

    [Test]
    public void Should_report_every_error_and_not_only_the_first()
    {
        var errors = _fixture
            .Replace(Braze, "connector: braze", "connectr: braze")
            .Replace(BrazeMapping, "on_error: drop", "on_error: dorp")
            .Replace(BrazeMapping, "default_country: US", "default_country: Kingdom")
            .Replace(Customers, "max_removal_share: 0.2", "max_removal_share: 2")
            .Replace(Consent, "decision: allow }", "decision: alow }")
            .Load().Errors;

        Assert.Multiple(() =>
        {
            Assert.That(errors.Select(static e => e.File).Distinct(), Is.EqualTo(new[] { Customers, Consent, Braze, BrazeMapping }));
            Assert.That(errors, Has.Count.EqualTo(1 + 3 + 2 + 2));
            Assert.That(errors, Is.Ordered.By("File").Then.By("Line"));
        });
    }

    [Test]
    public void Should_name_file_line_problem_and_fix()
    {
        var error = _fixture.Replace(BrazeMapping, "on_error: drop", "on_error: dorp").LoadBadly();

        Assert.That(
            error.ToString(),
            Is.EqualTo($"mappings/braze.yaml:{_fixture.LineOf(BrazeMapping, "dorp")}: fields.on_error cannot be dorp. Did you mean drop? Write one of: reject, drop."));
    }

    [TestCase("connector: [", "not valid YAML")]
    [TestCase("connector: a\nconnector: b\n", "not valid YAML")]
    [TestCase("- a\n", "not one section")]
    [TestCase("", "not one section")]
    public void Should_report_what_is_no_yaml(string text, string problem)
    {
        var errors = _fixture.Write(Braze, text).Load().Errors;

        Assert.That(errors.Where(e => e.File == Braze && e.Line > 0).Select(static e => e.Problem), Has.Some.Contains(problem));
    }

    [Test]
    public void Should_report_missing_files()
    {
        var errors = _fixture.Delete(Consent).Delete("mappings/hubspot.yaml").Load().Errors;

        Assert.That(
            errors.Select(static e => (e.File, e.Problem)),
            Is.EqualTo(new[] { (Consent, "The file cannot be read."), ("destinations/hubspot.yaml", "There is no mapping hubspot.") }));
    }

    [Test]
    public void Should_report_a_missing_folder()
    {
        var folder = _fixture.Folder;
        Directory.Delete(folder, recursive: true);

        var error = _fixture.LoadBadly();
        Directory.CreateDirectory(folder);

        Assert.That((error.File, error.Fix), Is.EqualTo((folder, "Set Hub:ConfigPath to a folder with destinations, mappings, audiences and consent.yaml.")));
    }

    [Test]
    public void Should_not_overlook_a_file_with_the_short_extension()
    {
        var error = _fixture.Write("destinations/other.yml", "connector: braze").LoadBadly();

        Assert.That((error.File, error.Fix), Is.EqualTo(("destinations/other.yml", "Rename it to other.yaml.")));
    }

    [Test]
    public void Should_report_an_attribute_that_nothing_brings()
    {
        var error = _fixture.Replace(BrazeMapping, "from: first_name", "from: frist_name").LoadBadly();

        Assert.That((error.File, error.Fix[..24]), Is.EqualTo((Braze, "Did you mean first_name?")));
    }

    [Test]
    public void Should_take_an_attribute_that_events_bring() =>
        _fixture
            .Replace(BrazeMapping, "from: first_name", "from: nick_name")
            .Replace(BrazeMapping, "fields:", "event_attributes: [nick_name]\nfields:")
            .LoadWell();

    [Test]
    public void Should_ask_for_the_identity_key_in_the_mapping()
    {
        var error = _fixture.Replace(BrazeMapping, "    mutability: immutable\n", "").LoadBadly();

        Assert.That((error.File, error.Problem.Contains("external_id", StringComparison.Ordinal)), Is.EqualTo((Braze, true)));
    }

    [TestCase("from: external_id", "from: first_name")]
    [TestCase("from: external_id", "from: phone")]
    [TestCase("type: text\n    transforms: [trim]\n    mutability", "type: number\n    mutability")]
    [TestCase("transforms: [trim]\n    mutability", "transforms: [trim, upper]\n    mutability")]
    [TestCase("transforms: [trim]\n    mutability", "transforms: [trim]\n    null_words: [NA]\n    mutability")]
    [TestCase("transforms: [trim]\n    mutability", "values: { a: b }\n    mutability")]
    public void Should_refuse_an_identity_key_that_cannot_be_followed_back(string old, string replacement)
    {
        var errors = _fixture.Replace(BrazeMapping, old, replacement).Load().Errors;

        Assert.That(errors.Where(static e => e.File == Braze).Select(static e => e.Fix), Has.Some.Contains("from: external_id, to: external_id").And.Some.Contains("from: email"), string.Join('\n', errors));
    }

    [Test]
    public void Should_take_an_address_as_the_identity_key() =>
        _fixture
            .Replace("destinations/hubspot.yaml", "identity_key: hub_external_id", "identity_key: email")
            .Replace("mappings/hubspot.yaml", "    transforms: [trim]\n    mutability: immutable\n", "    transforms: [trim]\n")
            .Replace("mappings/hubspot.yaml", "    to: email\n    type: email\n", "    to: email\n    type: email\n    mutability: immutable\n")
            .LoadWell();

    [Test]
    public void Should_refuse_to_call_immutable_what_nothing_protects()
    {
        var error = _fixture.Replace(BrazeMapping, "    to: last_name\n", "    to: last_name\n    mutability: immutable\n").LoadBadly();

        Assert.That((error.File, error.Problem.Contains("last_name", StringComparison.Ordinal), error.Fix), Is.EqualTo((BrazeMapping, true, "Remove mutability from the field, or let vendor be its owner.")));
    }

    [Test]
    public void Should_report_a_country_column_that_nothing_brings()
    {
        var error = _fixture.Replace(BrazeMapping, "    default_country: US", "    country_from: countri").LoadBadly();

        Assert.That((error.File, error.Problem.Contains("countri", StringComparison.Ordinal)), Is.EqualTo((Braze, true)));
    }

    [Test]
    public void Should_version_mapping_and_policy_by_their_text()
    {
        var before = _fixture.LoadWell();
        var after = _fixture.Replace(BrazeMapping, "on_error: drop", "on_error: reject").Replace(Consent, "existing_customer", "customer").LoadWell();

        Assert.Multiple(() =>
        {
            Assert.That(after.Mappings["braze"].Version, Is.Not.EqualTo(before.Mappings["braze"].Version));
            Assert.That(after.Mappings["hubspot"].Version, Is.EqualTo(before.Mappings["hubspot"].Version));
            Assert.That(after.Consent.Version, Is.Not.EqualTo(before.Consent.Version));
        });
    }

    private bool MatchesSchema(string file)
    {
        var kind = file.Split('/')[0] switch { "destinations" => "destination", "mappings" => "mapping", "audiences" => "audience", _ => "consent" };
        return JsonSchemas.IsValid(Schema(kind), JsonSchemas.FromYaml(_fixture.Read(file)));
    }

    private JsonNode Schema(string kind) => JsonNode.Parse(_fixture.Read($"schemas/{kind}.schema.json"))!;
}
