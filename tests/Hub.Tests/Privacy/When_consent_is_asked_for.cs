using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>A whole hub is asked what a person agreed to and whether they may be sent something: over HTTP and from the terminal, now and as it was.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_consent_is_asked_for(StorageDatabase database)
{
    private const string Controller = "Shop Ltd, privacy@shop.test";
    private WholeHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await WholeHub.StartAsync(database, async folder =>
    {
        await File.AppendAllTextAsync(Path.Combine(folder, "consent.yaml"), $"\ncontrollers: [\"{Controller}\"]\n");
        return [];
    });

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_answer_by_the_rule_that_deliveries_are_decided_by()
    {
        var (id, address) = Somebody();
        var before = await CheckAsync(new { purpose = "email_marketing", subject = new { external_id = id } });
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        var granted = await CheckAsync(new { purpose = "email_marketing", destination = "braze", subject = new { external_id = id } });
        await StateAsync(null, address, "denied", "2026-11-02T10:00:00Z");
        var denied = await CheckAsync(new { destination = "braze", subject = new { email = address.ToUpperInvariant() } });

        Assert.Multiple(() =>
        {
            Assert.That(Said(before), Is.EqualTo((true, "existing_customer", (string?)null)));
            Assert.That(before.GetProperty("inputs").GetProperty("known").GetBoolean(), Is.False);
            Assert.That(Said(granted), Is.EqualTo((true, "email_opt_in", (string?)null)));
            Assert.That(granted.GetProperty("inputs").GetProperty("decisions")[0].GetProperty("source").GetString(), Is.EqualTo("preference-center"));
            Assert.That(Said(denied), Is.EqualTo((false, "email_opt_out", "consent_denied")));
            Assert.That(denied.GetProperty("position").GetInt64(), Is.GreaterThan(granted.GetProperty("position").GetInt64()));
            Assert.That(denied.GetProperty("config_version").GetString(), Is.Not.Empty);
        });
    }

    [Test]
    public async Task Should_count_by_purpose_what_is_in_force_and_what_came_in_of_late()
    {
        var before = await CountAsync();
        var (id, address) = Somebody();
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        var granted = await CountAsync();
        await StateAsync(id, address, "denied", "2026-11-02T10:00:00Z");
        var denied = await CountAsync();

        Assert.That(granted.Granted - before.Granted, Is.Positive);
        Assert.That(denied.Granted, Is.EqualTo(before.Granted), "the denial ends the grant");
        Assert.That((denied.Said("denied") > before.Said("denied"), denied.Said("granted")), Is.EqualTo((true, granted.Said("granted"))), "what came in stays there");
        Assert.That(granted.Said("granted"), Is.GreaterThan(before.Said("granted")));

        async Task<(long Granted, Func<string, long> Said)> CountAsync()
        {
            var counts = await _hub.Http.GetFromJsonAsync<JsonElement>("/v1/consents");
            var marketing = counts.GetProperty("items").EnumerateArray().Single(count => count.GetProperty("purpose").GetString() == "email_marketing");
            return (marketing.GetProperty("granted_keys").GetInt64(), status => marketing.GetProperty("day").EnumerateArray().Where(day => day.GetProperty("status").GetString() == status).Sum(day => day.GetProperty("count").GetInt64()));
        }
    }

    [TestCase("crm_id")]
    [TestCase("phone")]
    [TestCase("anonymous_id")]
    [TestCase("device_id")]
    public async Task Should_answer_by_every_kind_of_key(string kind)
    {
        var (id, address) = Somebody();
        var key = kind == "phone" ? $"+43664{Random.Shared.Next(1_000_000, 9_999_999)}" : $"{kind}-{id}";
        await StateAsync(id, address, "denied", "2026-11-02T10:00:00Z");
        await StateKeyAsync(id, kind, key);

        var answer = await CheckAsync(new { purpose = "email_marketing", subject = new Dictionary<string, string> { [kind] = key } });
        var shown = await PostAsync("/v1/consents/show", new { subject = new Dictionary<string, string> { [kind] = key } });
        var called = await CallAsync("policy", "check", $"{kind}:{key}", "--purpose", "email_marketing");

        Assert.That((Said(answer), answer.GetProperty("inputs").GetProperty("known").GetBoolean()), Is.EqualTo(((false, "email_opt_out", (string?)"consent_denied"), true)));
        Assert.That(Marketing(shown), Is.EqualTo(("denied", false)));
        Assert.That((called.Code, called.Out.Contains("Not allowed: email_marketing by email_opt_out", StringComparison.Ordinal)), Is.EqualTo((1, true)), called.Out);

        await StateKeyAsync($"{id}-b", kind, key);
        var contested = await CheckAsync(new { purpose = "email_marketing", subject = new Dictionary<string, string> { [kind] = key } });
        Assert.That(Said(contested), Is.EqualTo((false, "contested", (string?)"identity_contested")));
    }

    [Test]
    public async Task Should_heed_what_is_denied_under_a_key_that_is_not_the_persons()
    {
        var (id, address) = Somebody();
        var number = $"+43664{Random.Shared.Next(1_000_000, 9_999_999)}";
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        await StateKeyAsync(null, "phone", number, "denied");
        var alone = await CheckAsync(new { purpose = "email_marketing", subject = new { external_id = id } });
        var both = await CheckAsync(new { purpose = "email_marketing", subject = new { external_id = id, phone = number } });
        Assert.That((Said(alone).Item1, Said(both).Item1), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task Should_answer_by_the_tombstone_before_anything_else()
    {
        var (id, address) = Somebody();
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));
        foreach (var subject in new object[] { new { external_id = id }, new { email = address.ToUpperInvariant() }, new { external_id = "somebody-else", email = address } })
        {
            Assert.That(Said(await CheckAsync(new { purpose = "email_marketing", destination = "braze", subject })), Is.EqualTo((false, "tombstone", (string?)"erased")), subject.ToString());
        }

        var shown = (await PostAsync("/v1/consents/show", new { subject = new { external_id = id } })).GetProperty("purposes").EnumerateArray();
        Assert.That(shown.Select(purpose => (purpose.GetProperty("allowed").GetBoolean(), purpose.GetProperty("rule").GetString())), Is.All.EqualTo((false, "tombstone")));
    }

    [Test]
    public async Task Should_recompute_what_counted_at_a_position()
    {
        var (id, address) = Somebody();
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        var then = (await CheckAsync(new { purpose = "email_marketing", subject = new { external_id = id } })).GetProperty("position").GetInt64();
        await StateAsync(id, address, "denied", "2026-11-02T10:00:00Z");

        var now = await PostAsync("/v1/consents/show", new { subject = new { external_id = id } });
        var past = await PostAsync("/v1/consents/show", new { subject = new { external_id = id }, at = then });

        Assert.Multiple(() =>
        {
            Assert.That(Marketing(now), Is.EqualTo(("denied", false)));
            Assert.That(Marketing(past), Is.EqualTo(("granted", true)));
            Assert.That(now.GetProperty("ledger").EnumerateArray().Select(line => $"{line.GetProperty("key")} {line.GetProperty("status")}"), Is.EqualTo(new[] { "id granted", "id withdrawn", "email denied" }));
            Assert.That(past.GetProperty("ledger").GetArrayLength(), Is.EqualTo(1));
            Assert.That(now.GetProperty("ledger")[0].GetProperty("evidence").GetProperty("notice").GetString(), Is.EqualTo("n-1"));
        });
    }

    [Test]
    public async Task Should_take_the_decision_behind_an_outcome_again()
    {
        var (id, address) = Somebody();
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        var services = _hub.Services;
        var policy = await services.GetRequiredService<PolicyInForce>().FindAsync(CancellationToken.None);
        await services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                var person = (await ConsentBook.FindPeopleAsync(db, id, null, CancellationToken.None)).Single();
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync(
                    """
                    INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, attempts, at, policy_id, decided_position)
                    VALUES (@run, @profile, 'braze', 'customers', 2, 'delivered', 1, @at, @policy, (SELECT max(position) FROM consent_history))
                    """,
                    CancellationToken.None, ("run", LiveStream.IdOf("braze", Lane.Live)), ("profile", person.ProfileId), ("at", new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero)), ("policy", policy));
            },
            CancellationToken.None);
        await StateAsync(id, address, "denied", "2026-11-02T10:00:00Z");

        var shown = await PostAsync("/v1/consents/show", new { subject = new { external_id = id } });
        var table = await CallAsync("consent", "show", id);

        var proof = shown.GetProperty("proofs").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That((proof.GetProperty("recomputed").GetProperty("allowed").GetBoolean(), proof.GetProperty("agrees").GetBoolean()), Is.EqualTo((true, true)), "it was right then");
            Assert.That(Marketing(shown), Is.EqualTo(("denied", false)));
            Assert.That(table.Out, Does.Contain("taken again: allowed by email_opt_in, as it was done"));
        });
    }

    [Test]
    public async Task Should_be_shown_from_the_terminal_as_a_table_and_with_the_names_of_the_standard()
    {
        var (id, address) = Somebody();
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        var table = await CallAsync("consent", "show", id);
        var standard = await CallAsync("consent", "show", id, "--format", "iso27560");
        var check = await CallAsync("policy", "check", id, "--purpose", "partner_sharing");

        using var records = JsonDocument.Parse(standard.Out);
        var record = records.RootElement[0];
        Assert.Multiple(() =>
        {
            Assert.That(table.Out, Does.Contain("email_marketing: granted, allowed by email_opt_in").And.Contain("preference-center"));
            Assert.That((record.GetProperty("pii_principal_id").GetString(), record.GetProperty("privacy_notice").GetString(), record.GetProperty("language").GetString()), Is.EqualTo((id, "n-1", "de")));
            Assert.That(record.GetProperty("purposes")[0].GetProperty("lawful_basis").GetString(), Is.EqualTo("consent"));
            Assert.That(record.GetProperty("events")[0].GetProperty("event_state").GetString(), Is.EqualTo("granted"));
            Assert.That(record.GetProperty("events")[0].GetProperty("validity_duration").GetString(), Is.EqualTo("P730D"));
            Assert.That(record.GetProperty("pii_controllers").EnumerateArray().Select(name => name.GetString()), Is.EqualTo(new[] { Controller }));
            Assert.That(check.Code, Is.EqualTo(1));
            Assert.That(check.Out, Does.Contain("Not allowed: partner_sharing by partner_never_asked (consent_unknown)"));
        });
    }

    [Test]
    public async Task Should_be_among_what_the_hub_has_of_a_person_with_the_names_of_the_standard()
    {
        var (id, address) = Somebody();
        await StateAsync(id, address, "granted", "2026-11-01T10:00:00Z");
        await StateAsync(null, address, "denied", "2026-11-02T10:00:00Z");
        var records = (await PostAsync("/v1/people/export", new { key = id, reason = "asked for" })).GetProperty("consent_records").EnumerateArray().ToList();

        Assert.That(
            records.Select(record => (record.GetProperty("pii_principal_id").GetString(), record.GetProperty("purposes")[0].GetProperty("purpose").GetString(), record.GetProperty("pii_controllers")[0].GetString())),
            Is.EquivalentTo(new[] { (id, "email_marketing", Controller), (address, "email_marketing", Controller) }));
    }

    [TestCase("""{"purpose":"email_marketin","subject":{"external_id":"x"}}""", "purpose-unknown")]
    [TestCase("""{"destination":"braize","subject":{"external_id":"x"}}""", "destination-unknown")]
    [TestCase("""{"subject":{"external_id":"x"}}""", "purpose-missing")]
    [TestCase("""{"purpose":"email_marketing"}""", "subject-missing")]
    [TestCase("""{"purpose":"email_marketing","subject":{"email":" "}}""", "subject-missing")]
    [TestCase("""{"purpose":"email_marketing","subject":{"external_id":"x","phone":"0664 1234567"}}""", "phone-malformed")]
    public async Task Should_say_what_a_question_lacks(string question, string problem)
    {
        using var body = new StringContent(question, System.Text.Encoding.UTF8, "application/json");
        using var response = await _hub.Http.PostAsync("/v1/policy/check", body);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain($"urn:integrationhub:problem:{problem}"));
    }

    private async Task EraseAsync(PersonKey key)
    {
        var (services, request) = (_hub.Services, Guid.NewGuid());
        await services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await services.GetRequiredService<SealedPeople>().KeepAsync(db, request, (await services.GetRequiredService<PersonSearch>().FindAsync(db, key, CancellationToken.None))!, CancellationToken.None);
                await services.GetRequiredService<PersonErasure>().SuppressAsync(db, request, "erasure", TimeProvider.System.GetUtcNow(), CancellationToken.None);
            },
            CancellationToken.None);
    }

    private async Task StateAsync(string? id, string address, string status, string at)
    {
        var fact = new
        {
            event_id = Guid.NewGuid(), event_type = "consent_updated", occurred_at = at, producer = "shop", subject = new { external_id = id, email = address },
            payload = new
            {
                purpose = "email_marketing", status, source = "preference-center", legal_basis = "consent", expires_at = status == "granted" ? "2028-10-31T10:00:00Z" : null,
                evidence = new { method = "double_opt_in", notice = "n-1", language = "de" },
            },
        };
        var answer = await PostAsync("/v1/events", id is null ? new object[] { fact } : [new { event_id = Guid.NewGuid(), event_type = "profile_updated", occurred_at = at, producer = "shop", subject = new { external_id = id, email = address }, payload = new { attributes = new { } } }, fact]);
        Assert.That(answer.ToString(), Does.Not.Contain("quarantined\":1"));
    }

    private async Task StateKeyAsync(string? id, string kind, string key, string? status = null)
    {
        var subject = new Dictionary<string, string?> { ["external_id"] = id, [kind] = key }.Where(part => part.Value is not null).ToDictionary();
        var answer = await PostAsync("/v1/events", new object[]
        {
            status is null
                ? new { event_id = Guid.NewGuid(), event_type = "profile_updated", occurred_at = "2026-11-03T10:00:00Z", producer = "shop", subject, payload = new { attributes = new { } } }
                : new { event_id = Guid.NewGuid(), event_type = "consent_updated", occurred_at = "2026-11-03T10:00:00Z", producer = "shop", subject, payload = new { purpose = "email_marketing", status, source = "preference-center" } },
        });
        Assert.That(answer.ToString(), Does.Not.Contain("quarantined\":1"), answer.ToString());
    }

    private static (string Id, string Address) Somebody()
    {
        var id = $"ask-{Guid.NewGuid():N}"[..16];
        return (id, $"{id}@example.test");
    }

    private static (bool, string?, string?) Said(JsonElement answer) => (answer.GetProperty("allowed").GetBoolean(), answer.GetProperty("rule").GetString(), answer.GetProperty("code").GetString());

    private static (string?, bool) Marketing(JsonElement file)
    {
        var purpose = file.GetProperty("purposes").EnumerateArray().Single(one => one.GetProperty("purpose").GetString() == "email_marketing");
        return (purpose.GetProperty("decided").GetProperty("status").GetString(), purpose.GetProperty("allowed").GetBoolean());
    }

    private Task<JsonElement> CheckAsync(object question) => PostAsync("/v1/policy/check", question);

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await _hub.Http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task<(int Code, string Out)> CallAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => Task.FromResult<IReadOnlyList<ConfigurationError>>([]) };
        var code = await CommandLine.RunAsync([.. args, "--hub", _hub.Http.BaseAddress!.ToString()], verbs, new Terminal { Out = output, Error = error, Variable = _ => null });
        return (code, output.ToString());
    }
}
