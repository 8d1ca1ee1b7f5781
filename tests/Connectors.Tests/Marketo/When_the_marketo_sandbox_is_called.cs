using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Marketo;

namespace Connectors.Tests.Marketo;

/// <summary>The sandbox against the vendor's documented behaviour, call by call.</summary>
public sealed class When_the_marketo_sandbox_is_called
{
    private const string Leads = "/rest/v1/leads.json";
    private const string Form = "application/x-www-form-urlencoded";

    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync() => _marketo = await SandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_refuse_bad_credentials_with_401()
    {
        using var answer = await _marketo.TokenAsync("nobody", "nothing");
        Assert.That((int)answer.StatusCode, Is.EqualTo(401));
    }

    [Test]
    public async Task Should_refuse_unknown_invalidated_and_expired_tokens_with_200()
    {
        Assert.That(await _marketo.CodeAsync("GET", "/rest/v1/leads/describe2.json"), Is.EqualTo("ok"));
        _marketo.Marketo.InvalidateToken();
        Assert.That(await _marketo.CodeAsync("GET", "/rest/v1/leads/describe2.json"), Is.EqualTo("601"));
        await _marketo.AuthorizeAsync();
        _marketo.Marketo.ExpireToken();
        Assert.That(await _marketo.CodeAsync("GET", "/rest/v1/leads/describe2.json"), Is.EqualTo("602"));
    }

