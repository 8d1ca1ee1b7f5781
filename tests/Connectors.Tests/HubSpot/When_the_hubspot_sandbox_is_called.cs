using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.HubSpot;
using static Connectors.Tests.HubSpot.HubSpotSandboxClient;

namespace Connectors.Tests.HubSpot;

/// <summary>The sandbox against the vendor's documented behaviour of contacts and properties, call by call.</summary>
public sealed class When_the_hubspot_sandbox_is_called
{
    private HubSpotSandboxClient _client = null!;

    [SetUp]
    public async Task StartAsync() => _client = await HubSpotSandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _client.DisposeAsync();

    [Test]
    public async Task Should_refuse_a_token_it_does_not_know()
    {
        _client.Token = "wrong";
        var answer = await _client.CallAsync("GET", "account-info/v3/details");
        Assert.That((answer.Status, answer.Category), Is.EqualTo((401, "INVALID_AUTHENTICATION")));
    }

    [Test]
    public async Task Should_refuse_an_expired_token()
    {
        _client.Room.Faults.Add(new Fault { Kind = FaultKind.TokenExpiry, Calls = 1 });
        var answer = await _client.CallAsync("GET", "account-info/v3/details");
        Assert.That((answer.Status, answer.Category), Is.EqualTo((401, "EXPIRED_AUTHENTICATION")));
        Assert.That(answer.Body!["context"]!["expire time"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_name_the_scope_that_a_token_lacks()
    {
        _client.HubSpot.Tokens["reader"] = new HashSet<string> { "crm.objects.contacts.read" };
        _client.Token = "reader";
        var answer = await _client.UpsertAsync(Input("a", "{}"));
        Assert.That((answer.Status, answer.Category), Is.EqualTo((403, "MISSING_SCOPES")));
        Assert.That((string)answer.Body!["context"]!["requiredGranularScopes"]![0]!, Is.EqualTo("crm.objects.contacts.write"));
    }

    [Test]
    public async Task Should_tell_the_account()
    {
        var answer = await _client.CallAsync("GET", "account-info/v3/details");
        Assert.That((long)answer.Body!["portalId"]!, Is.EqualTo(62515));
        Assert.That((string)answer.Body["timeZone"]!, Is.EqualTo("UTC"));
    }

    [TestCase(0)]
    [TestCase(101)]
    public async Task Should_take_one_to_a_hundred_inputs(int count)
    {
        var answer = await _client.UpsertAsync([.. Enumerable.Range(0, count).Select(i => Input($"c{i}", """{"firstname":"F"}"""))]);
        Assert.That((answer.Status, answer.Category), Is.EqualTo((400, "VALIDATION_ERROR")));
        Assert.That(_client.HubSpot.People(), Is.Empty);
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("""{"inputs":[{"properties":{}}]}""")]
    [TestCase("""{"inputs":[{"idProperty":"email","id":"a@b.test","properties":{"home_owner":true}}]}""")]
    public async Task Should_refuse_a_body_that_is_not_as_documented(string body)
    {
        var answer = await _client.CallAsync("POST", Upsert, body);
        Assert.That((answer.Status, answer.Category), Is.EqualTo((400, "VALIDATION_ERROR")));
    }

    [Test]
    public async Task Should_refuse_a_batch_that_names_a_key_twice_though_it_is_traced()
    {
        var answer = await _client.UpsertAsync(Input("email", "ann@b.test", "{}", "t-1"), Input("email", " Ann@B.test", "{}", "t-2"));
        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That((string)answer.Body!["message"]!, Is.EqualTo("Duplicate IDs found in batch input: [ann@b.test]. IDs must be unique"));
        Assert.That((string)answer.Body["context"]!["ids"]![0]!, Is.EqualTo("ann@b.test"));
        Assert.That(_client.HubSpot.People(), Is.Empty);
    }

    [TestCase("phone")]
    [TestCase("no_such_property")]
    public async Task Should_refuse_a_key_that_is_not_unique(string property)
    {
        var answer = await _client.UpsertAsync(Input(property, "x", """{"firstname":"F"}""", "t-1"));
        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That((string)answer.Body!["message"]!, Does.Contain($"non-unique 0-1 property {property}"));
    }

    [Test]
    public async Task Should_write_nothing_when_one_record_of_an_untraced_batch_is_refused()
    {
        var answer = await _client.UpsertAsync(Input("a", """{"firstname":"F"}""", traced: false), Input("b", """{"email":"nonsense"}""", traced: false));
        Assert.That((answer.Status, answer.Category), Is.EqualTo((400, "VALIDATION_ERROR")));
        Assert.That((string)answer.Errors.Single()["code"]!, Is.EqualTo("INVALID_EMAIL"));
        Assert.That(_client.HubSpot.People(), Is.Empty);
    }

    [Test]
    public async Task Should_write_nothing_when_two_records_of_an_untraced_batch_want_one_email()
    {
        var answer = await _client.UpsertAsync(Input("a", """{"email":"x@b.test"}""", traced: false), Input("b", """{"email":"x@b.test"}""", traced: false));
        Assert.That((answer.Status, answer.Category), Is.EqualTo((409, "CONFLICT")));
        Assert.That(_client.HubSpot.People(), Is.Empty);
    }

    [Test]
    public async Task Should_refuse_only_the_record_at_fault_when_all_are_traced()
    {
        var answer = await _client.UpsertAsync(Input("a", """{"firstname":"F"}"""), Input("b", """{"email":"nonsense"}"""));
        Assert.That(answer.Status, Is.EqualTo(207));
        Assert.That((string)answer.Rows.Single()["objectWriteTraceId"]!, Is.EqualTo("t-a"));
        var error = answer.Errors.Single();
        Assert.That((string)error["context"]!["objectWriteTraceId"]![0]!, Is.EqualTo("t-b"));
        Assert.That((string)error["message"]!, Does.StartWith("Property values were not valid: [{").And.Contain("\"error\":\"INVALID_EMAIL\""));
    }

    [Test]
    public async Task Should_answer_in_another_order_than_asked()
    {
        var inputs = Enumerable.Range(0, 50).Select(i => $"c{i}").ToArray();
        var answer = await _client.UpsertAsync([.. inputs.Select(id => Input(id, """{"firstname":"F"}"""))]);
        var order = answer.Rows.Select(row => (string)row["objectWriteTraceId"]!).ToArray();
        Assert.That(order, Is.EquivalentTo(inputs.Select(id => $"t-{id}")));
        Assert.That(order, Is.Not.EqualTo(inputs.Select(id => $"t-{id}")));
    }

    [Test]
    public async Task Should_keep_emails_trimmed_and_in_lower_case_and_tell_new_from_known()
    {
        var first = await _client.UpsertAsync(Input("email", " Ann.ÖST@Example.TEST ", """{"firstname":"Ann"}""", "1"));
        var second = await _client.UpsertAsync(Input("email", "ann.öst@example.test", """{"lastname":"B"}""", "1"));
        Assert.That((string)first.Row("1")["properties"]!["email"]!, Is.EqualTo("ann.öst@example.test"));
        Assert.That((bool)first.Row("1")["new"]!, Is.True);
        Assert.That((bool)second.Row("1")["new"]!, Is.False);
        Assert.That((string)second.Row("1")["id"]!, Is.EqualTo((string)first.Row("1")["id"]!));
    }

    [TestCase("annual_income", "90000.50", null)]
    [TestCase("annual_income", "$90,000 ", "INVALID_LONG")]
    [TestCase("annual_income", "1e5", "INVALID_LONG")]
    [TestCase("home_owner", "true", null)]
    [TestCase("home_owner", "yes", "INVALID_OPTION")]
    [TestCase("date_of_birth", "1966-04-08", null)]
    [TestCase("date_of_birth", "631152000000", null)]
    [TestCase("date_of_birth", "631152000001", "INVALID_DATE")]
    [TestCase("date_of_birth", "08/04/1966", "INVALID_DATE")]
    [TestCase("last_seen", "2026-11-21T07:00:00Z", null)]
    [TestCase("last_seen", "2026-11-21T07:00:00+01:00", "INVALID_DATE")]
    [TestCase("tier", "gold", null)]
    [TestCase("tier", "gold;silver", null)]
    [TestCase("tier", "Gold", "INVALID_OPTION")]
    [TestCase("email", "ann@example", "INVALID_EMAIL")]
    [TestCase("email", "ånn@example.test", null)]
    [TestCase("hs_object_id", "5", "READ_ONLY_VALUE")]
    [TestCase("tier_x", "5", "PROPERTY_DOESNT_EXIST")]
    public async Task Should_check_values_against_the_schema(string property, string value, string? code)
    {
        _client.HubSpot.AddProperty(new HubSpotProperty { Name = "last_seen", Type = HubSpotType.Instant });
        _client.HubSpot.AddProperty(new HubSpotProperty { Name = "tier", Type = HubSpotType.Enumeration, Options = ["gold", "silver"], TakesSeveral = true });
        var answer = await _client.UpsertAsync(Input("a", $$"""{"firstname":"F","{{property}}":{{JsonSerializer.Serialize(value)}}}"""));
        Assert.That(answer.Status, Is.EqualTo(code is null ? 200 : 207), $"{answer.Body}");
        Assert.That(code is null || ((string)answer.Errors.Single()["message"]!).Contains($"\"error\":\"{code}\"", StringComparison.Ordinal));
    }

    [Test]
    public async Task Should_refuse_a_text_of_more_than_65536_characters()
    {
        var answer = await _client.UpsertAsync(Input("a", $$"""{"firstname":"{{new string('x', 65_537)}}"}"""), Input("b", $$"""{"firstname":"{{new string('x', 65_536)}}"}"""));
        Assert.That((string)answer.Rows.Single()["objectWriteTraceId"]!, Is.EqualTo("t-b"));
    }

    [Test]
    public async Task Should_make_unknown_properties_only_when_told()
    {
        _client.HubSpot.AddsUnknownProperties = true;
        var answer = await _client.UpsertAsync(Input("a", """{"firstname":"F","shoe_size":"44"}"""));
        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(_client.HubSpot.People().Single().Fields["shoe_size"], Is.EqualTo("\"44\""));
    }

    [Test]
    public async Task Should_clear_by_an_empty_text_and_keep_what_is_left_out()
    {
        await _client.UpsertAsync(Input("a", """{"firstname":"F","lastname":"L","phone":"1"}"""));
        var again = await _client.UpsertAsync(Input("a", """{"lastname":"","phone":null}"""));
        var properties = await _client.PropertiesAsync((string)again.Row("t-a")["id"]!, "firstname", "lastname", "phone");
        Assert.That((string?)properties["firstname"], Is.EqualTo("F"));
        Assert.That((string?)properties["lastname"], Is.Null);
        Assert.That((string?)properties["phone"], Is.EqualTo("1"));
    }

    [Test]
    public async Task Should_report_the_contact_that_has_the_email_already()
    {
        var known = await _client.UpsertAsync(Input("email", "x@b.test", "{}", "1"));
        var id = (string)known.Row("1")["id"]!;
        var traced = await _client.UpsertAsync(Input("a", """{"email":"X@b.test"}"""));
        Assert.That((string)traced.Errors.Single()["category"]!, Is.EqualTo("CONFLICT"));
        Assert.That((string)traced.Errors.Single()["context"]!["existingId"]![0]!, Is.EqualTo(id));

        var whole = await _client.UpsertAsync(Input("a", """{"email":"X@b.test"}""", traced: false));
        Assert.That((whole.Status, (string)whole.Body!["message"]!), Is.EqualTo((409, $"Contact already exists. Existing ID: {id}")));
        Assert.That(_client.HubSpot.Duplicates, Is.Zero);
    }

    [Test]
    public async Task Should_move_a_unique_value_with_its_contact()
    {
        await _client.UpsertAsync(Input("a", """{"email":"old@b.test"}"""));
        await _client.UpsertAsync(Input("a", """{"email":"new@b.test"}"""));
        var other = await _client.UpsertAsync(Input("b", """{"email":"old@b.test"}"""));
        Assert.That(other.Status, Is.EqualTo(200));
        Assert.That(_client.HubSpot.People().Select(static person => person.Keys["email"]), Is.EquivalentTo(new[] { "new@b.test", "old@b.test" }));
        Assert.That(_client.HubSpot.Duplicates, Is.Zero);
    }

    [Test]
    public async Task Should_find_a_contact_by_a_further_email()
    {
        var first = await _client.UpsertAsync(Input("email", "main@b.test", "{}", "1"));
        var id = (string)first.Row("1")["id"]!;
        _client.HubSpot.AddFurtherEmail(long.Parse(id, System.Globalization.CultureInfo.InvariantCulture), "old@b.test");
        var second = await _client.UpsertAsync(Input("email", "Old@b.test", """{"firstname":"F"}""", "1"));
        Assert.That((string)second.Row("1")["id"]!, Is.EqualTo(id));
        var read = await _client.CallAsync("POST", Read, """{"properties":["email","hs_additional_emails"],"idProperty":"email","inputs":[{"id":"old@b.test"}]}""");
        Assert.That((string)read.Rows.Single()["properties"]!["email"]!, Is.EqualTo("main@b.test"));
        Assert.That((string)read.Rows.Single()["properties"]!["hs_additional_emails"]!, Is.EqualTo("old@b.test"));
    }

    [Test]
    public async Task Should_need_an_email_or_a_name_for_a_new_contact()
    {
        var answer = await _client.UpsertAsync(Input("a", """{"phone":"1"}"""));
        Assert.That((answer.Status, answer.Rows.Count()), Is.EqualTo((207, 0)));
    }

    [Test]
    public async Task Should_update_by_record_id_and_create_nobody()
    {
        var id = (await _client.CreateAsync("a"))[0];
        var answer = await _client.CallAsync("POST", "crm/v3/objects/contacts/batch/update",
            $$"""{"inputs":[{"id":"{{id}}","properties":{"lastname":"L"},"objectWriteTraceId":"1"},{"id":"5","properties":{"lastname":"L"},"objectWriteTraceId":"2"}]}""");
        Assert.That((answer.Status, (string)answer.Errors.Single()["category"]!), Is.EqualTo((207, "OBJECT_NOT_FOUND")));
        Assert.That(_client.HubSpot.People().Single().Fields["lastname"], Is.EqualTo("\"L\""));
    }

    [Test]
    public async Task Should_read_known_contacts_and_list_the_others_in_one_error()
    {
        await _client.CreateAsync("a", "b");
        var answer = await _client.CallAsync("POST", Read, """{"properties":["hub_external_id"],"idProperty":"hub_external_id","inputs":[{"id":"a"},{"id":"x"},{"id":"b"},{"id":"y"}]}""");
        Assert.That(answer.Status, Is.EqualTo(207));
        Assert.That(answer.Rows.Select(row => (string)row["properties"]!["hub_external_id"]!), Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(answer.Errors.Single()["context"]!["ids"]!.AsArray().Select(static id => (string)id!), Is.EquivalentTo(new[] { "x", "y" }));
    }

    [Test]
    public async Task Should_archive_a_contact_with_its_keys_and_memberships()
    {
        var id = (await _client.CreateAsync("a"))[0];
        var list = await _client.CreateListAsync();
        await _client.CallAsync("PUT", $"{Lists}/{list}/memberships/add", $"[\"{id}\"]");
        var answer = await _client.CallAsync("POST", "crm/v3/objects/contacts/batch/archive", $$"""{"inputs":[{"id":"{{id}}"}]}""");
        Assert.That((answer.Status, answer.Body), Is.EqualTo((204, default(System.Text.Json.Nodes.JsonNode))));
        Assert.That((await _client.CallAsync("GET", $"{Lists}/{list}/memberships")).Rows, Is.Empty);
        Assert.That((await _client.CreateAsync("a"))[0], Is.Not.EqualTo(id));
    }

    [Test]
    public async Task Should_keep_property_definitions()
    {
        const string Body = """{"groupName":"contactinformation","name":"loyalty_id","label":"Loyalty","type":"string","fieldType":"text","hasUniqueValue":true}""";
        Assert.That((await _client.CallAsync("GET", "crm/v3/properties/contacts/loyalty_id")).Status, Is.EqualTo(404));
        Assert.That((await _client.CallAsync("POST", "crm/v3/properties/contacts", Body)).Status, Is.EqualTo(201));
        Assert.That((await _client.CallAsync("POST", "crm/v3/properties/contacts", Body)).Status, Is.EqualTo(409));
        var read = await _client.CallAsync("GET", "crm/v3/properties/contacts/loyalty_id");
        Assert.That((bool)read.Body!["hasUniqueValue"]!, Is.True);
        Assert.That((await _client.UpsertAsync(Input("loyalty_id", "7", """{"firstname":"F"}""", "1"))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Should_allow_ten_unique_properties()
    {
        var statuses = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            statuses.Add((await _client.CallAsync("POST", "crm/v3/properties/contacts",
                $$"""{"groupName":"g","name":"key_{{i}}","label":"K","type":"string","fieldType":"text","hasUniqueValue":true}""")).Status);
        }

        Assert.That(statuses, Is.EqualTo(Enumerable.Repeat(201, 9).Append(400)), "hub_external_id is the first of the ten.");
    }
}
