using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.HubSpot;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.HubSpot.HubSpotSandboxClient;

namespace Connectors.Tests.HubSpot;

/// <summary>Merges, the recycle bin, erasures, single contacts, search and tokens of the sandbox, call by call.</summary>
public sealed class When_the_hubspot_sandbox_keeps_identities
{
    private const string Contacts = "crm/v3/objects/contacts";

    private readonly FakeTimeProvider _clock = Clock.AtNoon();
    private HubSpotSandboxClient _client = null!;

    [SetUp]
    public async Task StartAsync() => _client = await HubSpotSandboxClient.StartAsync(new SandboxOptions { Time = _clock });

    [TearDown]
    public async Task StopAsync() => await _client.DisposeAsync();

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_lead_from_both_ids_to_the_survivor_of_a_merge(bool keepsPrimaryId)
    {
        _client.HubSpot.KeepsPrimaryId = keepsPrimaryId;
        var (ids, list) = (await _client.CreateAsync("a", "b"), await _client.CreateListAsync());
        await _client.CallAsync("PUT", $"{Lists}/{list}/memberships/add", $"[\"{ids[1]}\"]");

        var merged = await _client.CallAsync("POST", $"{Contacts}/merge", $$"""{"primaryObjectId":"{{ids[0]}}","objectIdToMerge":"{{ids[1]}}"}""");

        var survivor = (string)merged.Body!["id"]!;
        Assert.That(survivor == ids[0], Is.EqualTo(keepsPrimaryId));
        Assert.That(((string)merged.Body["properties"]!["hs_merged_object_ids"]!).Split(';'), Is.EquivalentTo(keepsPrimaryId ? [ids[1]] : ids));
        foreach (var id in ids)
        {
            Assert.That((string)(await _client.CallAsync("GET", $"{Contacts}/{id}")).Body!["id"]!, Is.EqualTo(survivor));
        }

        var members = await _client.CallAsync("GET", $"{Lists}/{list}/memberships");
        Assert.That(members.Rows.Select(static row => (string)row["recordId"]!), Is.EqualTo(new[] { survivor }));
        Assert.That((await _client.CallAsync("POST", $"{Contacts}/merge", $$"""{"primaryObjectId":"{{ids[0]}}","objectIdToMerge":"{{ids[1]}}"}""")).Status, Is.EqualTo(400));
        Assert.That((await _client.CallAsync("POST", $"{Contacts}/merge", $$"""{"primaryObjectId":"{{ids[0]}}","objectIdToMerge":"5"}""")).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Should_refuse_the_251st_identity()
    {
        var ids = await _client.CreateAsync([.. Enumerable.Range(0, 251).Select(static n => $"c{n}")]);
        _client.HubSpot.KeepsPrimaryId = true;
        var statuses = new List<int>();
        foreach (var id in ids.Skip(1))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            statuses.Add((await _client.CallAsync("POST", $"{Contacts}/merge", $$"""{"primaryObjectId":"{{ids[0]}}","objectIdToMerge":"{{id}}"}""")).Status);
        }

        Assert.That(statuses, Is.EqualTo(Enumerable.Repeat(200, 249).Append(414)));
    }

    [Test]
    public async Task Should_keep_a_deleted_contact_in_the_recycle_bin()
    {
        var id = (await _client.CreateAsync("a"))[0];
        Assert.That((await _client.CallAsync("DELETE", $"{Contacts}/{id}")).Status, Is.EqualTo(204));

        Assert.That((await _client.CallAsync("GET", $"{Contacts}/{id}")).Status, Is.EqualTo(404));
        var read = await _client.CallAsync("POST", $"{Read}?archived=true", """{"properties":["firstname"],"idProperty":"hub_external_id","inputs":[{"id":"a"}]}""");
        Assert.That(((string)read.Rows.Single()["id"]!, (bool)read.Rows.Single()["archived"]!, (string)read.Rows.Single()["properties"]!["firstname"]!), Is.EqualTo((id, true, "F")));
        Assert.That((await _client.CallAsync("GET", $"{Contacts}?archived=true")).Rows.Count(), Is.EqualTo(1));
        Assert.That((await _client.CallAsync("GET", Contacts)).Rows, Is.Empty);
    }

    [Test]
    public async Task Should_erase_from_the_account_and_from_the_bin_and_block_the_address()
    {
        var living = (string)(await _client.UpsertAsync(Input("email", "a@b.test", "{}", "1"))).Row("1")["id"]!;
        var deleted = (string)(await _client.UpsertAsync(Input("email", "c@b.test", "{}", "1"))).Row("1")["id"]!;
        await _client.CallAsync("DELETE", $"{Contacts}/{deleted}");

        foreach (var body in new[] { $$"""{"objectId":"{{living}}"}""", $$"""{"objectId":"{{deleted}}"}""", """{"objectId":"x@b.test","idProperty":"email"}""", """{"objectId":"5"}""" })
        {
            Assert.That((await _client.CallAsync("POST", $"{Contacts}/gdpr-delete", body)).Status, Is.EqualTo(204));
        }

        Assert.That(_client.HubSpot.BlockedEmails, Is.EquivalentTo(new[] { "a@b.test", "c@b.test", "x@b.test" }));
        Assert.That((await _client.CallAsync("GET", $"{Contacts}?archived=true")).Rows, Is.Empty);
        Assert.That((await _client.UpsertAsync(Input("email", "a@b.test", "{}", "1"))).Status, Is.EqualTo(200), "By API a person can be made again.");
    }

    [Test]
    public async Task Should_create_update_and_read_one_contact()
    {
        var created = await _client.CallAsync("POST", Contacts, """{"properties":{"email":"Ann@b.test","firstname":"Ann"}}""");
        Assert.That((created.Status, (string)created.Body!["properties"]!["email"]!), Is.EqualTo((201, "ann@b.test")));
        var id = (string)created.Body["id"]!;
        var conflict = await _client.CallAsync("POST", Contacts, """{"properties":{"email":"ann@b.test"}}""");
        Assert.That((conflict.Status, (string)conflict.Body!["message"]!), Is.EqualTo((409, $"Contact already exists. Existing ID: {id}")));

        Assert.That((await _client.CallAsync("PATCH", $"{Contacts}/ann%40b.test?idProperty=email", """{"properties":{"city":"Ulm"}}""")).Status, Is.EqualTo(200));
        Assert.That((await _client.CallAsync("PATCH", $"{Contacts}/5", """{"properties":{"city":"Ulm"}}""")).Status, Is.EqualTo(404));
        Assert.That((await _client.CallAsync("PATCH", $"{Contacts}/{id}", """{"properties":{"annual_income":"much"}}""")).Status, Is.EqualTo(400));
        Assert.That((string)(await _client.CallAsync("GET", $"{Contacts}/{id}?properties=city")).Body!["properties"]!["city"]!, Is.EqualTo("Ulm"));
    }

    [Test]
    public async Task Should_create_many_and_refuse_single_ones_only_when_all_are_traced()
    {
        const string Inputs = """{"inputs":[{"properties":{"email":"a@b.test"},"objectWriteTraceId":"1"},{"properties":{"email":"nonsense"},"objectWriteTraceId":"2"}]}""";
        var traced = await _client.CallAsync("POST", $"{Contacts}/batch/create", Inputs);
        Assert.That((traced.Status, traced.Rows.Count(), traced.Errors.Count()), Is.EqualTo((207, 1, 1)));
        Assert.That(traced.Rows.Single()["new"], Is.Null);

        var whole = await _client.CallAsync("POST", $"{Contacts}/batch/create", """{"inputs":[{"properties":{"email":"c@b.test"}},{"properties":{"email":"a@b.test"}}]}""");
        Assert.That((whole.Status, _client.HubSpot.People().Count()), Is.EqualTo((409, 1)));
        Assert.That((await _client.CallAsync("POST", $"{Contacts}/batch/create", """{"inputs":[{"properties":{"firstname":"C"}}]}""")).Status, Is.EqualTo(201));
    }

    [Test]
    public async Task Should_find_by_search_only_after_a_while()
    {
        await _client.CreateAsync("a", "b", "c");
        const string Query = """{"filterGroups":[{"filters":[{"propertyName":"hub_external_id","operator":"IN","values":["a","c"]}]},{"filters":[{"propertyName":"city","operator":"HAS_PROPERTY"}]}],"properties":["hub_external_id"],"limit":1}""";
        Assert.That((int)(await _client.CallAsync("POST", $"{Contacts}/search", Query)).Body!["total"]!, Is.Zero);

        _clock.Advance(TimeSpan.FromSeconds(6));
        var found = await _client.CallAsync("POST", $"{Contacts}/search", Query);
        Assert.That(((int)found.Body!["total"]!, (string)found.Body["paging"]!["next"]!["after"]!), Is.EqualTo((2, "1")));
        Assert.That(found.Headers.Keys, Has.None.StartsWith("X-HubSpot-RateLimit").IgnoreCase);
    }

    [TestCase("""{"limit":201}""")]
    [TestCase("""{"after":"9950","limit":100}""")]
    [TestCase("""{"filterGroups":[{"filters":[{"propertyName":"nope","operator":"EQ","value":"1"}]}]}""")]
    [TestCase("""{"filterGroups":[{},{},{},{},{},{}]}""")]
    public async Task Should_refuse_a_search_it_cannot_do(string query)
        => Assert.That((await _client.CallAsync("POST", $"{Contacts}/search", query)).Status, Is.EqualTo(400));

    [Test]
    public async Task Should_refuse_a_search_of_more_than_3000_characters()
        => Assert.That((await _client.CallAsync("POST", $"{Contacts}/search", $$"""{"query":"{{new string('x', 3_000)}}"}""")).Status, Is.EqualTo(400));

    [Test]
    public async Task Should_allow_five_searches_of_any_second_beside_the_other_calls()
    {
        var statuses = new List<int>();
        SandboxAnswer? last = null;
        for (var i = 0; i < 6; i++)
        {
            last = await _client.CallAsync("POST", $"{Contacts}/search", "{}");
            statuses.Add(last.Status);
        }

        Assert.That(statuses, Is.EqualTo(Enumerable.Repeat(200, 5).Append(429)));
        Assert.That(((string)last!.Body!["message"]!, (string)last.Body["policyName"]!), Is.EqualTo(("You have reached your secondly limit.", "SECONDLY")));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await _client.CallAsync("POST", $"{Contacts}/search", "{}")).Status, Is.EqualTo(200));
    }

    [TestCase("oauth/v1/token")]
    [TestCase("oauth/v3/token")]
    public async Task Should_give_tokens_for_half_an_hour_until_the_app_is_uninstalled(string path)
    {
        var form = $"grant_type=refresh_token&client_id=c&client_secret=s&refresh_token={_client.HubSpot.RefreshToken}";
        var token = await _client.CallAsync("POST", path, form);
        Assert.That((int)token.Body!["expires_in"]!, Is.EqualTo(1800));
        _client.Token = (string)token.Body["access_token"]!;
        Assert.That((await _client.CallAsync("GET", Contacts)).Status, Is.EqualTo(200));

        _clock.Advance(TimeSpan.FromSeconds(1875));
        var late = await _client.CallAsync("GET", Contacts);
        Assert.That((late.Status, late.Category, (string)late.Body!["message"]!), Is.EqualTo((401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 75 second(s) ago.")));
        _client.HubSpot.RefreshToken = null;
        var refused = await _client.CallAsync("POST", path, form);
        Assert.That((refused.Status, (string)refused.Body!["status"]!), Is.EqualTo((400, "BAD_REFRESH_TOKEN")));
    }

    [Test]
    public async Task Should_append_to_a_choice_and_let_the_life_cycle_only_move_forward()
    {
        _client.HubSpot.AddProperty(new HubSpotProperty { Name = "tier", Type = HubSpotType.Enumeration, Options = ["gold", "silver", "tin"], TakesSeveral = true });
        await _client.UpsertAsync(Input("a", """{"firstname":"F","tier":"gold","lifecyclestage":"customer"}"""));
        var again = await _client.UpsertAsync(Input("a", """{"tier":";silver;gold","lifecyclestage":"lead"}"""));
        var id = (string)again.Row("t-a")["id"]!;
        var properties = await _client.PropertiesAsync(id, "tier", "lifecyclestage");
        Assert.That(((string)properties["tier"]!, (string)properties["lifecyclestage"]!), Is.EqualTo(("gold;silver", "customer")));

        await _client.UpsertAsync(Input("a", """{"tier":"tin","lifecyclestage":""}"""));
        await _client.UpsertAsync(Input("a", """{"lifecyclestage":"lead"}"""));
        properties = await _client.PropertiesAsync(id, "tier", "lifecyclestage");
        Assert.That(((string)properties["tier"]!, (string)properties["lifecyclestage"]!), Is.EqualTo(("tin", "lead")));
    }

    /// <summary>https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide, Add values to checkbox type properties: the leading semicolon adds to multiple checkboxes; of other properties the page says no such thing.</summary>
    [Test]
    public async Task Should_add_to_multiple_checkboxes_alone()
    {
        _client.HubSpot.AddProperty(new HubSpotProperty { Name = "roles", Type = HubSpotType.Enumeration, Options = ["DECISION_MAKER", "BUDGET_HOLDER", "END_USER"], TakesSeveral = true });
        _client.HubSpot.AddProperty(new HubSpotProperty { Name = "tier", Type = HubSpotType.Enumeration, Options = ["gold", "silver"] });
        _client.HubSpot.AddProperty(new HubSpotProperty { Name = "notes" });
        var id = (string)(await _client.UpsertAsync(Input("a", """{"firstname":"F","roles":";DECISION_MAKER","notes":"x"}"""))).Row("t-a")["id"]!;
        Assert.That((string)(await _client.PropertiesAsync(id, "roles"))["roles"]!, Is.EqualTo("DECISION_MAKER"), "there was none");
        await _client.UpsertAsync(Input("a", """{"roles":";BUDGET_HOLDER;END_USER","notes":";y"}"""));
        var properties = await _client.PropertiesAsync(id, "roles", "notes");
        Assert.That(((string)properties["roles"]!, (string)properties["notes"]!), Is.EqualTo(("DECISION_MAKER;BUDGET_HOLDER;END_USER", ";y")), "a text takes the place of the one before");

        await _client.UpsertAsync(Input("a", """{"tier":";gold"}"""));
        Assert.That((string?)(await _client.PropertiesAsync(id, "tier"))["tier"], Is.Null, "one choice is no list of them");
    }

    [Test]
    public async Task Should_let_another_integration_spend_the_day_but_not_our_ten_seconds()
    {
        _client.HubSpot.CallsPerDay = 100;
        _client.HubSpot.Spend(40);
        var answer = await _client.CallAsync("GET", Contacts);
        Assert.That((answer.Headers["X-HubSpot-RateLimit-Remaining"], answer.Headers["X-HubSpot-RateLimit-Daily-Remaining"]), Is.EqualTo(("189", "59")));

        _client.HubSpot.Spend(189, _client.Token);
        Assert.That((string)(await _client.CallAsync("GET", Contacts)).Body!["policyName"]!, Is.EqualTo("DAILY"));
        _client.HubSpot.CallsPerDay = 1_000;
        Assert.That((string)(await _client.CallAsync("GET", Contacts)).Body!["policyName"]!, Is.EqualTo("TEN_SECONDLY_ROLLING"));
    }

    [TestCase(HubSpotSandbox.OthersUsedBurst, "TEN_SECONDLY_ROLLING")]
    [TestCase(HubSpotSandbox.OthersUsedDay, "DAILY")]
    public async Task Should_have_its_budget_eaten_by_a_fault(string variant, string policy)
    {
        _client.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = variant, Calls = 1 });
        Assert.That((string)(await _client.CallAsync("GET", Contacts)).Body!["policyName"]!, Is.EqualTo(policy));
        Assert.That((await _client.CallAsync("GET", Contacts)).Status, Is.EqualTo(429), "It stays eaten.");
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.That((await _client.CallAsync("GET", Contacts)).Status, Is.EqualTo(200));
    }
}
