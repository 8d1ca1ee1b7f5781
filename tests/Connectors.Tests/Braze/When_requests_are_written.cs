using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;

namespace Connectors.Tests.Braze;

public sealed class When_requests_are_written
{
    [TestCase(Operation.AddMember, """{"external_id":"c-1","first_name":"Ann","aud_spring":true}""")]
    [TestCase(Operation.UpsertProfile, """{"external_id":"c-1","first_name":"Ann"}""")]
    [TestCase(Operation.RemoveMember, """{"external_id":"c-1","_update_existing_only":true,"aud_spring":false}""")]
    public void Should_hold_what_the_operation_needs_and_no_more(Operation operation, string expected)
        => Assert.That(Write(operation, new Field("first_name", FieldValue.Of("Ann"))), Is.EqualTo(expected));

    [TestCase(Operation.AddMember, """{"external_id":"c-1","_update_existing_only":true,"aud_spring":true}""")]
    [TestCase(Operation.UpsertProfile, """{"external_id":"c-1","_update_existing_only":true}""")]
    public void Should_say_when_nobody_may_be_created(Operation operation, string expected)
    {
        var request = BrazeMapper.Write(ScriptedBraze.Of(operation, 1) with { UpdateOnly = true }, [0], identityIsEmail: false, []).Single();
        Assert.That(Encoding.UTF8.GetString(request.Body), Is.EqualTo($$"""{"attributes":[{{expected}}]}"""));
    }

    private static IEnumerable<TestCaseData> Values() =>
    [
        new(FieldValue.Of("a\"b\\c/d\u0001é张\U0001F600"), "\"a\\\"b\\\\c/d\\u0001é张\\uD83D\\uDE00\""),
        new(FieldValue.Of(""), "\"\""),
        new(FieldValue.Of(12.50m), "12.50"),
        new(FieldValue.Of(-0.001m), "-0.001"),
        new(FieldValue.Of(true), "true"),
        new(FieldValue.Of(false), "false"),
        new(FieldValue.Of(new DateOnly(1980, 12, 21)), "\"1980-12-21\""),
        new(FieldValue.Of(new DateTimeOffset(2026, 3, 26, 18, 12, 0, TimeSpan.FromHours(2))), "\"2026-03-26T16:12:00.000Z\""),
        new(FieldValue.Null, "null"),
    ];

    [TestCaseSource(nameof(Values))]
    public void Should_spell_each_kind_of_value_as_braze_does(FieldValue value, string expected)
        => Assert.That(Write(Operation.UpsertProfile, new Field("f", value)), Is.EqualTo($$"""{"external_id":"c-1","f":{{expected}}}"""));

    [Test]
    public void Should_replace_half_a_character_instead_of_breaking_the_request()
        => Assert.That(() => JsonDocument.Parse(Write(Operation.UpsertProfile, new Field("f", FieldValue.Of("a\ud83d")))), Throws.Nothing);

    [TestCase("external_id")]
    [TestCase("braze_id")]
    [TestCase("_update_existing_only")]
    public void Should_refuse_a_field_that_would_steer_the_call(string name)
        => Assert.That(Refused(new Field(name, FieldValue.Of("x"))), Is.EqualTo("field_not_writable"));

    [TestCase(255, null)]
    [TestCase(256, "text_too_long")]
    public void Should_refuse_a_text_that_braze_would_drop_without_a_word(int length, string? code)
        => Assert.That(Refused(new Field("f", FieldValue.Of(new string('x', length)))), Is.EqualTo(code));

    [TestCase(987, null)]
    [TestCase(988, "braze_EXTERNAL_USER_ID_TOO_LARGE")]
    public void Should_refuse_an_external_id_that_is_too_long(int bytes, string? code)
    {
        var unsendable = new List<Unsendable>();
        var item = ScriptedBraze.Person(1) with { Key = "é" + new string('x', bytes - 2) };
        BrazeMapper.Write(ScriptedBraze.Of(Operation.AddMember, item), [0], identityIsEmail: false, unsendable);
        Assert.That(unsendable.Select(one => one.Code).SingleOrDefault(), Is.EqualTo(code));
    }

    [Test]
    public void Should_close_a_request_before_it_exceeds_its_bytes()
    {
        var items = Enumerable.Range(1, 60).Select(id => ScriptedBraze.Person(id, new Field("f", FieldValue.Of(new string('x', id * 4))))).ToArray();
        var requests = BrazeMapper.Write(
            ScriptedBraze.Of(Operation.AddMember, items), [.. Enumerable.Range(0, 60)], identityIsEmail: false, [], maxBytes: 1000);

        Assert.That(requests.Select(request => request.Body.Length), Has.All.AtMost(1000).And.Some.AtLeast(700));
        Assert.That(requests.SelectMany(request => request.Items), Is.EqualTo(Enumerable.Range(0, 60)));
        Assert.That(
            requests.SelectMany(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("attributes").EnumerateArray())
                .Select(one => one.GetProperty("external_id").GetString()),
            Is.EqualTo(items.Select(item => item.Key)));
    }

    [Test]
    public void Should_fill_a_request_to_the_last_byte_and_object()
    {
        var batch = ScriptedBraze.Of(Operation.RemoveMember, 75);
        var everything = BrazeMapper.Write(batch, [.. Enumerable.Range(0, 75)], identityIsEmail: false, []).Single().Body.Length;

        Assert.That(BrazeMapper.Write(batch, [.. Enumerable.Range(0, 75)], identityIsEmail: false, [], everything), Has.Count.EqualTo(1));
        Assert.That(BrazeMapper.Write(batch, [.. Enumerable.Range(0, 75)], identityIsEmail: false, [], everything - 1), Has.Count.EqualTo(2));
        Assert.That(
            BrazeMapper.Write(ScriptedBraze.Of(Operation.RemoveMember, 76), [.. Enumerable.Range(0, 76)], identityIsEmail: false, []).Select(request => request.Items.Count),
            Is.EqualTo(new[] { 75, 1 }));
    }

    private static string Write(Operation operation, Field field)
    {
        var request = BrazeMapper.Write(ScriptedBraze.Of(operation, ScriptedBraze.Person(1, field)), [0], identityIsEmail: false, []).Single();
        var text = Encoding.UTF8.GetString(request.Body);
        Assert.That(text, Does.StartWith("{\"attributes\":[").And.EndsWith("]}"));
        return text["{\"attributes\":[".Length..^2];
    }

    private static string? Refused(Field field)
    {
        var unsendable = new List<Unsendable>();
        BrazeMapper.Write(ScriptedBraze.Of(Operation.AddMember, ScriptedBraze.Person(1, field)), [0], identityIsEmail: false, unsendable);
        return unsendable.Select(one => one.Code).SingleOrDefault();
    }
}