    [Test]
    public async Task Should_give_every_answer_its_request_id()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            var answer = await _marketo.CallAsync("GET", "/rest/v1/lists.json");
            ids.Add(answer.GetProperty("requestId").GetString()!);
        }

        Assert.That(ids, Has.Count.EqualTo(20));
        Assert.That(ids, Has.All.Match("^[0-9a-f]{4}#[0-9a-f]{11}$"));
    }

    [TestCase("GET", "/rest/v1/nothing.json", null, "", "610")]
    [TestCase("DELETE", Leads, null, "", "605")]
    [TestCase("POST", Leads, "{}", "text/plain", "612")]
    [TestCase("POST", Leads, "{\"input\":[", "application/json", "609")]
    [TestCase("POST", Leads, "{\"input\":[{\"email\":\"a@b.test\",\"email\":\"a@b.test\"}]}", "application/json", "609")]
    [TestCase("POST", Leads, "{}", "application/json", "1002")]
    [TestCase("POST", Leads, "{\"lookupField\":\"firstName\",\"input\":[{\"firstName\":\"A\"}]}", "application/json", "1011")]
    [TestCase("POST", Leads, "{\"partitionName\":\"Moon\",\"input\":[{\"email\":\"a@b.test\"}]}", "application/json", "1008")]
    [TestCase("GET", Leads + "?filterType=city&filterValues=Rome", null, "", "1011")]
    [TestCase("GET", Leads + "?filterType=email&filterValues=a@b.test&fields=nothing", null, "", "1006")]
    [TestCase("GET", "/rest/v1/lists/77/leads.json", null, "", "1013")]
    [TestCase("GET", "/rest/v1/lists/77/leads/ismember.json?id=1", null, "", "1013")]
    [TestCase("GET", "/rest/v1/lists/77/leads/ismember.json", null, "", "1002")]
    [TestCase("POST", "/rest/v1/lists/77/leads/ismember.json", "{\"input\":[{\"id\":1}]}", "application/json", "605")]
    [TestCase("POST", "/rest/v1/lists/77/leads.json", "{\"input\":[{\"id\":1}]}", "application/json", "1013")]
    [TestCase("GET", "/rest/v1/lead/9.json", null, "", "1004")]
    public async Task Should_refuse_a_wrong_call(string method, string path, string? body, string type, string code)
        => Assert.That(await _marketo.CodeAsync(method, path, body, type), Is.EqualTo(code));

    [Test]
    public async Task Should_refuse_more_than_300_records()
    {
        var input = string.Join(',', Enumerable.Range(1, 301).Select(i => $$"""{"email":"p{{i}}@b.test"}"""));
        Assert.That(await _marketo.CodeAsync("POST", Leads, $$"""{"input":[{{input}}]}"""), Is.EqualTo("1003"));
        Assert.That(_marketo.Marketo.People(), Is.Empty);

        var asked = string.Join('&', Enumerable.Range(1, 301).Select(i => $"id={i}"));
        Assert.That(await _marketo.CodeAsync("GET", $"/rest/v1/lists/{await _marketo.CreateListAsync()}/leads/ismember.json?{asked}"), Is.EqualTo("1003"));
    }

    [Test]
    public async Task Should_refuse_long_bodies_and_long_addresses_by_status()
    {
        using var body = await _marketo.SendAsync("POST", Leads, new string(' ', (1 << 20) + 1));
        using var address = await _marketo.SendAsync("GET", $"{Leads}?filterType=email&filterValues={new string('a', 8200)}");
        Assert.That(((int)body.StatusCode, (int)address.StatusCode), Is.EqualTo((413, 414)));
    }

    [Test]
    public async Task Should_apply_every_action()
    {
        const string Ann = """{"email":"ann@b.test","firstName":"Ann"}""";
        Assert.That(await _marketo.UpsertAsync(Ann, "updateOnly"), Is.EqualTo(new[] { "skipped 1004" }));
        Assert.That(await _marketo.UpsertAsync(Ann, "createOnly"), Is.EqualTo(new[] { "1 created" }));
        Assert.That(await _marketo.UpsertAsync(Ann, "createOnly"), Is.EqualTo(new[] { "skipped 1005" }));
        Assert.That(await _marketo.UpsertAsync("""{"email":"ANN@b.test"}"""), Is.EqualTo(new[] { "1 updated" }));
        Assert.That(await _marketo.UpsertAsync(Ann, "createDuplicate"), Is.EqualTo(new[] { "2 created" }));
        Assert.That(await _marketo.UpsertAsync(Ann), Is.EqualTo(new[] { "skipped 1007" }));
        Assert.That(await _marketo.UpsertAsync("""{"id":2,"email":"ben@b.test"}""", "updateOnly", "id"), Is.EqualTo(new[] { "2 updated" }));
        Assert.That(await _marketo.UpsertAsync(Ann), Is.EqualTo(new[] { "1 updated" }));
        Assert.That(await _marketo.UpsertAsync("""{"id":1,"email":"ann@b.test"}""", "createOnly"), Is.EqualTo(new[] { "skipped 1003" }));
    }

    [Test]
    public async Task Should_answer_by_position_and_refuse_single_records()
        => Assert.That(
            await _marketo.UpsertAsync("""
                {"email":"a@b.test"},{"email":"ü@b.test"},{"email":"c@b.test","shoeSize":42},{"email":"d@b.test","annualIncome":"a lot"},
                {"firstName":"E"},{"email":"f@b.test","totalChildren":2.5},{"email":"g@b.test","dateOfBirth":"08.04.1966"},
                {"email":"h@b.test","homeOwner":true,"annualIncome":90000,"totalChildren":2,"dateOfBirth":"1966-04-08"}
                """),
            Is.EqualTo(new[] { "1 created", "skipped 1003", "skipped 1006", "skipped 1001", "skipped 1003", "skipped 1001", "skipped 1001", "2 created" }));

    [TestCase("ü")]
    [TestCase("\\u00fc")]
    [TestCase("🇩🇪-1")]
    public async Task Should_find_a_lead_by_a_key_of_any_script(string key)
    {
        await _marketo.UpsertAsync($$"""{"hubExternalId":"{{key}}"}""", lookup: "hubExternalId");
        Assert.That(await _marketo.UpsertAsync($$"""{"hubExternalId":"{{key}}","firstName":"Ann"}""", lookup: "hubExternalId"), Is.EqualTo(new[] { "1 updated" }));
    }

    [Test]
    public async Task Should_clear_by_null_and_empty_and_leave_what_is_omitted()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test","firstName":"Ann","lastName":"Lee","city":"Rome"}""");
        await _marketo.UpsertAsync("""{"email":"a@b.test","firstName":null,"lastName":""}""");

        var lead = (await _marketo.CallAsync("GET", "/rest/v1/lead/1.json?fields=firstName,lastName,city,phone")).GetProperty("result")[0];
        Assert.That(lead.GetRawText(), Is.EqualTo("""{"id":1,"firstName":null,"lastName":null,"city":"Rome","phone":null}"""));
    }

    [Test]
    public async Task Should_create_two_leads_when_upserts_of_one_key_overlap()
    {
        _marketo.Marketo.UpsertPause = TimeSpan.FromSeconds(1);
        var both = await Task.WhenAll(_marketo.UpsertAsync("""{"email":"a@b.test"}"""), _marketo.UpsertAsync("""{"email":"a@b.test"}"""));
        _marketo.Marketo.UpsertPause = TimeSpan.Zero;

        Assert.That(both.SelectMany(rows => rows), Is.EquivalentTo(new[] { "1 created", "2 created" }));
        Assert.That(await _marketo.UpsertAsync("""{"email":"a@b.test"}"""), Is.EqualTo(new[] { "skipped 1007" }));
        Assert.That(_marketo.Marketo.Duplicates, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_count_duplicates_by_external_id_and_else_by_email()
    {
        await _marketo.UpsertAsync("""{"hubExternalId":"c-1","email":"a@b.test"},{"hubExternalId":"c-2","email":"a@b.test"}""", lookup: "hubExternalId");
        Assert.That(_marketo.Marketo.Duplicates, Is.Zero);
        await _marketo.UpsertAsync("""{"hubExternalId":"C-1","email":"b@b.test"},{"email":"c@b.test"},{"email":"c@b.test"}""", "createDuplicate");
        Assert.That(_marketo.Marketo.Duplicates, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_find_leads_by_searchable_fields_in_both_ways_of_asking()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test","hubExternalId":"c-1"},{"email":"b@b.test","hubExternalId":"c-2"},{"email":"c@b.test"}""");

        var byGet = await _marketo.CallAsync("GET", $"{Leads}?filterType=hubExternalId&filterValues=c-1,C-2,c-9&fields=hubExternalId");
        var byPost = await _marketo.CallAsync("POST", $"{Leads}?_method=GET", "filterType=email&filterValues=C%40b.test%2Cx%40b.test&fields=email", Form);
        Assert.That(byGet.GetProperty("result").GetRawText(), Is.EqualTo("""[{"id":1,"hubExternalId":"c-1"},{"id":2,"hubExternalId":"c-2"}]"""));
        Assert.That(byPost.GetProperty("result").GetRawText(), Is.EqualTo("""[{"id":3,"email":"c@b.test"}]"""));
    }

    [Test]
    public async Task Should_find_by_the_present_value_after_updates_and_deletions()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test"},{"email":"b@b.test"}""");
        await _marketo.UpsertAsync("""{"id":1,"email":"z@b.test"}""", "updateOnly", "id");
        await _marketo.CallAsync("POST", "/rest/v1/leads/delete.json", """{"input":[{"id":2}]}""");

        var found = await _marketo.CallAsync("GET", $"{Leads}?filterType=email&filterValues=a@b.test,b@b.test,z@b.test&fields=id");
        Assert.That(found.GetProperty("result").GetRawText(), Is.EqualTo("""[{"id":1}]"""));
    }

    [Test]
    public async Task Should_refuse_a_query_that_matches_over_1000_leads_and_page_the_rest()
    {
        for (var i = 0; i < 4; i++)
        {
            await _marketo.UpsertAsync(string.Join(',', Enumerable.Repeat("""{"email":"a@b.test"}""", i == 3 ? 101 : 300)), "createDuplicate");
        }

        Assert.That(await _marketo.CodeAsync("GET", $"{Leads}?filterType=email&filterValues=a@b.test"), Is.EqualTo("1003"));
        await _marketo.CallAsync("POST", "/rest/v1/leads/delete.json", """{"input":[{"id":1}]}""");

        var ids = new List<long>();
        string? token = null;
        do
        {
            var page = await _marketo.CallAsync("GET", $"{Leads}?filterType=email&filterValues=a@b.test&fields=id{(token is null ? "" : "&nextPageToken=" + Uri.EscapeDataString(token))}");
            ids.AddRange(page.GetProperty("result").EnumerateArray().Select(lead => lead.GetProperty("id").GetInt64()));
            token = page.TryGetProperty("nextPageToken", out var next) ? next.GetString() : null;
        }
        while (token is not null);
        Assert.That(ids, Is.EqualTo(Enumerable.Range(2, 1000)));
    }

    [Test]
    public async Task Should_describe_fields_with_custom_ones()
    {
        _marketo.Marketo.AddField(new MarketoField("loyaltyNumber", MarketoFieldType.Integer, IsSearchable: true));

        var described = (await _marketo.CallAsync("GET", "/rest/v1/leads/describe2.json")).GetProperty("result")[0];
        var searchable = described.GetProperty("searchableFields").EnumerateArray().Select(fields => fields[0].GetString());
        var types = described.GetProperty("fields").EnumerateArray()
            .ToDictionary(field => field.GetProperty("name").GetString()!, field => field.GetProperty("dataType").GetString());
        Assert.That(searchable, Is.EquivalentTo(new[] { "id", "email", "hubExternalId", "loyaltyNumber" }));
        Assert.That((types["annualIncome"], types["totalChildren"], types["dateOfBirth"], types["homeOwner"]), Is.EqualTo(("currency", "integer", "date", "boolean")));
        Assert.That(await _marketo.UpsertAsync("""{"loyaltyNumber":7,"email":"a@b.test"}""", lookup: "loyaltyNumber"), Is.EqualTo(new[] { "1 created" }));
        Assert.That(await _marketo.UpsertAsync("""{"loyaltyNumber":"7"}""", lookup: "loyaltyNumber"), Is.EqualTo(new[] { "1 updated" }));
    }

    [Test]
    public async Task Should_change_and_tell_membership_by_lead_id()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test"},{"email":"b@b.test"}""");
        var list = await _marketo.CreateListAsync();
        var members = $"/rest/v1/lists/{list}/leads.json";

        Assert.That(SandboxClient.Rows(await _marketo.CallAsync("POST", members, """{"input":[{"id":1},{"id":9}]}""")), Is.EqualTo(new[] { "1 added", "skipped 1004" }));
        Assert.That(SandboxClient.Rows(await _marketo.CallAsync("POST", $"{members}?id=1")), Is.EqualTo(new[] { "1 added" }));
        Assert.That(SandboxClient.Rows(await _marketo.CallAsync("GET", $"/rest/v1/lists/{list}/leads/ismember.json?id=1&id=9&id=2")), Is.EqualTo(new[] { "1 memberof", "skipped 1004", "2 notmemberof" }));
        Assert.That(SandboxClient.Rows(await _marketo.CallAsync("DELETE", members, """{"input":[{"id":1},{"id":2}]}""")), Is.EqualTo(new[] { "1 removed", "skipped 1015" }));
        Assert.That((await _marketo.CallAsync("GET", members)).GetProperty("result").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Should_page_members_by_opaque_tokens()
    {
        await _marketo.UpsertAsync(string.Join(',', Enumerable.Range(1, 250).Select(i => $$"""{"email":"p{{i}}@b.test"}""")));
        var list = await _marketo.CreateListAsync();
        var members = $"/rest/v1/lists/{list}/leads.json";
        await _marketo.CallAsync("POST", members, $$"""{"input":[{{string.Join(',', Enumerable.Range(1, 250).Select(i => $$"""{"id":{{i}}}"""))}}]}""");

        var first = await _marketo.CallAsync("GET", $"{members}?batchSize=200&fields=email");
        var token = first.GetProperty("nextPageToken").GetString()!;
        var second = await _marketo.CallAsync("GET", $"{members}?batchSize=200&fields=email&nextPageToken={Uri.EscapeDataString(token)}");
        Assert.That(first.GetProperty("result").GetArrayLength(), Is.EqualTo(200));
        Assert.That(second.GetProperty("result").EnumerateArray().Select(lead => lead.GetProperty("id").GetInt64()), Is.EqualTo(Enumerable.Range(201, 50)));
        Assert.That(second.TryGetProperty("nextPageToken", out _), Is.False);
        Assert.That(await _marketo.CodeAsync("GET", $"{members}?nextPageToken=forged"), Is.EqualTo("1003"));
    }

    [Test]
    public async Task Should_create_lists_with_unique_names_in_folders_that_exist()
    {
        var list = await _marketo.CreateListAsync("Hub: A");
        var found = await _marketo.CallAsync("GET", $"/rest/v1/lists.json?name={Uri.EscapeDataString("Hub: A")}");
        Assert.That(found.GetProperty("result")[0].GetProperty("id").GetInt64(), Is.EqualTo(list));
        Assert.That(await CreateAsync("Hub: A", """{"id":1001,"type":"Folder"}"""), Is.EqualTo("709"));
        Assert.That(await CreateAsync("Hub: B", """{"id":5,"type":"Folder"}"""), Is.EqualTo("710"));
        Assert.That(await CreateAsync("Hub: B", """{"id":1034,"type":"Folder"}"""), Is.EqualTo("711"));
        Assert.That(await CreateAsync("Hub: B", """{"id":1034,"type":"Program"}"""), Is.EqualTo("ok"));

        Task<string> CreateAsync(string name, string folder) =>
            _marketo.CodeAsync("POST", "/rest/asset/v1/staticLists.json", $"folder={Uri.EscapeDataString(folder)}&name={Uri.EscapeDataString(name)}", Form);
    }

    [Test]
    public async Task Should_forget_memberships_of_deleted_leads_and_never_reuse_ids()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test"}""");
        var list = await _marketo.CreateListAsync();
        await _marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json?id=1");
        await _marketo.CallAsync("POST", "/rest/v1/leads/delete.json", """{"input":[{"id":1}]}""");

        Assert.That((await _marketo.CallAsync("GET", $"/rest/v1/lists/{list}/leads.json")).GetProperty("result").GetArrayLength(), Is.Zero);
        Assert.That(await _marketo.UpsertAsync("""{"email":"a@b.test"}"""), Is.EqualTo(new[] { "2 created" }));
    }

    [TestCase("604")]
    [TestCase("608")]
    [TestCase("611")]
    [TestCase("713")]
    [TestCase("607")]
    public async Task Should_answer_a_fault_code_and_apply_nothing(string code)
    {
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = code, Calls = 1 });
        Assert.That(await _marketo.CodeAsync("POST", Leads, """{"input":[{"email":"a@b.test"}]}"""), Is.EqualTo(code));
        Assert.That(_marketo.Marketo.People(), Is.Empty);
    }

    [Test]
    public async Task Should_answer_gateway_trouble_as_a_page()
    {
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 502, Calls = 1 });
        using var answer = await _marketo.SendAsync("GET", "/rest/v1/lists.json");
        Assert.That(((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType), Is.EqualTo((502, "text/html")));
    }

    [Test]
    public async Task Should_apply_a_call_whose_answer_is_lost()
    {
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Calls = 1 });
        Assert.That(async () => await _marketo.UpsertAsync("""{"email":"a@b.test"}"""), Throws.InstanceOf<HttpRequestException>());
        Assert.That(_marketo.Marketo.People().Single().Keys["email"], Is.EqualTo("a@b.test"));
    }

    [Test]
    public async Task Should_make_the_faults_that_only_marketo_makes()
    {
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = MarketoFaults.ShortAnswer, Calls = 1 });
        Assert.That(await _marketo.UpsertAsync("""{"email":"a@b.test"},{"email":"b@b.test"}"""), Is.EqualTo(new[] { "1 created" }));
        Assert.That(_marketo.Marketo.People().Count(), Is.EqualTo(2));

        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = ["d@b.test"] });
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = MarketoFaults.WholeCall, Calls = 1 });
        Assert.That(await _marketo.CodeAsync("POST", Leads, """{"input":[{"email":"c@b.test"},{"email":"d@b.test"}]}"""), Is.EqualTo("1003"));
        Assert.That(await _marketo.UpsertAsync("""{"email":"c@b.test"},{"email":"d@b.test"}"""), Is.EqualTo(new[] { "3 created", "skipped 1003" }));
    }

    [Test]
    public async Task Should_show_everybody_with_fields_and_memberships()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test","firstName":"Zoë \u0022Z\u0022","homeOwner":true,"annualIncome":"90000.5"}""");
        var list = await _marketo.CreateListAsync();
        await _marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json?id=1");

        var person = _marketo.Marketo.People().Single();
        Assert.That(person.Keys, Is.EquivalentTo(new Dictionary<string, string> { ["id"] = "1", ["email"] = "a@b.test" }));
        Assert.That(person.Memberships, Is.EqualTo(new[] { list.ToString(System.Globalization.CultureInfo.InvariantCulture) }));
        Assert.That(JsonSerializer.Deserialize<string>(person.Fields["firstName"]), Is.EqualTo("Zoë \"Z\""));
        Assert.That((person.Fields["homeOwner"], person.Fields["annualIncome"]), Is.EqualTo(("true", "90000.5")));
    }
}
