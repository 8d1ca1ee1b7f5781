using System.Text.Json;
using static Connectors.Tests.HubSpot.HubSpotSandboxClient;

namespace Connectors.Tests.HubSpot;

public sealed class When_hubspot_sandbox_lists_are_called
{
    private const string Memberships = $"{Lists}/records/memberships/batch/read";

    private HubSpotSandboxClient _client = null!;

    [SetUp]
    public async Task StartAsync() => _client = await HubSpotSandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _client.DisposeAsync();

    [Test]
    public async Task Should_find_a_list_by_id_and_by_name_whatever_its_case()
    {
        var id = await _client.CreateListAsync("Hub: spring/sale 100 %");
        Assert.That((string)(await _client.CallAsync("GET", $"{Lists}/{id}")).Body!["list"]!["processingType"]!, Is.EqualTo("MANUAL"));
        var found = await _client.CallAsync("GET", $"{Lists}/object-type-id/0-1/name/{Uri.EscapeDataString("hub: SPRING/sale 100 %")}");
        Assert.That((string)found.Body!["list"]!["listId"]!, Is.EqualTo(id));
    }

    [TestCase("GET", "crm/v3/lists/9", null)]
    [TestCase("GET", "crm/v3/lists/object-type-id/0-1/name/nobody", null)]
    [TestCase("GET", "crm/v3/lists/9/memberships", null)]
    [TestCase("PUT", "crm/v3/lists/9/memberships/add", "[\"1\"]")]
    [TestCase("GET", "crm/v3/no/such/path", null)]
    public async Task Should_answer_404_for_what_is_not_there(string method, string path, string? body)
        => Assert.That((await _client.CallAsync(method, path, body)).Status, Is.EqualTo(404));

    [Test]
    public async Task Should_give_every_list_a_name_of_its_own()
    {
        await _client.CreateListAsync("Spring");
        var again = await _client.CallAsync("POST", Lists, """{"name":"SPRING","objectTypeId":"0-1","processingType":"MANUAL"}""");
        Assert.That((again.Status, again.Category), Is.EqualTo((400, "VALIDATION_ERROR")));
    }

    [TestCase("""{"objectTypeId":"0-1","processingType":"MANUAL"}""")]
    [TestCase("""{"name":"A","objectTypeId":"0-2","processingType":"MANUAL"}""")]
    [TestCase("""{"name":"A","objectTypeId":"0-1","processingType":"MAGIC"}""")]
    [TestCase("{")]
    public async Task Should_refuse_a_list_it_cannot_make(string body)
        => Assert.That((await _client.CallAsync("POST", Lists, body)).Status, Is.EqualTo(400));

    [Test]
    public async Task Should_tell_added_from_missing_and_pass_over_members()
    {
        var ids = await _client.CreateAsync("a", "b");
        var list = await _client.CreateListAsync();
        await ChangeAsync(list, "add", ids[0]);
        var answer = await ChangeAsync(list, "add", ids[0], ids[1], "999");
        Assert.That(answer.Ids("recordsIdsAdded"), Is.EqualTo(new[] { ids[1] }));
        Assert.That(answer.Ids("recordIdsMissing"), Is.EqualTo(new[] { "999" }));
        Assert.That((int)(await _client.CallAsync("GET", $"{Lists}/{list}")).Body!["list"]!["size"]!, Is.EqualTo(2));
        Assert.That(_client.HubSpot.People().Select(static person => person.Memberships.Single()), Is.All.EqualTo(list));
    }

    [Test]
    public async Task Should_remove_members_and_pass_over_others()
    {
        var ids = await _client.CreateAsync("a", "b");
        var list = await _client.CreateListAsync();
        await ChangeAsync(list, "add", ids[0]);
        var answer = await ChangeAsync(list, "remove", ids[0], ids[1], "999");
        Assert.That(answer.Ids("recordIdsRemoved"), Is.EqualTo(new[] { ids[0] }));
        Assert.That(answer.Ids("recordIdsMissing"), Is.EqualTo(new[] { "999" }));
    }

    [Test]
    public async Task Should_spell_the_added_ids_either_way()
    {
        _client.HubSpot.AddedSpelling = "recordIdsAdded";
        var ids = await _client.CreateAsync("a");
        var answer = await ChangeAsync(await _client.CreateListAsync(), "add", ids);
        Assert.That(answer.Ids("recordIdsAdded"), Is.EqualTo(ids));
        Assert.That(answer.Body!["recordsIdsAdded"], Is.Null);
    }

    [TestCase("[\"ann@example.test\"]")]
    [TestCase("[1]")]
    [TestCase("[]")]
    [TestCase("{}")]
    public async Task Should_take_record_ids_only(string body)
        => Assert.That((await _client.CallAsync("PUT", $"{Lists}/{await _client.CreateListAsync()}/memberships/add", body)).Status, Is.EqualTo(400));

