using IntegrationHub.Hub.Security;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Quarantine;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Intake.Broker;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using IntegrationHub.Hub.Tests.Consent;

namespace IntegrationHub.Hub.Tests.Intake.Quarantine;

/// <summary>A whole hub with real bad facts: people find them, see nothing personal, and replay, fix or discard each of them once, over HTTP and from the terminal.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_fact_was_set_aside(StorageDatabase database)
{
    private const string Mail = "canary.person@example.com";
    private WholeHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await WholeHub.StartAsync(database);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_be_found_by_defect_producer_type_and_state_page_by_page()
    {
        var producer = Unique("shop");
        var bad = new List<Guid>();
        foreach (var person in new[] { "a", "b", "c" })
        {
            bad.Add(await SetAsideAsync(Fact("profile_updated", producer, person, """{"attributes":{"deep":{"x":1}}}""")));
        }

        var other = await SetAsideAsync(Consent(producer, "d", "maybe"));
        var first = await GetAsync($"/v1/quarantine?producer={producer}&code=not_scalar&limit=2");
        var second = await GetAsync($"/v1/quarantine?producer={producer}&code=not_scalar&limit=2&after={first.GetProperty("next")}");
        var byType = await GetAsync($"/v1/quarantine?producer={producer}&event_type=consent_updated&state=waiting");

        Assert.Multiple(() =>
        {
            Assert.That(Ids(first).Concat(Ids(second)), Is.EquivalentTo(bad));
            Assert.That(Ids(byType), Is.EqualTo(new[] { other }));
            Assert.That(byType.GetProperty("items")[0].GetProperty("next_step").GetString(), Does.Contain($"quarantine fix {other} --set payload.status=VALUE"));
        });
        Assert.That((await _hub.Http.GetAsync("/v1/quarantine?state=lost")).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Should_be_shown_without_anything_personal()
    {
        var producer = Unique("shop");
        var id = await SetAsideAsync($$$"""
            {"event_id":"{{{Guid.NewGuid()}}}","event_type":"profile_updated","schema_version":1,"occurred_at":"2026-03-01T10:00:00Z","producer":"{{{producer}}}",
             "subject":{"external_id":"canary-77","email":"{{{Mail}}}"},"payload":{"attributes":{"name":"Canary Person","age":4711,"{{{Mail}}}":1,"list":["canary"]}},"note":"canary"}
            """);
        var shown = await _hub.Http.GetStringAsync($"/v1/quarantine/{id}");
        var (code, screen, _) = await CallAsync("quarantine", "show", id.ToString());

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero);
            Assert.That(shown + screen, Does.Not.Contain("canary").IgnoreCase.And.Not.Contain("4711"));
            Assert.That(shown, Does.Contain(producer).And.Contain("payload.attributes.list").And.Contain("(text, 13 characters)"));
            Assert.That(screen, Does.Contain("not_scalar: payload.attributes.list"));
        });
    }

    [TestCase("shoe size", "payload.attributes.shoe size")]
    [TestCase(Mail, "payload.attributes.canary.?.com")]
    [TestCase("+49 30 901820", "payload.attributes.?")]
    public void Should_have_no_path_that_could_name_somebody(string attribute, string expected)
    {
        var verdict = FactReading.Read(Encoding.UTF8.GetBytes(Fact("profile_updated", "shop", "p", $$$"""{"attributes":{"{{{attribute}}}":[1]}}""")), DateTimeOffset.UtcNow, Authorities.Everybody);
        Assert.That(verdict.Quarantined!.Path, Is.EqualTo(expected));
    }

    [Test]
    public async Task Should_be_taken_in_once_when_its_time_has_come()
    {
        var (producer, person) = (Unique("shop"), Unique("p"));
        var fact = Fact("profile_updated", producer, person, """{"attributes":{"city":"Bonn"}}""").Replace("2026-03-01T10:00:00Z", DateTimeOffset.UtcNow.AddHours(1).ToString("o"), StringComparison.Ordinal);
        var id = await SetAsideAsync(fact);
        var early = await PostAsync(id, "replay", new { });
        Assert.That((early.Status, early.Json.GetProperty("field").GetString()), Is.EqualTo((HttpStatusCode.Conflict, "occurred_at")));
        Assert.That(early.Json.GetProperty("detail").GetString(), Does.Contain("Nothing was changed").And.Contain($"quarantine replay {id}"));

        await ExecuteAsync("UPDATE quarantined_facts SET body = @body WHERE quarantine_id = @id", ("id", id), ("body", Encoding.UTF8.GetBytes(Fact("profile_updated", producer, person, """{"attributes":{"city":"Bonn"}}"""))));
        var both = await Task.WhenAll(PostAsync(id, "replay", new { by = "dana" }), PostAsync(id, "replay", new { by = "dana" }));
        var again = await PostAsync(id, "replay", new { });

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(both.Append(again).Select(answer => answer.Status), Is.All.EqualTo(HttpStatusCode.OK));
            Assert.That(again.Json.GetProperty("state").GetString(), Is.EqualTo("replayed"));
            Assert.That(again.Json.GetProperty("settled_by").GetString(), Is.EqualTo($"{Principal.Local.Id} (dana)"));
            Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'"), Is.EqualTo(1));
            Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{person}'"), Is.EqualTo(1));
        });
        var late = await PostAsync(id, "discard", new { reason = "too late" });
        Assert.That((late.Status, Type(late.Json)), Is.EqualTo((HttpStatusCode.Conflict, "quarantine-settled")));
    }

    [Test]
    public async Task Should_be_corrected_field_by_field_from_the_terminal_and_keep_what_came()
    {
        var (producer, person) = (Unique("shop"), Unique("p"));
        var id = await SetAsideAsync(Consent(producer, person, "Opted In"));
        Assert.That(await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'id:{person}' AND status = 'denied'"), Is.EqualTo(1), "a precaution until somebody has looked");

        var wrong = await CallAsync("quarantine", "fix", $"{id}", "--set", "payload.status=yes");
        var right = await CallAsync("quarantine", "fix", $"{id}", "--set", "payload.status=granted", "--by", "dana");
        var same = await CallAsync("quarantine", "fix", $"{id}", "--set", "payload.status=granted", "--json");
        var other = await CallAsync("quarantine", "fix", $"{id}", "--set", "payload.status=denied");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((wrong.Code, right.Code, same.Code, other.Code), Is.EqualTo((2, 0, 0, 3)));
            Assert.That(wrong.Error, Does.Contain("payload.status must be granted or denied"));
            Assert.That(right.Out, Does.Contain($"fixed by {Principal.Local.Id} (dana)").And.Contain("As it was corrected"));
            Assert.That(JsonDocument.Parse(same.Out).RootElement.GetProperty("corrected").GetProperty("payload").GetProperty("status").GetString(), Is.EqualTo("granted"));
            Assert.That(other.Error, Does.Contain("was fixed before"));
            Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'"), Is.EqualTo(1));
            Assert.That(await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'id:{person}' AND status = 'granted'"), Is.EqualTo(1), "the precaution is over: somebody has looked");
        });
    }

    [Test]
    public async Task Should_be_corrected_as_a_whole()
    {
        var producer = Unique("shop");
        var id = await SetAsideAsync("no json at all " + producer);
        var byField = await PostAsync(id, "fix", new { set = new Dictionary<string, object> { ["payload.status"] = "denied" } });
        var neither = await PostAsync(id, "fix", new { });
        var file = Path.Combine(_hub.Folder, "fact.json");
        await File.WriteAllTextAsync(file, Fact("profile_updated", producer, Unique("p"), """{"attributes":{"city":"Bonn"}}"""));
        var whole = await CallAsync("quarantine", "fix", $"{id}", "--fact", file, "--json");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((byField.Status, Type(byField.Json)), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "fact-unreadable")));
            Assert.That(neither.Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(whole.Code, Is.Zero, whole.Error);
            Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_be_corrected_by_one_of_many_who_try_at_once()
    {
        var producer = Unique("shop");
        var id = await SetAsideAsync("no json at all " + producer);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            PostAsync(id, "fix", new { fact = JsonSerializer.Deserialize<JsonElement>(Fact("profile_updated", producer, Unique("p"), """{"attributes":{}}""")) })));

        Assert.That(answers.Select(answer => answer.Status).Order(), Is.EqualTo(new[] { HttpStatusCode.OK }.Concat(Enumerable.Repeat(HttpStatusCode.Conflict, 7))));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_discarded_with_a_reason_and_its_denial_stays()
    {
        var (producer, person) = (Unique("shop"), Unique("p"));
        var body = Consent(producer, person, "opted-out");
        var id = await SetAsideAsync(body);
        Assert.That((await PostAsync(id, "discard", new { reason = " " })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        var discarded = await CallAsync("quarantine", "discard", $"{id}", "--reason", "test data");
        var again = await CallAsync("quarantine", "discard", $"{id}", "--reason", "said twice");
        await SetAsideAsync(body); // the producer says it again
        var replayed = await CallAsync("quarantine", "replay", $"{id}");
        var listed = await CallAsync("quarantine", "list", "--state", "discarded", "--producer", producer);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((discarded.Code, again.Code, replayed.Code, listed.Code), Is.EqualTo((0, 0, 3, 0)));
            Assert.That(again.Out, Does.Contain("test data").And.Not.Contain("said twice"));
            Assert.That(listed.Out, Does.Contain(id.ToString()));
            Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'"), Is.Zero);
            Assert.That(await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'id:{person}' AND status = 'denied'"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_be_told_when_there_is_none()
    {
        var id = Guid.NewGuid();
        foreach (var verb in new[] { "replay", "fix", "discard" })
        {
            var answer = await PostAsync(id, verb, new { reason = "r", set = new Dictionary<string, string> { ["a"] = "b" } });
            Assert.That((answer.Status, Type(answer.Json)), Is.EqualTo((HttpStatusCode.NotFound, "quarantine-unknown")), verb);
        }

        Assert.That((await CallAsync("quarantine", "show", $"{id}")).Error, Does.Contain($"No fact {id} is set aside"));
    }

    [Test]
    public async Task Should_be_taken_in_as_soon_as_somebody_says_whose_its_key_is()
    {
        var (one, two, mail) = (Unique("a"), Unique("b"), $"{Unique("m")}@x.test");
        string Of(string subject, string attributes) => Fact("profile_updated", "shop", "x", $$$"""{"attributes":{{{attributes}}}}""").Replace("""{"external_id":"x"}""", subject, StringComparison.Ordinal);
        var intake = _hub.Services.GetRequiredService<FactIntake>();
        foreach (var person in new[] { one, two })
        {
            await intake.TakeInAsync([Encoding.UTF8.GetBytes(Of($$"""{"external_id":"{{person}}","email":"{{mail}}"}""", "{}"))], CancellationToken.None);
        }

        var id = await SetAsideAsync(Of($$"""{"email":"{{mail}}"}""", """{"plan":"gold"}"""));
        Assert.That((await CallAsync("quarantine", "show", $"{id}")).Out, Does.Contain("identity_contested").And.Contain("identity assign KEY --to ID"));
        var shown = await CallAsync("identity", "show", mail);
        Assert.That(shown.Out, Does.Contain("contested by external_id:a").And.Not.Contain(one).And.Not.Contain(mail), shown.Error);
        Assert.That((await CallAsync("identity", "show", mail, "--reveal", "--reason", "to see it")).Out, Does.Contain($"contested by external_id:{one}, external_id:{two}"));

        var decided = await CallAsync("identity", "assign", mail, "--to", two, "--reason", "asked her");
        Assert.That((decided.Code, decided.Out), Is.EqualTo((0, decided.Out)), decided.Error);
        Assert.That(decided.Out, Does.Contain("1 facts that had waited for it were taken in"));
        Assert.That((await GetAsync($"/v1/quarantine/{id}")).GetProperty("state").GetString(), Is.EqualTo("replayed"));
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{two}' AND attributes LIKE '%gold%'"), Is.EqualTo(1));
        Assert.That(await CountAsync("SELECT count(*) FROM identity_waiting"), Is.Zero);
        Assert.That((await CallAsync("identity", "assign", mail, "--to", two, "--reason", "again")).Out, Does.Contain("nothing was changed"));
        Assert.That((await CallAsync("identity", "merge", two, one, "--reason", "twice")).Out, Does.Contain("Decided."));
        Assert.That((await CallAsync("identity", "unmerge", two, one, "--reason", "not twice")).Out, Does.Contain("Decided."));
        var again = await CallAsync("identity", "unmerge", two, one, "--reason", "not twice");
        Assert.That(again.Out, Does.Contain("nothing was changed"), again.Error);
        Assert.That((await CallAsync("identity", "propose")).Out, Does.Contain("nothing to decide").Or.Contain("To decide"));
        Assert.That((await CallAsync("identity", "matches", "--audience", "nothing")).Error, Does.Contain("There is no audience nothing"));
        Assert.That((await CallAsync("identity", "block", one, "--reason", "r")).Error, Does.Contain("cannot be blocked"));
        Assert.That((await CallAsync("identity", "show", "nobody@x.test")).Error, Does.Contain("No fact has stated this email yet"));
    }

    [Test]
    public async Task Should_be_taken_in_whichever_of_those_that_waited_the_hub_fails_at()
    {
        var (one, two, mail) = (Unique("a"), Unique("b"), $"{Unique("m")}@x.test");
        string Of(string producer, string subject, string attributes) => Fact("profile_updated", producer, "x", $$$"""{"attributes":{{{attributes}}}}""").Replace("""{"external_id":"x"}""", subject, StringComparison.Ordinal);
        var services = _hub.Services;
        foreach (var person in new[] { one, two })
        {
            await services.GetRequiredService<FactIntake>().TakeInAsync([Encoding.UTF8.GetBytes(Of("shop", $$"""{"external_id":"{{person}}","email":"{{mail}}"}""", "{}"))], CancellationToken.None);
        }

        var neighbours = new List<Guid>();
        foreach (var producer in new[] { "shop", FaultyLedger.Producer, "shop" })
        {
            var id = await SetAsideAsync(Of(producer, $$"""{"email":"{{mail}}"}""", "{}"));
            neighbours.AddRange(producer == "shop" ? [id] : []);
        }

        await services.GetRequiredService<OutboxTransaction>().RunAsync(
            (db, _) => services.GetRequiredService<IdentityDesk>().DecideAsync(
                db, new IdentityRuling(IdentityVerdict.Assign, new PersonKey(KeyKind.Email, mail), new PersonKey(KeyKind.ExternalId, two), "kim", "because"), TimeProvider.System.GetUtcNow(), CancellationToken.None),
            CancellationToken.None);
        var release = ActivatorUtilities.CreateInstance<QuarantineRelease>(services, FaultyLedger.Of(services.GetRequiredService<ILedger>()));
        await ActivatorUtilities.CreateInstance<ContestSweeper>(services, release).SweepAsync(CancellationToken.None);

        foreach (var id in neighbours)
        {
            Assert.That((await GetAsync($"/v1/quarantine/{id}")).GetProperty("state").GetString(), Is.EqualTo("replayed"));
        }

        Assert.That(await CountAsync($"SELECT count(*) FROM identity_waiting WHERE person_key = 'email:{mail}'"), Is.Zero, "it is for people from now on");
    }

    private static string Unique(string stem) => $"{stem}-{Guid.NewGuid():N}"[..16];

    private static string Consent(string producer, string person, string status) =>
        Fact("consent_updated", producer, person, $$"""{"purpose":"email_marketing","status":"{{status}}","source":"preference-center"}""");

    private static string Fact(string type, string producer, string person, string payload) =>
        $$"""{"event_id":"{{Guid.NewGuid()}}","event_type":"{{type}}","schema_version":1,"occurred_at":"2026-03-01T10:00:00Z","producer":"{{producer}}","subject":{"external_id":"{{person}}"},"payload":{{payload}}}""";

    private static IEnumerable<Guid> Ids(JsonElement facts) => facts.GetProperty("items").EnumerateArray().Select(fact => fact.GetProperty("quarantine_id").GetGuid());

    private static string Type(JsonElement problem) => problem.GetProperty("type").GetString()!.Split(':')[^1];

    private async Task<Guid> SetAsideAsync(string body) =>
        (await _hub.Services.GetRequiredService<FactIntake>().TakeInAsync([Encoding.UTF8.GetBytes(body)], CancellationToken.None)).Single().Quarantined!.QuarantineId;

    private Task<JsonElement> GetAsync(string path) => _hub.Http.GetFromJsonAsync<JsonElement>(path);

    private async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(Guid id, string verb, object body)
    {
        using var response = await _hub.Http.PostAsJsonAsync($"/v1/quarantine/{id}/{verb}", body);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<(int Code, string Out, string Error)> CallAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => Task.FromResult<IReadOnlyList<IntegrationHub.Hub.Configuration.ConfigurationError>>([]) };
        var code = await CommandLine.RunAsync([.. args, "--hub", _hub.Http.BaseAddress!.ToString()], verbs, new Terminal { Out = output, Error = error, Variable = _ => null });
        return (code, output.ToString(), error.ToString());
    }

    private Task<long> CountAsync(string sql) => _hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync(sql, CancellationToken.None))!;
    });

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenInTransactionAsync(db, CancellationToken.None);
            await session.ExecuteAsync(sql, CancellationToken.None, parameters);
        },
        CancellationToken.None);
}
