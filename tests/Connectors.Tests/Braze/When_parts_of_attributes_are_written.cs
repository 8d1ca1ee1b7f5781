using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;

namespace Connectors.Tests.Braze;

/// <summary>Properties of objects and elements of arrays, as Braze's pages write them, and as its sandbox keeps and shows them.</summary>
public sealed class When_parts_of_attributes_are_written
{
    private static readonly string[] Asked = ["$.address.city", "$.address.geo.lat", "$.address.since", "$.interests[sports]", "$.interests[music]", "plan"];

    /// <summary>https://www.braze.com/docs/user_guide/data/activation/attributes/nested_custom_attribute_support, Update.</summary>
    [Test]
    public void Should_merge_a_property_into_its_object() => Assert.That(
        Write(new Field("$.most_played_song.year_released", FieldValue.Of(1960m))),
        Is.EqualTo("""{"external_id":"c-1","_merge_objects":true,"most_played_song":{"year_released":1960}}"""));

    /// <summary>The same page, Create: an object within an object.</summary>
    [Test]
    public void Should_write_the_properties_of_an_object_together_wherever_they_stand_in_the_mapping() => Assert.That(
        Write(
            new Field("$.most_played_song.genre", FieldValue.Of("Jazz")), new Field("$.most_played_song.play_analytics.count", FieldValue.Of(1000m)), new Field("first_name", FieldValue.Of("Ann")),
            new Field("$.other.x", FieldValue.Of(1m)), new Field("$.most_played_song.play_analytics.top_10_listeners", FieldValue.Of(true))),
        Is.EqualTo("""{"external_id":"c-1","first_name":"Ann","_merge_objects":true,"most_played_song":{"genre":"Jazz","play_analytics":{"count":1000,"top_10_listeners":true}},"other":{"x":1}}"""));

    /// <summary>The same page, Capturing dates as object properties.</summary>
    [Test]
    public void Should_write_days_and_times_under_their_key() => Assert.That(
        Write(new Field("$.important_dates.birthday", FieldValue.Of(new DateOnly(1980, 1, 1))), new Field("$.important_dates.seen_at", FieldValue.Of(new DateTimeOffset(2026, 3, 26, 18, 12, 0, TimeSpan.Zero)))),
        Is.EqualTo("""{"external_id":"c-1","_merge_objects":true,"important_dates":{"birthday":{"$time":"1980-01-01"},"seen_at":{"$time":"2026-03-26T18:12:00.000Z"}}}"""));

    /// <summary>https://www.braze.com/docs/api/objects_filters/user_attributes_object, user attribute example request.</summary>
    [Test]
    public void Should_add_and_remove_elements_and_nothing_else() => Assert.That(
        Write(new Field("$.music_videos_favorited[calvinharris-summer]", FieldValue.Of(true)), new Field("$.music_videos_favorited[nickiminaj-anaconda]", FieldValue.Of(false))),
        Is.EqualTo("""{"external_id":"c-1","music_videos_favorited":{"add":["calvinharris-summer"],"remove":["nickiminaj-anaconda"]}}"""));

    [TestCase(true, """{"add":["Value3"]}""")]
    [TestCase(false, """{"remove":["Value3"]}""")]
    public void Should_leave_out_an_operation_without_elements(bool isIn, string expected) =>
        Assert.That(Write(new Field("$.list[Value3]", FieldValue.Of(isIn))), Is.EqualTo($$"""{"external_id":"c-1","list":{{expected}}}"""));

    /// <summary>https://www.braze.com/docs/api/endpoints/user_data/post_user_track: one null, and all of the object is dropped without a word.</summary>
    [Test]
    public void Should_refuse_what_braze_would_drop_or_take_for_something_else()
    {
        Assert.That(Refused(new Field("$.address.city", FieldValue.Null)), Is.EqualTo(ReasonCode.NotClearable));
        Assert.That(Refused(new Field("$.address.city", FieldValue.Of(new string('x', 256)))), Is.EqualTo("text_too_long"));
        Assert.That(Refused(new Field(FieldAddress.OfElement("list", new string('x', 256)), FieldValue.Of(true))), Is.EqualTo("text_too_long"));
        Assert.That(Refused(new Field(FieldAddress.OfElement("list", new string('x', 255)), FieldValue.Of(true))), Is.Null);
        Assert.That(Refused(new Field("$.user_alias.alias_name", FieldValue.Of("x"))), Is.EqualTo("field_not_writable"));
    }

