using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;

namespace Connectors.Tests.Braze;

public sealed class When_fields_are_inspected
{
    private const string Refused = """{"message":"Bad Request"}""";

    [TestCase("String", FieldKind.Text, true)]
    [TestCase("String (Automatically Detected)", FieldKind.Text, true)]
    [TestCase("String", FieldKind.Date, true)]
    [TestCase("String", FieldKind.Instant, true)]
    [TestCase("String", FieldKind.Number, false)]
    [TestCase("String (Automatically Detected)", FieldKind.Boolean, false)]
    [TestCase("Number", FieldKind.Number, true)]
    [TestCase("Number (Automatically Detected)", FieldKind.Text, false)]
    [TestCase("Time (Automatically Detected)", FieldKind.Text, true, Description = "Braze took the texts that are written for times")]
    [TestCase("Integer", FieldKind.Number, true)]
    [TestCase("Float", FieldKind.Boolean, false)]
    [TestCase("Boolean", FieldKind.Boolean, true)]
    [TestCase("Boolean", FieldKind.Text, false)]
    [TestCase("Time", FieldKind.Instant, true)]
    [TestCase("Date (Automatically Detected)", FieldKind.Date, true)]
    [TestCase("Time", FieldKind.Text, false)]
    [TestCase("Date", FieldKind.Number, false)]
    [TestCase("Array", FieldKind.Text, false)]
    [TestCase("Object", FieldKind.Text, false)]
    [TestCase("Object Array", FieldKind.Text, false)]
    [TestCase("Object Array (Automatically Detected)", FieldKind.Null, true)]
    [TestCase("Object", FieldKind.Null, true)]
    [TestCase("Hologram", FieldKind.Text, true)]
    [TestCase("", FieldKind.Number, true)]
    [TestCase(null, FieldKind.Number, true)]
    public async Task Should_hold_a_field_against_the_type_of_the_attribute(string? type, FieldKind kind, bool fits)
    {
        var json = type is null ? "null" : $"\"{type}\"";
        using var braze = Answering($$"""{"message":"success","attributes":[{"name":"plan","data_type":{{json}},"status":"Active"}]}""");
        await ExpectAsync(braze, new FieldUse("plan", kind), fits ? null : "field_type_differs");
    }

    [TestCase("\"Active\"", null)]
    [TestCase("\"Blocklisted\"", "field_read_only")]
    [TestCase("\"Trashed\"", "field_read_only")]
    [TestCase("\"Something new\"", null)]
    [TestCase("null", null)]
    public async Task Should_find_an_attribute_that_braze_takes_nothing_for(string status, string? code)
    {
        using var braze = Answering($$"""{"message":"success","attributes":[{"name":"plan","data_type":"String","status":{{status}}}]}""");
        await ExpectAsync(braze, new FieldUse("plan", FieldKind.Text), code);
    }

    [TestCase("$.plan.name", "Object", true)]
    [TestCase("$.plan.name", "Object (Automatically Detected)", true)]
    [TestCase("$.plan.name", "String", false)]
    [TestCase("$.plan.name", "Time (Automatically Detected)", false)]
    [TestCase("$.plan.name", "Object Array", false)]
    [TestCase("$.plan.name", "Hologram", true)]
    [TestCase("$.plan[gold]", "Array", true)]
    [TestCase("$.plan[gold]", "Object", false)]
    [TestCase("$.plan[gold]", "Object Array", false)]
    [TestCase("$.plan[gold]", "Boolean", false)]
    public async Task Should_hold_a_part_against_the_attribute_that_holds_it(string name, string type, bool fits)
    {
        using var braze = Answering($$"""{"message":"success","attributes":[{"name":"plan","data_type":"{{type}}","status":"Active"}]}""");
        await ExpectAsync(braze, new FieldUse(name, name.EndsWith(']') ? FieldKind.Boolean : FieldKind.Text), fits ? null : "field_type_differs");
    }

    [TestCase("$.email.first", "field_type_differs")]
    [TestCase("$.user_alias.alias_name", "field_type_differs")]
    [TestCase("$.country[DE]", "field_type_differs")]
    public async Task Should_take_none_of_brazes_own_names_for_an_object_or_an_array(string name, string code)
    {
        using var braze = new ScriptedBraze().Answer(400, Refused);
        await ExpectAsync(braze, new FieldUse(name, FieldKind.Text), code);
        Assert.That(braze.Sent, Has.None.Contains("/custom_attributes"));
    }

