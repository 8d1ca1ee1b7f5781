using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>A whole hub: somebody asks for the erasure of a person who was erased, and to ask the destinations that refused once more.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_erasure_is_asked_for_again(StorageDatabase database)
{
    private WholeHub _hub = null!;
    private string _id = null!;
    private string _email = null!;
    private Guid _first;

    [OneTimeSetUp]
    public async Task Erase_somebody()
    {
        _hub = await WholeHub.StartAsync(database);
        var word = $"{Guid.NewGuid():N}"[..12];
        (_id, _email) = ($"gone-{word}", $"{word}@example.org");
        await PostAsync("/v1/events", new
        {
            event_id = Guid.CreateVersion7(), event_type = "profile_updated", schema_version = 1, occurred_at = "2026-11-01T10:00:00Z", producer = "shop", subject = new { external_id = _id, email = _email }, payload = new { attributes = new { city = "Bern" } },
        });
        _first = await EraseAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_have_a_certificate_of_its_own_that_names_the_first_one()
    {
        var asked = await PostAsync("/v1/erasures", new { key = _id, law = "gdpr", reason = "ticket 2" });
        var second = asked.GetProperty("request_id").GetGuid();
        Assert.That(asked.GetProperty("earlier_erasures").EnumerateArray().Select(id => id.GetGuid()), Is.EqualTo(new[] { _first }));
        await RecheckingAsync(second);

        var certificate = await PostAsync($"/v1/erasures/{second}/certificate", new { });
        Assert.That((certificate.GetProperty("request_id").GetGuid(), certificate.GetProperty("earlier_erasures").EnumerateArray().Single().GetGuid()), Is.EqualTo((second, _first)));
        Assert.That(certificate.GetProperty("destinations").EnumerateArray().Select(done => (done.GetProperty("action").GetString(), done.TryGetProperty("reason", out _))), Is.All.EqualTo(("deleted", false)), "asked by every key that is kept, also one that was not named");
        Assert.That((await PostAsync($"/v1/erasures/{_first}/certificate", new { })).TryGetProperty("earlier_erasures", out _), Is.False);
        foreach (var (key, status) in new[] { (_id, HttpStatusCode.OK), (_email, HttpStatusCode.OK), ("somebody-else", HttpStatusCode.Conflict) })
        {
            using var page = await _hub.Http.PostAsJsonAsync($"/v1/erasures/{second}/certificate", new { key, page = true });
            Assert.That(page.StatusCode, Is.EqualTo(status), key);
        }

        var returned = await PostAsync($"/v1/erasures/{second}/return", new { reason = "came back" });
        Assert.That(returned.GetProperty("keys").GetInt32(), Is.EqualTo(2), "whichever of the two is named");
    }

    [Test]
    public async Task Should_be_asked_of_the_destinations_that_refused_at_once_and_stand_in_the_audit_log()
    {
        using (var nothing = await _hub.Http.PostAsJsonAsync($"/v1/erasures/{_first}/retry", new { reason = "again" }))
        {
            Assert.That((nothing.StatusCode, (await nothing.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("type").GetString()), Is.EqualTo((HttpStatusCode.Conflict, "urn:integrationhub:problem:erasure-not-asking")));
        }

        await ExecuteAsync("UPDATE erasure_destinations SET action = 'not_possible', reason = 'http_403' WHERE request_id = @request AND destination = 'hubspot'");
        var (code, said) = await CallAsync("erase", "retry", $"{_first}", "--reason", "the token may delete now");
        Assert.That((code, said.Trim()), Is.EqualTo((0, $"Asked. What came of it: erase show {_first}")));
        await AwaitAsync(_first, erasure => erasure.GetProperty("destinations").EnumerateArray().All(done => done.GetProperty("action").GetString() == "deleted"));

        var hubspot = (await GetAsync($"/v1/erasures/{_first}")).GetProperty("destinations").EnumerateArray().Single(done => done.GetProperty("name").GetString() == "hubspot");
        Assert.That(hubspot.GetProperty("rechecks").EnumerateArray().Select(look => (look.GetProperty("round").GetInt32(), look.GetProperty("result").GetString())), Is.EqualTo(new[] { (0, "absent") }));
        Assert.That((await CallAsync("erase", "show", $"{_first}")).Out, Does.Contain("asked again: absent"));
        Assert.That((await GetAsync("/v1/audit?action=erasure.retry")).ToString(), Does.Contain($"erasure:{_first}").And.Contain("the token may delete now"));
    }

    [Test]
    public async Task Should_say_what_to_do_when_nobody_can_be_asked_any_more()
    {
        var over = Guid.NewGuid();
        await _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(async (db, _) =>
        {
            db.Add(new ErasureState
            {
                CorrelationId = over, CurrentState = ErasurePhase.CompletedWithIssues, Law = ErasureLaw.Gdpr, Reason = "ticket", SubjectHash = "hmac:1:x", RequestedBy = "anna", RequestedAt = DateTimeOffset.UnixEpoch, Deadline = DateTimeOffset.UnixEpoch,
            });
            return await Task.FromResult((true, true));
        }, CancellationToken.None);
        using var answer = await _hub.Http.PostAsJsonAsync($"/v1/erasures/{over}/retry", new { reason = "again" });
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That((answer.StatusCode, problem.GetProperty("type").GetString()), Is.EqualTo((HttpStatusCode.Conflict, "urn:integrationhub:problem:erasure-over")));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("erase KEY --law LAW --reason TEXT"));
    }

    [Test]
    public async Task Should_be_about_somebody_who_stands_in_no_table_whatever_stated_them_since()
    {
        const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner";
        var rest = ",MR.,KIM,LEE,04/08/1966,M,M,";
        var csv = $"{Header}\n{_id}{rest}a@x.test,,1,,,Y\nother-1{rest}{_email.ToUpperInvariant()},,1,,,Y\nother-2{rest}b@x.test,,1,,,Y\n{_id}{rest}no address,,,,,\n";
        var listed = await SendAsync("/v1/audiences/customers/snapshots?kind=full", csv, "text/csv");
        var facts = new object[]
        {
            Fact("profile_updated", new { external_id = _id }, new { attributes = new { city = "Bern" } }), Fact("profile_updated", new { external_id = "other-3", email = _email }, new { attributes = new { city = "Bern" } }),
            Fact("behavior_tracked", new { email = _email }, new { name = "product_viewed" }), Fact("consent_updated", new { external_id = _id }, new { purpose = "email_marketing", status = "granted", source = "preference-center" }),
            Fact("audience_membership_changed", new { external_id = _id }, new { audience = "customers", is_member = true }), Fact("no_such_type", new { external_id = _id }, new { }),
        };
        await SendAsync("/v1/events", string.Concat(facts.Select(fact => JsonSerializer.Serialize(fact) + "\n")) + $$"""{"event_type":"profile_updated","subject":{"external_id":"{{_id}}"},"payload":""", "application/x-ndjson");
        await SendAsync("/v1/consents?purpose=email_marketing&status=denied&source=mailchimp", $"email\n{_email}\n", "text/csv");
        var runs = await PostAsync("/v1/audience-syncs", new { audience = "customers", mode = "full", snapshot_id = listed.GetProperty("snapshot_id").GetGuid() });
        foreach (var run in runs.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid()))
        {
            await Poll.Until(async () => (await GetAsync($"/v1/runs/{run}")).GetProperty("finished_at").ValueKind == JsonValueKind.String, "the sync to end");
        }

        Assert.That(listed.GetProperty("accepted").GetInt64(), Is.EqualTo(1), listed.ToString());
        Assert.That(await FindAsync("other-2"), Is.Not.Empty, "the look itself");
        Assert.That(await FindAsync(_id, _email), Is.Empty);
    }

    private Task<IReadOnlyList<string>> FindAsync(params string[] words) =>
        _hub.ConnectionString is { } postgres ? TablesThatName.FindAsync(postgres, words) : TablesThatName.FindInFileAsync(Path.Combine(_hub.Folder, "hub.db"), words);

    private static object Fact(string type, object subject, object payload) =>
        new { event_id = Guid.CreateVersion7(), event_type = type, schema_version = 1, occurred_at = TimeProvider.System.GetUtcNow(), producer = "shop", subject, payload };

    private async Task<JsonElement> SendAsync(string path, string body, string mediaType)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, mediaType);
        using var answer = await _hub.Http.PostAsync(path, content);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<Guid> EraseAsync()
    {
        var request = (await PostAsync("/v1/erasures", new { key = _id, law = "gdpr", reason = "ticket 1" })).GetProperty("request_id").GetGuid();
        await RecheckingAsync(request);
        return request;
    }

    private Task RecheckingAsync(Guid request) => AwaitAsync(request, erasure => erasure.GetProperty("state").GetString() == ErasurePhase.Rechecking);

    private async Task AwaitAsync(Guid request, Func<JsonElement, bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var answer = await _hub.Http.GetAsync($"/v1/erasures/{request}");
            if (answer.IsSuccessStatusCode && condition(await answer.Content.ReadFromJsonAsync<JsonElement>()))
            {
                return;
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private async Task<JsonElement> GetAsync(string path) => await _hub.Http.GetFromJsonAsync<JsonElement>(path);

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await _hub.Http.PostAsJsonAsync(path, body);
        Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<(int Code, string Out)> CallAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => Task.FromResult<IReadOnlyList<ConfigurationError>>([]) };
        var code = await CommandLine.RunAsync([.. args, "--hub", _hub.Http.BaseAddress!.ToString()], verbs, new Terminal { Out = output, Error = error, Variable = _ => null });
        return (code, output.ToString());
    }

    private Task ExecuteAsync(string sql) => _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(async (db, _) =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, ("request", _first));
        return (true, true);
    }, CancellationToken.None);
}