    [Test]
    public async Task Should_be_read_back_as_they_were_written_beside_what_others_have_there()
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.TrackAsync("""{"external_id":"c-1","address":{"city":"Bonn","zip":"53111"},"interests":["chess","music"]}""");
        var written = await braze.DeliverAsync(Operation.UpsertProfile, ScriptedBraze.Person(
            1, new("$.address.city", FieldValue.Of("Rome")), new("$.address.geo.lat", FieldValue.Of(41.9m)), new("$.address.since", FieldValue.Of(new DateOnly(2020, 5, 28))),
            new("$.interests[sports]", FieldValue.Of(true)), new("$.interests[music]", FieldValue.Of(false)), new("plan", FieldValue.Of("gold"))));
        Assert.That(written.Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That(braze.Person("c-1")!.Fields, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["address"] = """{"city":"Rome","zip":"53111","geo":{"lat":41.9},"since":{"$time":"2020-05-28"}}""", ["interests"] = """["chess","sports"]""", ["plan"] = "\"gold\"",
        }));
        Assert.That(await ReadAsync(braze), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["$.address.city"] = "\"Rome\"", ["$.address.geo.lat"] = "41.9", ["$.address.since"] = "\"2020-05-28\"", ["$.interests[sports]"] = "true", ["$.interests[music]"] = "false", ["plan"] = "\"gold\"",
        }));
    }

    [TestCase("{}")]
    [TestCase("""{"address":"Bonn","interests":"sports"}""", Description = "another type than the mapping writes")]
    [TestCase("""{"address":{"city":null,"geo":[1]},"interests":[1,null,{"sports":true}]}""")]
    public async Task Should_say_that_a_property_is_not_there_and_that_an_element_is_not_in(string attributes)
    {
        using var braze = new ScriptedBraze().Answer(200, $$"""{"message":"success","users":[{"external_id":"c-1","braze_id":"5f1","custom_attributes":{{attributes}}}]}""");
        var read = (await braze.Connect().ReadProfilesAsync(["c-1"], Asked, default)).Single().Fields;
        Assert.That(read, Is.EquivalentTo(new Dictionary<string, string> { ["$.interests[sports]"] = "false", ["$.interests[music]"] = "false" }));
    }

    /// <summary>Whoever looks at everything sees the parts beside the whole.</summary>
    [Test]
    public async Task Should_be_shown_part_by_part_where_everything_is_shown()
    {
        using var braze = new ScriptedBraze().Answer(
            200, """{"message":"success","users":[{"external_id":"c-1","braze_id":"5f1","custom_attributes":{"address":{"city":"Bonn","since":{"$time":"2020-05-28"}},"interests":["sports",7],"plan":"gold"}}]}""");
        var shown = (await braze.Connect().ReadWholeAsync("c-1", default)).Single().Fields.Where(field => !field.IsVendorsOwn).ToDictionary(field => field.Name, field => field.Value);
        Assert.That(shown, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["address"] = """{"city":"Bonn","since":{"$time":"2020-05-28"}}""", ["$.address.city"] = "\"Bonn\"", ["$.address.since"] = "\"2020-05-28\"",
            ["interests"] = """["sports",7]""", ["$.interests[sports]"] = "true", ["plan"] = "\"gold\"",
        }));
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadAsync(ServedBraze braze) => (await braze.Connect().ReadProfilesAsync(["c-1"], Asked, default)).Single().Fields;

    private static string Write(params Field[] fields)
    {
        var request = BrazeMapper.Write(ScriptedBraze.Of(Operation.UpsertProfile, ScriptedBraze.Person(1, fields)), [0], identityIsEmail: false, []).Single();
        using var sent = JsonDocument.Parse(request.Body);
        var text = Encoding.UTF8.GetString(request.Body);
        return text["{\"attributes\":[".Length..^2];
    }

    private static string? Refused(Field field)
    {
        var unsendable = new List<Unsendable>();
        BrazeMapper.Write(ScriptedBraze.Of(Operation.UpsertProfile, ScriptedBraze.Person(1, field)), [0], identityIsEmail: false, unsendable);
        return unsendable.Select(one => one.Code).SingleOrDefault();
    }
}
