using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Sandbox.Braze;

namespace Connectors.Tests.Braze;

public sealed class When_the_braze_sandbox_lists_attributes
{
    private ServedBraze _braze = null!;

    [SetUp]
    public async Task StartAsync() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _braze.DisposeAsync();

    [Test]
    public async Task Should_make_an_attribute_by_the_first_write_of_the_type_that_it_has()
    {
        await _braze.TrackAsync(
            """{"external_id":"a","first_name":"Ann","dob":"1980-12-21","flag":true,"list":["x"],"nested":{"a":1},"nothing":null,"orders":[{"id":1}],"seen":"2026-03-26T18:12:00Z","size":1.5,"word":"x"}""",
            """{"external_id":"b","word":7}""", """{"external_id":"nobody","_update_existing_only":true,"ghost":1}""");
        Assert.That((await ListAsync()).Select(one => $"{Text(one, "name")}: {Text(one, "data_type")}"), Is.EqualTo(new[]
        {
            "flag: Boolean (Automatically Detected)", "list: Array (Automatically Detected)", "nested: Object (Automatically Detected)",
            "orders: Object Array (Automatically Detected)", "seen: Time (Automatically Detected)", "size: Number (Automatically Detected)", "word: String (Automatically Detected)",
        }));
    }

    [Test]
    public async Task Should_tell_what_somebody_fixed_or_put_on_the_blocklist_and_drop_what_is_written_there()
    {
        await _braze.TrackAsync("""{"external_id":"a","age":"old","plan":"gold"}""");
        _braze.Sandbox.ForcedTypes["age"] = BrazeType.Number;
        _braze.Sandbox.ForcedTypes["orders"] = BrazeType.ObjectArray;
        _braze.Sandbox.Blocklist["plan"] = true;
        await _braze.TrackAsync("""{"external_id":"a","age":"older","plan":"silver","orders":"x"}""");
        Assert.That((await ListAsync()).Select(one => $"{Text(one, "name")}: {Text(one, "data_type")}, {Text(one, "status")}"), Is.EqualTo(new[]
        {
            "age: Number, Active", "orders: Object Array, Active", "plan: String (Automatically Detected), Blocklisted",
        }));
        Assert.That(_braze.Person("a")!.Fields, Is.EquivalentTo(new Dictionary<string, string> { ["age"] = "\"old\"", ["plan"] = "\"gold\"" }));
    }

    [Test]
    public async Task Should_give_fifty_by_the_alphabet_and_a_link_to_the_next()
    {
        await _braze.TrackAsync($$"""{"external_id":"a",{{string.Join(',', Enumerable.Range(0, 120).Reverse().Select(id => string.Create(CultureInfo.InvariantCulture, $"\"f{id:000}\":1")))}}}""");
        var names = new List<string>();
        var relations = new List<string>();
        for (var path = "custom_attributes"; path is not null;)
        {
            var (status, answer, headers) = await _braze.CallAsync(HttpMethod.Get, path, null);
            Assert.That(status, Is.EqualTo(200));
            names.AddRange(answer.GetProperty("attributes").EnumerateArray().Select(one => Text(one, "name")));
            var links = headers.TryGetValues("link", out var values) ? string.Join(',', values).Split(',') : [];
            relations.Add(string.Join(' ', links.Select(link => link.Split("rel=")[1].Trim('"'))));
            path = links.Where(link => link.EndsWith("rel=\"next\"", StringComparison.Ordinal)).Select(link => $"custom_attributes?{link.Split('?')[1].Split('>')[0]}").SingleOrDefault();
        }

        Assert.That(names, Has.Count.EqualTo(120).And.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(relations, Is.EqualTo(new[] { "next", "prev next", "prev" }));
    }

    [TestCase("nonsense")]
    [TestCase("c2tpcDp4")]
    public async Task Should_refuse_a_cursor_that_it_did_not_make(string cursor)
        => Assert.That((await _braze.CallAsync(HttpMethod.Get, $"custom_attributes?cursor={cursor}", null)).Status, Is.EqualTo(400));

    [Test]
    public async Task Should_have_a_permission_and_a_thousand_calls_an_hour_of_its_own()
    {
        _braze.Room.Knobs.Quotas = true;
        var (_, _, headers) = await _braze.CallAsync(HttpMethod.Get, "custom_attributes", null);
        Assert.That((headers.GetValues("x-ratelimit-limit").Single(), headers.GetValues("x-ratelimit-remaining").Single()), Is.EqualTo(("1000", "999")));

        _braze.Sandbox.Keys[_braze.Sandbox.Credentials["api_key"]] = new HashSet<string> { "users.track" };
        Assert.That((await _braze.CallAsync(HttpMethod.Get, "custom_attributes", null)).Status, Is.EqualTo(403));
    }

    private async Task<JsonElement[]> ListAsync() => [.. (await _braze.GetAsync("custom_attributes")).GetProperty("attributes").EnumerateArray()];

    private static string Text(JsonElement attribute, string name) => attribute.GetProperty(name).GetString()!;
}
