using System.Text.Json;

namespace Connectors.Tests.Braze;

/// <summary>Aliases, identification, merges, renames and deletions of the Braze sandbox, as its README lists them.</summary>
public sealed class When_the_braze_sandbox_changes_identities
{
    private const string Alias = """{"alias_name":"d-9","alias_label":"device"}""";

    private ServedBraze _braze = null!;

    [SetUp]
    public async Task Start() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task Stop() => await _braze.DisposeAsync();

    [Test]
    public async Task Should_refuse_two_primary_ids_in_one_object()
    {
        var answer = await _braze.TrackAsync($$"""{"external_id":"a","user_alias":{{Alias}}}""", """{"external_id":"b"}""");
        Assert.That(answer.GetProperty("errors")[0].GetProperty("index").GetInt32(), Is.Zero);
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public async Task Should_make_somebody_by_alias_only_when_told()
    {
        await _braze.TrackAsync($$"""{"user_alias":{{Alias}},"n":1}""");
        Assert.That(_braze.Everybody(), Is.Empty);
        await _braze.TrackAsync($$"""{"user_alias":{{Alias}},"_update_existing_only":false,"n":1}""");
        await _braze.TrackAsync($$"""{"user_alias":{{Alias}},"n":2}""", """{"user_alias":{"alias_name":"D-9","alias_label":"device"},"n":3}""");
        Assert.That(_braze.Sandbox.People().Single().Fields["n"], Is.EqualTo("2"), "The spelling of an alias counts.");
    }

    [Test]
    public async Task Should_find_by_brazes_own_id_and_by_phone()
    {
        await _braze.TrackAsync("""{"external_id":"a","phone":"+15555550101"}""");
        var id = _braze.Person("a")!.Keys["braze_id"];
        await _braze.TrackAsync($$"""{"braze_id":"{{id}}","n":1}""", """{"braze_id":"0000000000000000000000ff","n":2}""", """{"phone":"+15555550101","m":3}""");
        Assert.That((_braze.Person("a")!.Fields["n"], _braze.Person("a")!.Fields["m"], _braze.Everybody().Length), Is.EqualTo(("1", "3", 1)));
        Assert.That(await _braze.ExportAsync($"\"braze_id\":\"{id}\""), Has.Length.EqualTo(1));
        Assert.That(await _braze.ExportAsync("\"phone\":\"+15555550101\""), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Should_give_an_alias_to_whom_it_finds_and_one_per_label()
    {
        await _braze.TrackAsync("""{"external_id":"a"}""");
        var answer = await _braze.PostAsync(
            "users/alias/new",
            """{"user_aliases":[{"external_id":"a","alias_name":"x","alias_label":"l"},{"external_id":"a","alias_name":"y","alias_label":"l"},{"external_id":"nobody","alias_name":"z","alias_label":"l"},{"alias_name":"w","alias_label":"l"}]}""", 201);
        Assert.That((answer.GetProperty("aliases_processed").GetInt32(), answer.GetProperty("message").GetString()), Is.EqualTo((4, "success")));
        Assert.That(_braze.Sandbox.People().Select(person => person.Keys["alias:l"]), Is.EquivalentTo(new[] { "x", "w" }));

        await _braze.PostAsync("users/alias/update", """{"alias_updates":[{"alias_label":"l","old_alias_name":"x","new_alias_name":"x2"},{"alias_label":"l","old_alias_name":"no","new_alias_name":"n"}]}""", 201);
        Assert.That(_braze.Person("a")!.Keys["alias:l"], Is.EqualTo("x2"));
    }

    [Test]
    public async Task Should_fold_the_unidentified_into_the_identified()
    {
        await _braze.TrackAsync($$"""{"user_alias":{{Alias}},"_update_existing_only":false,"first_name":"Anonymous","n":1}""", """{"external_id":"a","first_name":"Ann"}""");
        await _braze.PostAsync("users/identify", $$"""{"aliases_to_identify":[{"external_id":"a","user_alias":{{Alias}}}]}""", 201);
        var person = _braze.Sandbox.People().Single();
        Assert.That((person.Keys["external_id"], person.Keys["alias:device"], person.Fields["first_name"], person.Fields["n"]), Is.EqualTo(("a", "d-9", "\"Ann\"", "1")));
    }

    [Test]
    public async Task Should_leave_the_unidentified_when_the_label_is_taken_and_answer_success()
    {
        await _braze.TrackAsync($$"""{"user_alias":{{Alias}},"_update_existing_only":false}""", """{"external_id":"a"}""");
        await _braze.PostAsync("users/alias/new", """{"user_aliases":[{"external_id":"a","alias_name":"d-8","alias_label":"device"}]}""", 201);
        await _braze.PostAsync("users/identify", $$"""{"aliases_to_identify":[{"external_id":"a","user_alias":{{Alias}}}]}""", 201);
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "-", "a" }));
    }