    [TestCase("DYNAMIC", 400)]
    [TestCase("SNAPSHOT", 200)]
    public async Task Should_let_members_of_a_computed_list_alone(string type, int status)
    {
        var ids = await _client.CreateAsync("a");
        Assert.That((await ChangeAsync(await _client.CreateListAsync(type: type), "add", ids)).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task Should_page_members_by_250_with_an_opaque_cursor()
    {
        var ids = await _client.CreateAsync([.. Enumerable.Range(0, 501).Select(i => $"c{i}")]);
        var list = await _client.CreateListAsync();
        await ChangeAsync(list, "add", ids);
        var pages = new List<string[]>();
        string? after = null;
        do
        {
            var page = await _client.CallAsync("GET", $"{Lists}/{list}/memberships?limit=250{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            pages.Add([.. page.Rows.Select(row => (string)row["recordId"]!)]);
            after = (string?)page.Body!["paging"]?["next"]?["after"];
        }
        while (after is not null);

        Assert.That(pages.Select(static page => page.Length), Is.EqualTo(new[] { 250, 250, 1 }));
        Assert.That(pages.SelectMany(static page => page), Is.EqualTo(ids.Order(StringComparer.Ordinal)));
    }

    [Test]
    public async Task Should_tell_the_lists_of_records_in_any_order()
    {
        var ids = await _client.CreateAsync("a", "b");
        var lists = new[] { await _client.CreateListAsync("Spring"), await _client.CreateListAsync("Autumn") };
        await ChangeAsync(lists[0], "add", ids[0]);
        await ChangeAsync(lists[1], "add", ids[0]);
        var answer = await _client.CallAsync("POST", Memberships, Records([.. ids, "999"]));

        Assert.That((answer.Status, (string?)answer.Body!["status"]), Is.EqualTo((207, "COMPLETE")));
        Assert.That(answer.Rows.Select(static row => (string)row["recordId"]!), Is.EqualTo(ids.Reverse()));
        Assert.That(answer.Rows.First()["recordListMemberships"]!.AsArray(), Is.Empty);
        Assert.That(
            answer.Rows.Last()["recordListMemberships"]!.AsArray().Select(static list => (int)list!["listId"]!),
            Is.EqualTo(lists.Select(static id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture))), "They are numbers here.");
        Assert.That((string?)answer.Errors.Single()["category"], Is.EqualTo("OBJECT_NOT_FOUND"));
        Assert.That(answer.Errors.Single()["context"]!["ids"]!.AsArray().Select(static id => (string)id!), Is.EqualTo(new[] { "999" }));
        Assert.That((await _client.CallAsync("POST", Memberships, Records(ids))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Should_tell_the_lists_of_one_to_a_hundred_records()
    {
        Assert.That((await _client.CallAsync("POST", Memberships, Records([.. Enumerable.Range(1, 100).Select(static i => $"{i}")]))).Status, Is.EqualTo(207));
        Assert.That((await _client.CallAsync("POST", Memberships, Records([.. Enumerable.Range(1, 101).Select(static i => $"{i}")]))).Category, Is.EqualTo("VALIDATION_ERROR"));
    }

    [TestCase("""{"inputs":[]}""")]
    [TestCase("""{"inputs":[{"recordId":"1"}]}""")]
    [TestCase("""{"inputs":[{"objectTypeId":"0-2","recordId":"1"}]}""")]
    [TestCase("""{"inputs":[{"objectTypeId":"0-1","recordId":"ann@example.test"}]}""")]
    [TestCase("[]")]
    [TestCase("{")]
    public async Task Should_refuse_records_that_it_cannot_read(string body)
        => Assert.That((await _client.CallAsync("POST", Memberships, body)).Status, Is.EqualTo(400));

    [Test]
    public async Task Should_need_the_scope_of_lists_to_tell_the_lists_of_records()
    {
        _client.HubSpot.Tokens["contacts-only"] = new HashSet<string> { "crm.objects.contacts.read" };
        _client.Token = "contacts-only";
        var refused = await _client.CallAsync("POST", Memberships, Records("1"));
        Assert.That((refused.Status, (string?)refused.Body!["context"]!["requiredGranularScopes"]![0]), Is.EqualTo((403, "crm.lists.read")));
    }

    [TestCase("limit=251")]
    [TestCase("limit=0")]
    [TestCase("after=5")]
    public async Task Should_refuse_a_page_it_cannot_give(string query)
        => Assert.That((await _client.CallAsync("GET", $"{Lists}/{await _client.CreateListAsync()}/memberships?{query}")).Status, Is.EqualTo(400));

    [Test]
    public async Task Should_tell_a_deleted_list_by_its_id_until_it_is_restored()
    {
        var list = await _client.CreateListAsync();
        Assert.That((await _client.CallAsync("DELETE", $"{Lists}/{list}")).Status, Is.EqualTo(204));
        var deleted = await _client.CallAsync("GET", $"{Lists}/{list}");
        var byName = await _client.CallAsync("GET", $"{Lists}/object-type-id/0-1/name/Spring");
        var add = await ChangeAsync(list, "add", "1");
        Assert.That((await _client.CallAsync("PUT", $"{Lists}/{list}/restore")).Status, Is.EqualTo(204));
        var restored = await _client.CallAsync("GET", $"{Lists}/{list}");

        Assert.That(deleted.Status, Is.EqualTo(200));
        Assert.That(deleted.Body!["list"]!["deletedAt"], Is.Not.Null);
        Assert.That((byName.Status, add.Status), Is.EqualTo((404, 404)));
        Assert.That(restored.Body!["list"]!["deletedAt"], Is.Null);
    }

    private static string Records(params string[] ids)
        => JsonSerializer.Serialize(new { inputs = ids.Select(static id => new { objectTypeId = "0-1", recordId = id }) });

    private Task<SandboxAnswer> ChangeAsync(string list, string verb, params string[] ids)
        => _client.CallAsync("PUT", $"{Lists}/{list}/memberships/{verb}", JsonSerializer.Serialize(ids));
}