    [TestCase("first_name", FieldKind.Text, null)]
    [TestCase("first_name", FieldKind.Number, "field_type_differs")]
    [TestCase("email", FieldKind.Text, null)]
    [TestCase("country", FieldKind.Boolean, "field_type_differs")]
    [TestCase("phone", FieldKind.Number, "field_type_differs")]
    [TestCase("dob", FieldKind.Date, null)]
    [TestCase("dob", FieldKind.Text, null)]
    [TestCase("dob", FieldKind.Instant, "field_type_differs")]
    [TestCase("date_of_first_session", FieldKind.Instant, null)]
    [TestCase("marked_email_as_spam_at", FieldKind.Boolean, "field_type_differs")]
    [TestCase("email_open_tracking_disabled", FieldKind.Boolean, null)]
    [TestCase("email_open_tracking_disabled", FieldKind.Text, "field_type_differs")]
    [TestCase("home_city", FieldKind.Null, null)]
    [TestCase("push_tokens", FieldKind.Text, "field_type_differs")]
    [TestCase("external_id", FieldKind.Text, null)]
    [TestCase("braze_id", FieldKind.Text, "field_read_only")]
    [TestCase("user_alias", FieldKind.Text, "field_read_only")]
    [TestCase("_update_existing_only", FieldKind.Boolean, "field_read_only")]
    public async Task Should_hold_brazes_own_fields_against_their_pages(string name, FieldKind kind, string? code)
    {
        using var braze = new ScriptedBraze().Answer(400, Refused);
        await ExpectAsync(braze, new FieldUse(name, kind), code);
        Assert.That(braze.Sent, Has.None.Contains("/custom_attributes"), "Nothing is asked that is known.");
    }

    [Test]
    public async Task Should_find_an_external_id_beside_people_who_are_found_by_email()
    {
        using var braze = new ScriptedBraze().Answer(400, Refused);
        await ExpectAsync(braze, new FieldUse("external_id", FieldKind.Text), "field_read_only", "email");
    }

    [Test]
    public async Task Should_judge_everything_on_every_page()
    {
        using var braze = new ScriptedBraze()
            .Answer(200, Recorded.Read("attributes-first"), Link("""<https://rest.fra-01.braze.eu/custom_attributes?cursor=two>; rel="next" """))
            .Answer(200, new Recording("attributes-second"))
            .Answer(400, Refused);
        FieldUse[] fields =
        [
            new("annual_income", FieldKind.Number), new("brands", FieldKind.Text), new("education", FieldKind.Text), new("home_owner", FieldKind.Boolean),
            new("last_seen", FieldKind.Date), new("orders", FieldKind.Text), new("shop", FieldKind.Text), new("tier", FieldKind.Number), new("Tier", FieldKind.Number),
        ];
        var findings = await braze.Connect().InspectAsync(fields, default);
        Assert.That(findings.Select(finding => $"{finding.Name} {finding.Code}"), Is.EqualTo(new[]
        {
            "brands field_type_differs", "education field_read_only", "orders field_type_differs", "shop field_type_differs", "tier field_type_differs",
        }));
        Assert.That(findings, Has.All.Matches<FieldFinding>(finding => finding!.Problem != "" && finding.Fix != ""));
    }

    [TestCase("""<https://elsewhere.example/custom_attributes?cursor=b%2Bc%3D>; rel="next" """)]
    [TestCase("""<https://rest.fra-01.braze.eu/custom_attributes?cursor=zero>; rel="prev",<https://rest.fra-01.braze.eu/custom_attributes?x=1&cursor=b%2Bc%3D>; rel="next" """)]
    [TestCase("""</custom_attributes?cursor=b%2Bc%3D&x=1>; title="more"; rel=next""")]
    public async Task Should_follow_the_cursor_and_never_the_host_of_a_link(string link)
    {
        using var braze = new ScriptedBraze().Answer(200, Recorded.Read("attributes-first"), Link(link)).Answer(200, new Recording("attributes-second")).Answer(400, Refused);
        await braze.Connect().InspectAsync([new("tier", FieldKind.Text)], default);
        Assert.That(Addresses(braze).Take(2), Is.EqualTo(new[] { "GET https://rest.fra-01.braze.eu/custom_attributes", "GET https://rest.fra-01.braze.eu/custom_attributes?cursor=b%2Bc%3D" }));
    }