    [Test]
    public async Task Should_identify_by_address_where_the_priorities_leave_one()
    {
        await _braze.TrackAsync("""{"email":"a@example.test"}""", """{"external_id":"a","email":"a@example.test"}""");
        await _braze.PostAsync("users/identify", """{"emails_to_identify":[{"external_id":"b","email":"a@example.test","prioritization":[]}]}""", 201);
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "-", "a" }), "Two match: nothing is done.");
        await _braze.PostAsync("users/identify", """{"emails_to_identify":[{"external_id":"b","email":"a@example.test","prioritization":["unidentified","most_recently_updated"]}]}""", 201);
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task Should_merge_later_and_keep_what_the_staying_one_has()
    {
        await _braze.TrackAsync("""{"external_id":"a","x":1}""", """{"external_id":"b","x":2,"y":2}""");
        await _braze.PostAsync("users/track", """{"events":[{"external_id":"a","name":"e","time":"2026-11-20T00:00:00Z"},{"external_id":"b","name":"e","time":"2026-11-21T00:00:00Z"}]}""", 201);
        _braze.Room.Knobs.ApplyDelay = TimeSpan.FromSeconds(10);
        await _braze.PostAsync("users/merge", """{"merge_updates":[{"identifier_to_merge":{"external_id":"b"},"identifier_to_keep":{"external_id":"a"}}]}""", 202);
        _braze.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "a", "b" }), "Merges take longer than writes.");
        _braze.Time.Advance(TimeSpan.FromSeconds(50));
        var user = (await _braze.ExportAsync("\"external_ids\":[\"a\",\"b\"]")).Single();
        Assert.That(user.GetProperty("custom_attributes").GetRawText(), Is.EqualTo("""{"x":1,"y":2}"""));
        Assert.That(user.GetProperty("custom_events")[0].GetProperty("count").GetInt32(), Is.EqualTo(2));
        Assert.That(_braze.Sandbox.Events().Select(happened => happened.PersonKeys["external_id"]), Is.EqualTo(new[] { "a", "a" }));
    }

    [TestCase("""{"merge_updates":{}}""", "'merge_updates' must be an array of objects")]
    [TestCase("""{"merge_updates":[{"identifier_to_keep":{"external_id":"a"}}]}""", "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'")]
    [TestCase("""{"merge_updates":[{"identifier_to_merge":{"braze_id":"a"},"identifier_to_keep":{"external_id":"a"}}]}""", "identifiers must be objects with")]
    public async Task Should_refuse_a_merge_that_it_cannot_read(string body, string message)
        => Assert.That((await _braze.PostAsync("users/merge", body, 400)).GetProperty("message").GetString(), Does.StartWith(message));

    [Test]
    public async Task Should_answer_a_rename_entry_by_entry_and_keep_the_former_id()
    {
        await _braze.TrackAsync("""{"external_id":"a"}""", """{"external_id":"b"}""");
        var answer = await RenameAsync(("a", "a2"), ("b", "a2"), ("nobody", "n"));
        Assert.That(
            (answer.GetProperty("external_ids").GetRawText(), answer.GetProperty("rename_errors").GetRawText()),
            Is.EqualTo(("""["a2"]""", """[["new_external_id is already in use",1],["current_external_id does not exist",2]]""")));

        await _braze.TrackAsync("""{"external_id":"a","n":1}""");
        var user = (await _braze.ExportAsync("\"external_ids\":[\"a\"]")).Single();
        Assert.That((user.GetProperty("external_id").GetString(), user.GetProperty("custom_attributes").GetRawText()), Is.EqualTo(("a2", """{"n":1}""")), "The former id leads to the same person.");
        Assert.That((await RenameAsync(("b", "a"))).GetProperty("rename_errors").GetArrayLength(), Is.EqualTo(1), "A former id is in use, too.");

        var removed = await _braze.PostAsync("users/external_ids/remove", """{"external_ids":["a","b"]}""", 200);
        Assert.That(
            (removed.GetProperty("removed_ids").GetRawText(), removed.GetProperty("removal_errors").GetRawText()),
            Is.EqualTo(("""["a"]""", """[["external_id is not deprecated",1]]""")));
        Assert.That(await _braze.ExportAsync("\"external_ids\":[\"a\"]"), Is.Empty);
    }

    [Test]
    public async Task Should_delete_the_living_profile_by_a_former_id()
    {
        await _braze.TrackAsync("""{"external_id":"a"}""");
        await RenameAsync(("a", "a2"));
        await _braze.PostAsync("users/delete", """{"external_ids":["a"]}""", 200);
        Assert.That(_braze.Everybody(), Is.Empty);
    }

    [TestCase("""{"external_ids":["a"],"braze_ids":["b"]}""", 400)]
    [TestCase("{}", 400)]
    [TestCase("""{"external_ids":["nobody"]}""", 200)]
    [TestCase("""{"email_addresses":[{"email":"a@example.test","prioritization":["most_recently_updated"]}]}""", 200)]
    [TestCase("""{"user_aliases":[{"alias_name":"d","alias_label":"l"}]}""", 200)]
    public async Task Should_delete_by_exactly_one_kind_of_id(string body, int status)
    {
        await _braze.TrackAsync("""{"email":"a@example.test"}""");
        var answer = await _braze.PostAsync("users/delete", body, status);
        Assert.That(_braze.Everybody(), Has.Length.EqualTo(body.Contains("email_addresses", StringComparison.Ordinal) ? 0 : 1));
        Assert.That(answer.TryGetProperty("deleted", out _), Is.EqualTo(status == 200));
    }

    [Test]
    public async Task Should_delete_later_and_show_the_person_until_then()
    {
        await _braze.TrackAsync("""{"external_id":"a"}""");
        _braze.Room.Knobs.ApplyDelay = TimeSpan.FromSeconds(10);
        await _braze.PostAsync("users/delete", """{"external_ids":["a"]}""", 200);
        _braze.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.That(await _braze.ExportAsync("\"external_ids\":[\"a\"]"), Has.Length.EqualTo(1));
        Assert.That(_braze.Sandbox.IsSettled, Is.False);
        _braze.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.That(await _braze.ExportAsync("\"external_ids\":[\"a\"]"), Is.Empty);
        Assert.That(_braze.Sandbox.IsSettled);
    }

    [TestCase("users/delete", "external_ids", "\"x\"")]
    [TestCase("users/alias/new", "user_aliases", """{"alias_name":"x","alias_label":"l"}""")]
    [TestCase("users/identify", "aliases_to_identify", """{"external_id":"x","user_alias":{"alias_name":"x","alias_label":"l"}}""")]
    [TestCase("users/merge", "merge_updates", """{"identifier_to_merge":{"external_id":"b"},"identifier_to_keep":{"external_id":"a"}}""")]
    [TestCase("users/external_ids/rename", "external_id_renames", """{"current_external_id":"a","new_external_id":"b"}""")]
    [TestCase("email/status", "email", "\"x@example.test\"")]
    [TestCase("v2/subscription/status/set", "subscription_groups", """{"subscription_group_id":"g","subscription_state":"subscribed","external_ids":["a"]}""")]
    public async Task Should_take_fifty_entries_and_no_more(string path, string array, string entry)
    {
        var (most, tooMany) = (await CallAsync(50), await CallAsync(51));
        Assert.That((most, tooMany), Is.EqualTo((true, false)));

        async Task<bool> CallAsync(int count)
        {
            var body = $$"""{"{{array}}":[{{string.Join(',', Enumerable.Repeat(entry, count))}}],"subscription_state":"subscribed"}""";
            return (await _braze.CallAsync(HttpMethod.Post, path, body)).Status < 300;
        }
    }

    private Task<JsonElement> RenameAsync(params (string From, string To)[] renames)
    {
        var entries = renames.Select(rename => $$"""{"current_external_id":"{{rename.From}}","new_external_id":"{{rename.To}}"}""");
        return _braze.PostAsync("users/external_ids/rename", $$"""{"external_id_renames":[{{string.Join(',', entries)}}]}""", 200);
    }
}
