using System.Text.Json;
using IntegrationHub.Connectors.Sandbox.Braze;

namespace Connectors.Tests.Braze;

/// <summary>Objects and arrays as https://www.braze.com/docs/user_guide/data/activation/attributes/nested_custom_attribute_support and https://www.braze.com/docs/api/objects_filters/user_attributes_object describe them.</summary>
public sealed class When_the_braze_sandbox_keeps_parts
{
    private const string Song = """{"song_name":"Solea","artist_name":"Miles Davis","album_name":"Sketches of Spain","genre":"Jazz","play_analytics":{"count":1000,"top_10_listeners":true}}""";

    private ServedBraze _braze = null!;

    [SetUp]
    public async Task StartAsync() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _braze.DisposeAsync();

    /// <summary>The page's example, and the object that it says comes of it.</summary>
    [Test]
    public async Task Should_merge_objects_on_all_levels_when_told_so_and_else_replace_them()
    {
        await TrackAsync($"\"most_played_song\":{Song}");
        await TrackAsync("""
            "_merge_objects":true,"most_played_song":{"year_released":1960}
            """);
        Assert.That(Same(Value("most_played_song"), """
            {"song_name":"Solea","artist_name":"Miles Davis","album_name":"Sketches of Spain","year_released":1960,"genre":"Jazz","play_analytics":{"count":1000,"top_10_listeners":true}}
            """));
        await TrackAsync("""
            "_merge_objects":true,"most_played_song":{"play_analytics":{"count":1001}}
            """);
        Assert.That(JsonDocument.Parse(Value("most_played_song")!).RootElement.GetProperty("play_analytics").GetRawText(), Is.EqualTo("""{"count":1001,"top_10_listeners":true}"""));
        Assert.That(_braze.Person("a")!.Fields.Keys, Is.EqualTo(new[] { "most_played_song" }), "what steers the call is no attribute");

        await TrackAsync("""
            "most_played_song":{"year_released":1961}
            """);
        Assert.That(Value("most_played_song"), Is.EqualTo("""{"year_released":1961}"""));
        await TrackAsync("""
            "_merge_objects":true,"most_played_song":null
            """);
        Assert.That(Value("most_played_song"), Is.Null);
    }

    /// <summary>https://www.braze.com/docs/api/endpoints/user_data/post_user_track: invalid values drop the update of the attribute, and nothing says so.</summary>
    [TestCase("""{"genre":"Rock","artist_name":null}""")]
    [TestCase("""{"genre":"Rock","play_analytics":{"count":null}}""")]
    [TestCase("""{"genre":"Rock","since":{"$time":"yesterday"}}""")]
    [TestCase("""{"genre":"Rock","since":{"$time":null}}""")]
    public async Task Should_drop_an_update_of_an_object_that_holds_something_invalid(string update)
    {
        await TrackAsync($"\"most_played_song\":{Song}");
        await TrackAsync($"\"_merge_objects\":true,\"most_played_song\":{update},\"plan\":\"gold\"");
        Assert.That((Value("most_played_song"), Value("plan")), Is.EqualTo((Song, "\"gold\"")));
    }

    [Test]
    public async Task Should_drop_an_update_by_which_an_object_would_be_too_large()
    {
        var most = $$"""{"a":"{{new string('x', 100 * 1024 - 20)}}"}""";
        await TrackAsync($"\"big\":{most}");
        await TrackAsync("""
            "_merge_objects":true,"big":{"b":"0123456789"}
            """);
        Assert.That(Value("big"), Is.EqualTo(most));
        await TrackAsync("""
            "_merge_objects":true,"big":{"b":1}
            """);
        Assert.That(Value("big"), Does.EndWith("""x","b":1}"""));
    }

    [TestCase("""["a","b"]""", """{"add":["c"]}""", """["a","b","c"]""")]
    [TestCase("""["a","b"]""", """{"add":["a"]}""", """["b","a"]""", Description = "what is there already moves to the end")]
    [TestCase("""["a","b","c"]""", """{"remove":["a","c","x"]}""", """["b"]""")]
    [TestCase("""["a","b"]""", """{"add":["c"],"remove":["a"]}""", """["b","c"]""")]
    [TestCase("""["a"]""", """{"remove":["a"]}""", "[]")]
    [TestCase("""[1,"1"]""", """{"remove":["1"]}""", "[1]", Description = "a number is no text")]
    [TestCase(null, """{"add":["a","a"]}""", """["a"]""")]
    [TestCase(null, """{"remove":["a"]}""", null)]
    [TestCase("\"text\"", """{"add":["a"]}""", "\"text\"", Description = "no array: dropped")]
    public async Task Should_add_to_and_remove_from_arrays(string? before, string operation, string? after)
    {
        await TrackAsync($"\"list\":{before ?? "null"}");
        await TrackAsync($"\"list\":{operation}");
        Assert.That(Value("list"), Is.EqualTo(after));
    }

    [Test]
    public async Task Should_let_the_oldest_element_go_past_the_maximum()
    {
        await TrackAsync($"\"list\":[{string.Join(',', Enumerable.Range(0, 500).Select(element => $"\"e{element}\""))}]");
        await TrackAsync("""
            "list":{"add":["new"]}
            """);
        var list = JsonSerializer.Deserialize<string[]>(Value("list")!)!;
        Assert.That((list.Length, list[0], list[^1]), Is.EqualTo((500, "e1", "new")));
    }

    [Test]
    public async Task Should_make_an_array_by_its_first_element_and_drop_it_where_another_type_is_fixed()
    {
        await TrackAsync("""
            "list":{"add":["a"]}
            """);
        Assert.That((await _braze.GetAsync("custom_attributes")).GetProperty("attributes")[0].GetProperty("data_type").GetString(), Is.EqualTo("Array (Automatically Detected)"));
        _braze.Sandbox.ForcedTypes["list"] = BrazeType.Array;
        _braze.Sandbox.ForcedTypes["object"] = BrazeType.Object;
        await TrackAsync("""
            "list":{"add":["b"]},"object":{"add":["b"]}
            """);
        Assert.That((Value("list"), Value("object")), Is.EqualTo(("""["a","b"]""", (string?)null)));
    }

    private Task<JsonElement> TrackAsync(string attributes) => _braze.TrackAsync($$"""{"external_id":"a",{{attributes}}}""");

    private string? Value(string attribute) => _braze.Person("a")!.Fields.GetValueOrDefault(attribute);

    private static bool Same(string? json, string expected) => JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(json!), JsonSerializer.Deserialize<JsonElement>(expected));
}