    [TestCase("annual_income", """<https://rest.fra-01.braze.eu/custom_attributes?cursor=two>; rel="next" """)]
    [TestCase("zodiac", """<https://rest.fra-01.braze.eu/custom_attributes?cursor=zero>; rel="prev" """)]
    [TestCase("zodiac", """<https://rest.fra-01.braze.eu/custom_attributes>; rel="next" """)]
    public async Task Should_read_no_further_than_it_must(string name, string link)
    {
        using var braze = new ScriptedBraze().Answer(200, Recorded.Read("attributes-first"), Link(link)).Answer(400, Refused);
        await braze.Connect().InspectAsync([new(name, FieldKind.Number)], default);
        Assert.That(Addresses(braze).Count(address => address.Contains("/custom_attributes", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_list_all_attributes_page_by_page()
    {
        using var braze = new ScriptedBraze()
            .Answer(200, """{"message":"success","attributes":[{"name":"plan","data_type":"String (Automatically Detected)","status":"Active"},{"name":"old","data_type":"Number","status":"Blocklisted"}]}""", Link("""<https://rest.fra-01.braze.eu/custom_attributes?cursor=two>; rel="next" """))
            .Answer(200, """{"message":"success","attributes":[{"name":"tier","data_type":null,"status":"Active"}]}""");
        Assert.That(await braze.Connect().ListFieldsAsync(default), Is.EqualTo(new[] { new VendorField("plan", "string"), new VendorField("old", "number") { IsArchived = true }, new VendorField("tier", "") }));
    }

    [Test]
    public async Task Should_list_none_where_the_key_may_not_read_them()
    {
        await using var braze = await ServedBraze.StartAsync();
        Without(braze, "custom_attributes.get");
        Assert.That(await braze.Connect().ListFieldsAsync(default), Is.Empty);
    }

    [Test]
    public async Task Should_take_an_empty_page_for_the_last()
    {
        using var braze = new ScriptedBraze()
            .Answer(200, """{"message":"success","attributes":[]}""", Link("""<https://rest.fra-01.braze.eu/custom_attributes?cursor=two>; rel="next" """)).Answer(400, Refused);
        Assert.That(await braze.Connect().InspectAsync([new("zodiac", FieldKind.Text)], default), Is.Empty);
    }

    [Test]
    public async Task Should_leave_a_list_that_goes_round_in_a_circle()
    {
        using var braze = new ScriptedBraze().Answer(200, Recorded.Read("attributes-first"), Link("""<https://rest.fra-01.braze.eu/custom_attributes?cursor=two>; rel="next" """));
        await ThrowsAsync(braze, new DestinationCondition(DestinationTrouble.Unavailable, "braze_endless_list"), "zodiac");
        Assert.That(braze.Sent, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_find_nothing_wrong_with_an_attribute_that_a_write_will_make_and_tell_the_log()
    {
        using var logs = new CapturedLogs();
        using var braze = Answering(Recorded.Read("attributes-second"));
        braze.Loggers = logs;
        Assert.That(await braze.Connect().InspectAsync([new("tier", FieldKind.Text), new("zodiac", FieldKind.Text)], default), Is.Empty);
        Assert.That(logs.Lines.Single(line => line.Contains("zodiac", StringComparison.Ordinal)), Does.Not.Contain("tier"));
    }

    [Test]
    public async Task Should_name_the_permission_to_read_attributes_and_judge_what_needs_none()
    {
        await using var braze = await ServedBraze.StartAsync();
        Without(braze, "custom_attributes.get");
        var findings = await braze.Connect().InspectAsync([new("plan", FieldKind.Text), new("first_name", FieldKind.Number), new("tier", FieldKind.Text)], default);
        Assert.That(findings.Select(finding => (finding.Name, finding.Code, finding.FieldsNotInspected)), Is.EqualTo(new[]
        {
            ("first_name", "field_type_differs", 0), ("custom_attributes.get", FieldFinding.PermissionMissing, 2),
        }));
    }

    [TestCase("users.merge")]
    [TestCase("users.external_ids.rename")]
    [TestCase("users.external_ids.remove")]
    [TestCase("email.unsubscribe")]
    public async Task Should_name_each_permission_that_it_can_prove_missing(string permission)
    {
        await using var braze = await ServedBraze.StartAsync();
        Without(braze, permission);
        var finding = (await braze.Connect().InspectAsync([new("plan", FieldKind.Text)], default)).Single();
        Assert.That((finding.Name, finding.Code, finding.FieldsNotInspected), Is.EqualTo((permission, FieldFinding.PermissionMissing, 0)));
        Assert.That(finding.Problem, Does.Contain(permission));
        Assert.That(finding.Fix, Is.Not.Empty);
    }

    [Test]
    public async Task Should_change_nobody()
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test","plan":"gold"}""", """{"external_id":"integrationhub-check","plan":"gold"}""");
        var before = braze.Sandbox.People().Select(person => string.Join(';', person.Keys) + string.Join(';', person.Fields)).Order(StringComparer.Ordinal).ToArray();
        Assert.That(await braze.Connect().InspectAsync([new("plan", FieldKind.Text)], default), Is.Empty);
        Assert.That(braze.Sandbox.People().Select(person => string.Join(';', person.Keys) + string.Join(';', person.Fields)).Order(StringComparer.Ordinal), Is.EqualTo(before));
    }

    [TestCase(401, "err-unauthorized")]
    [TestCase(403, "err-access-denied")]
    public async Task Should_take_a_refusal_of_one_call_for_a_missing_permission(int status, string recorded)
    {
        using var braze = new ScriptedBraze().Answer(status, new Recording(recorded)).Answer(400, Refused);
        Assert.That((await braze.Connect().InspectAsync([], default)).Select(finding => finding.Name), Is.EqualTo(new[] { "users.merge" }));
    }

    [Test]
    public async Task Should_take_a_key_that_may_nothing_for_a_wrong_one()
    {
        using var braze = new ScriptedBraze().Answer(401, new Recording("err-unauthorized"));
        await ThrowsAsync(braze, new DestinationCondition(DestinationTrouble.Unauthorized, "braze_401"));
    }

    [TestCase(200, """{"message":"Empty external_id_renames array"}""")]
    [TestCase(201, """{"message":"success"}""")]
    public async Task Should_take_any_answer_to_what_it_says_for_the_permission(int status, string body)
    {
        using var braze = new ScriptedBraze().Answer(400, Refused).Answer(status, body).Answer(status, body).Answer(200, new Recording("unsubscribes-none"))
            .Answer(200, new Recording("unsubscribes-none")).Answer(200, """{"sms":[],"message":"success"}""");
        Assert.That(await braze.Connect().InspectAsync([], default), Is.Empty);
    }

    [TestCase(429, DestinationTrouble.Throttled, "braze_429")]
    [TestCase(503, DestinationTrouble.Unavailable, "braze_503")]
    [TestCase(200, DestinationTrouble.Unavailable, "braze_unreadable_answer")]
    public async Task Should_say_why_it_cannot_tell(int status, DestinationTrouble trouble, string code)
    {
        TimeSpan? wait = status == 429 ? TimeSpan.FromSeconds(2) : null;
        foreach (var field in new[] { "plan", "first_name" })
        {
            using var braze = new ScriptedBraze { Time = Clock.AtNoon() }.Answer(status, "<html>", ("x-ratelimit-retry-after", "2"));
            await ThrowsAsync(braze, new DestinationCondition(trouble, code, wait), field);
        }
    }

    [TestCase("""{"message":"success"}""")]
    [TestCase("""{"message":"success","attributes":[{"data_type":"String"}]}""")]
    public async Task Should_not_take_half_a_list_for_one(string body)
    {
        using var braze = Answering(body);
        await ThrowsAsync(braze, new DestinationCondition(DestinationTrouble.Unavailable, "braze_unreadable_answer"), "plan");
    }

    private static async Task ThrowsAsync(ScriptedBraze braze, DestinationCondition condition, string field = "first_name")
        => Assert.That((await Assert.ThrowsAsync<DestinationException>(async () => await braze.Connect().InspectAsync([new(field, FieldKind.Text)], default)))!.Condition, Is.EqualTo(condition));

    private static async Task ExpectAsync(ScriptedBraze braze, FieldUse field, string? code, string identityKey = "external_id")
    {
        var findings = await braze.Connect(identityKey).InspectAsync([field], default);
        Assert.That(findings.Select(finding => (finding.Name, finding.Code)), Is.EqualTo(code is null ? [] : new[] { (field.Name, code) }));
        Assert.That(findings, Has.All.Matches<FieldFinding>(finding => finding!.Problem != "" && finding.Fix != ""));
    }

    /// <summary>A Braze with the attributes, whose key has every permission.</summary>
    private static ScriptedBraze Answering(string attributes) => new ScriptedBraze().Answer(200, attributes).Answer(400, Refused);

    private static (string Name, string Value) Link(string link) => ("Link", link.Trim());

    private static IEnumerable<string> Addresses(ScriptedBraze braze) => braze.Sent.Select(sent => sent.Split('\n')[0]);

    private static void Without(ServedBraze braze, string permission)
    {
        var key = braze.Sandbox.Credentials["api_key"];
        braze.Sandbox.Keys[key] = braze.Sandbox.Keys[key].Where(one => one != permission).ToHashSet();
    }
}
