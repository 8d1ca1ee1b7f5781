using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>Plan, apply, agree and go back over real HTTP, at a hub that looks by itself only once a minute, so that the test has it look.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_a_configuration_is_applied(StorageDatabase database)
{
    private const string Mapping = "mappings/braze.yaml";
    private HubWithKeys _hub = null!;
    private string _anna = null!;
    private string _kim = null!;
    private string _viewer = null!;

    [SetUp]
    public async Task Start()
    {
        _hub = await HubWithKeys.StartAsync(database, settings: "--Hub:Config:Poll=00:01:00");
        (_, _anna) = await _hub.MakeAsync("person:anna", "admin", "approver");
        (_, _kim) = await _hub.MakeAsync("person:kim", "approver");
        (_, _viewer) = await _hub.MakeAsync("person:vic", "viewer");
    }

    [TearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_begin_with_the_folder_as_the_first_version_and_show_it()
    {
        var (status, standing, _) = await _hub.CallAsync(_viewer, "GET /v1/config");
        Assert.That((status, standing.GetProperty("running").GetInt64(), standing.GetProperty("config_pending").GetBoolean()), Is.EqualTo((200, 1, false)));
        Assert.That(standing.GetProperty("active").GetProperty("files").GetProperty("consent.yaml").GetString(), Is.EqualTo(await File.ReadAllTextAsync(Path.Combine(ConfigurationLoader.SampleFolder, "consent.yaml"))), "word for word");
        Assert.That((await _hub.CallAsync(_viewer, "GET /v1/config/versions")).Body.GetProperty("items")[0].GetProperty("source").GetString(), Is.EqualTo("folder"));
        Assert.That((await _hub.CallAsync(_viewer, "GET /v1/config/versions/7")).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Should_put_in_force_what_was_looked_at_and_nothing_else()
    {
        var files = await FilesAsync();
        files[Mapping] = files[Mapping].Replace("formats: [MM/dd/yyyy, M/d/yyyy]", "formats: [yyyy-MM-dd]", StringComparison.Ordinal);
        var plan = await PlanAsync(new { files });
        Assert.That((plan.GetProperty("base_version").GetInt64(), plan.GetProperty("needs_approval").GetBoolean(), plan.GetProperty("changes").GetArrayLength()), Is.EqualTo((1, false, 1)));
        var hash = plan.GetProperty("plan_hash").GetString();
        Assert.That(plan.GetProperty("effects").GetProperty("syncs").EnumerateArray().Select(sync => sync.GetProperty("destination").GetString()), Is.All.EqualTo("braze").And.Not.Empty, "only where something is decided otherwise");
        Assert.That((await PlanAsync(new { files, effects = "none" })).TryGetProperty("effects", out _), Is.False);
        ShouldRefuse(await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { files, effects = "some" }), 400, "field-invalid");
        var lines = await (await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { files, effects = "exact" }, ("Accept", "application/x-ndjson"))).Answer.Content.ReadAsStringAsync();
        var last = JsonElement.Parse(lines.Trim().Split('\n')[^1]);
        Assert.That((last.GetProperty("plan_hash").GetString(), last.GetProperty("effects").GetProperty("scope").GetString()), Is.EqualTo((hash, "exact")));

        ShouldRefuse(await ApplyAsync(new { files, plan_hash = new string('0', 64) }), 409, "plan-changed");
        ShouldRefuse(await ApplyAsync(new { files = new Dictionary<string, string>(files) { ["facts.yaml"] = files["facts.yaml"] + "# more\n" }, plan_hash = hash }), 409, "plan-changed");
        Assert.That((await _hub.CallAsync(_viewer, "POST /v1/config/versions/apply", new { files, plan_hash = hash })).Status, Is.EqualTo(403));

        var (status, applied, _) = await ApplyAsync(new { files, plan_hash = hash, message = "dates as ISO", git_commit = "3f2a91c" });
        Assert.That((status, applied.GetProperty("state").GetString(), applied.GetProperty("version").GetInt64()), Is.EqualTo((200, "active", 2)));
        Assert.That((await ApplyAsync(new { files, plan_hash = hash })).Body.GetProperty("state").GetString(), Is.EqualTo("unchanged"), "said twice, done once");
        var audited = (await Transactions.ReadAsync(db => AuditLog.ListAsync(db, new AuditFilter(null, "config.apply", null), new PageAsk(), CancellationToken.None))).Items.Single().Entry;
        Assert.That((audited.Principal, audited.Subject, audited.Reason, audited.AfterHash), Is.EqualTo(("person:anna", "config:2", "dates as ISO", plan.GetProperty("content_hash").GetString())));

        // This hub still runs version 1, which is not in force: it plans nothing on it, and makes way.
        ShouldRefuse(await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { files }), 409, "config-behind");
        var ofAnother = await Transactions.RunAsync((db, _) => ConfigurationTurn.TakeAsync(db, "another", TimeSpan.FromMinutes(1), CancellationToken.None), CancellationToken.None);
        await LookAsync();
        Assert.That((Running.IsBehind, Running.Superseded.IsCompleted), Is.EqualTo((true, false)), "one hub after another");
        await Transactions.RunAsync((db, _) => ConfigurationTurn.ReleaseAsync(db, ofAnother!, CancellationToken.None), CancellationToken.None);
        await LookAsync();
        Assert.That((await Running.Superseded).Next.Entry, Has.Property("Version").EqualTo(2).And.Property("Message").EqualTo("dates as ISO").And.Property("GitCommit").EqualTo("3f2a91c"));
    }

    [Test]
    public async Task Should_wait_for_another_person_where_something_newly_leaves()
    {
        var files = await FilesAsync();
        files[Mapping] = files[Mapping].Replace("fields:\n", "fields:\n  - from: occupation\n    to: job\n    type: text\n    classification: personal\n", StringComparison.Ordinal);
        var plan = await PlanAsync(new { files });
        Assert.That(plan.GetProperty("needs_approval").GetBoolean(), Is.True);
        var (status, applied, _) = await ApplyAsync(new { files, plan_hash = plan.GetProperty("plan_hash").GetString() });
        Assert.That((status, applied.GetProperty("state").GetString()), Is.EqualTo((202, "waiting")));
        var approval = applied.GetProperty("approval").GetProperty("approval_id").GetGuid();
        Assert.That(applied.GetProperty("approval").GetProperty("summary").GetString(), Does.Contain("occupation"));
        Assert.That((await ApplyAsync(new { files, plan_hash = plan.GetProperty("plan_hash").GetString() })).Body.GetProperty("version").GetInt64(), Is.EqualTo(2), "asked once");
        await LookAsync();
        Assert.That(Running.IsBehind, Is.False, "nothing is in force yet");
        Assert.That(await PageAsync("/changes"), Does.Contain("href=\"/changes/2\"").And.Contain("waiting"));
        Assert.That(await PageAsync("/changes/2"), Does.Contain($"/do/approve?approval={approval}").And.Contain("needs another person").And.Contain("is written to job too").And.Not.Contain("cannot be approved any more"));

        ShouldRefuse(await _hub.CallAsync(_anna, $"POST /v1/approvals/{approval}/approve", new { plan_hash = plan.GetProperty("plan_hash").GetString(), reason = "looked at it" }), 403, "four-eyes");
        Assert.That((await _hub.CallAsync(_kim, $"POST /v1/approvals/{approval}/approve", new { plan_hash = plan.GetProperty("plan_hash").GetString(), reason = "looked at it" })).Body.GetProperty("state").GetString(), Is.EqualTo("approved"));
        Assert.That((await _hub.CallAsync(_viewer, "GET /v1/config")).Body.GetProperty("active").GetProperty("version").GetInt64(), Is.EqualTo(2));
    }

    /// <summary>What is agreed to is a change of what was in force then.</summary>
    [Test]
    public async Task Should_not_let_somebody_agree_to_a_plan_on_what_is_in_force_no_more()
    {
        var (wide, narrow) = (await FilesAsync(), await FilesAsync());
        wide["approvals.yaml"] = "config: { four_eyes: false }\n";
        narrow[Mapping] = narrow[Mapping].Replace("formats: [MM/dd/yyyy, M/d/yyyy]", "formats: [yyyy-MM-dd]", StringComparison.Ordinal);
        var (loosened, other) = (await PlanAsync(new { files = wide }), await PlanAsync(new { files = narrow }));
        Assert.That(loosened.GetProperty("needs_approval").GetBoolean(), Is.True, "nobody takes the second pair of eyes away alone");
        var approval = (await ApplyAsync(new { files = wide, plan_hash = loosened.GetProperty("plan_hash").GetString() })).Body.GetProperty("approval").GetProperty("approval_id").GetGuid();
        Assert.That((await ApplyAsync(new { files = narrow, plan_hash = other.GetProperty("plan_hash").GetString() })).Status, Is.EqualTo(200));

        Assert.That(await PageAsync("/changes/2"), Does.Contain("changes over within seconds").And.Not.Contain("/do/approve"), "this hub cannot tell what it would do");
        Running.Became(3);
        Assert.That(await PageAsync("/changes/2"), Does.Contain("cannot be approved any more").And.Not.Contain("/do/approve"));
        Assert.That(await PageAsync("/changes/3"), Does.Contain("What it changed, from version 2").And.Contain("approvals.yaml"));
        Assert.That(await PageAsync("/changes/1"), Does.Contain("/do/go-back?version=1"));
        Assert.That(await PageAsync("/do/go-back?version=1"), Does.Contain("on version 3"));

        ShouldRefuse(await _hub.CallAsync(_kim, $"POST /v1/approvals/{approval}/approve", new { plan_hash = loosened.GetProperty("plan_hash").GetString(), reason = "looked at it" }), 409, "plan-changed");
        var items = (await _hub.CallAsync(_viewer, "GET /v1/config/versions")).Body.GetProperty("items");
        Assert.That(items.EnumerateArray().Select(item => (item.GetProperty("version").GetInt64(), item.GetProperty("state").GetString())), Is.EqualTo(new[] { (3L, "active"), (2L, "withdrawn"), (1L, "earlier") }));
    }

    [Test]
    public async Task Should_refuse_what_it_could_not_run_and_say_where()
    {
        var files = await FilesAsync();
        files["destinations/braze.yaml"] = files["destinations/braze.yaml"].Replace("mapping: braze", "mapping: nobody", StringComparison.Ordinal);
        var (status, problem, _) = await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { files });
        Assert.That((status, problem.GetProperty("errors")[0].GetProperty("file").GetString()), Is.EqualTo((422, "destinations/braze.yaml")));
        ShouldRefuse(await ApplyAsync(new { files, plan_hash = "x" }), 422, "config-invalid");
        ShouldRefuse(await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { }), 400, "field-missing");
    }

    /// <summary>What people, vendors and runs are known by changes in the moment in which the version does, and back with it.</summary>
    [Test]
    public async Task Should_call_an_audience_otherwise_and_back()
    {
        await Transactions.RunAsync((db, _) => Ledger.AppendAsync(db, [Member("c-1", "customers")], CancellationToken.None), CancellationToken.None);
        await Transactions.RunAsync((db, _) => Stores.RememberAudienceAsync(db, new StoredAudience("braze", "customers", "audience_customers", "name:audience_customers"), DateTimeOffset.UnixEpoch, CancellationToken.None), CancellationToken.None);
        var files = await FilesAsync();
        files["audiences/buyers.yaml"] = files["audiences/customers.yaml"];
        files.Remove("audiences/customers.yaml");
        files["renames.yaml"] = "audiences: { customers: buyers }\n";
        files["consent.yaml"] = files["consent.yaml"].Replace("list:customers", "list:buyers", StringComparison.Ordinal);
        var refused = await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { files });
        ShouldRefuse(refused, 409, "rename-moves-list");
        var pin = System.Text.RegularExpressions.Regex.Match(refused.Body.GetProperty("detail").GetString()!, "destinations/braze.yaml: (audiences: .* } })\\.").Groups[1].Value;
        Assert.That(pin, Is.EqualTo("audiences: { buyers: { name: \"audience_customers\" } }"), "what keeps the vendor's side, to be pasted");

        files["destinations/braze.yaml"] += pin + "\n";
        var plan = await PlanAsync(new { files });
        Assert.That(plan.GetProperty("renames").EnumerateArray().Select(rename => rename.GetString()), Has.Exactly(1).StartsWith("The audience customers is called buyers"));
        Assert.That((plan.GetProperty("needs_approval").GetBoolean(), plan.GetProperty("breaking").GetArrayLength(), plan.GetProperty("effects").GetProperty("people").GetInt64()), Is.EqualTo((false, 0, 3L)), "members are read under the name that they stand by, at each destination, for consent.yaml differs");
        Assert.That(plan.GetProperty("effects").GetProperty("syncs").EnumerateArray().Sum(sync => sync.GetProperty("leaves_anew").GetArrayLength() + sync.GetProperty("remove").GetProperty("count").GetInt64()), Is.Zero);
        await Transactions.RunAsync(
            (db, _) =>
            {
                db.Add(new AudienceSyncState { CorrelationId = Guid.NewGuid(), CurrentState = "AwaitingApproval", Audience = "customers", Destination = "braze", Mode = "full", RequestedAt = DateTimeOffset.UnixEpoch, LastProgressAt = DateTimeOffset.UnixEpoch });
                return Task.CompletedTask;
            },
            CancellationToken.None);
        ShouldRefuse(await ApplyAsync(new { files, plan_hash = plan.GetProperty("plan_hash").GetString() }), 409, "rename-busy");
        Assert.That((await _hub.CallAsync(_viewer, "GET /v1/config")).Body.GetProperty("active").GetProperty("version").GetInt64(), Is.EqualTo(1), "nothing of it came into force");
        await Transactions.RunAsync(
            async (db, _) =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync("UPDATE audience_syncs SET current_state = 'Canceled', finished_at = requested_at", CancellationToken.None);
            },
            CancellationToken.None);

        Assert.That((await ApplyAsync(new { files, plan_hash = plan.GetProperty("plan_hash").GetString() })).Status, Is.EqualTo(200));
        ShouldRefuse(await _hub.CallAsync(HubWithKeys.Key, "POST /v1/audience-syncs", new { audience = "customers" }), 409, "config-behind");
        Assert.That(await StandsAsync("buyers"), Is.EqualTo((1L, "audience_customers")));
        await Transactions.RunAsync((db, _) => Ledger.AppendAsync(db, [Member("c-2", "customers")], CancellationToken.None), CancellationToken.None); // of this hub, which has not heard
        Assert.That(await StandsAsync("buyers"), Is.EqualTo((2L, "audience_customers")));
        Running.Became(2);
        var back = await PlanAsync(new { version = 1 });
        Assert.That((await ApplyAsync(new { version = 1, plan_hash = back.GetProperty("plan_hash").GetString(), reason = "not what was meant" })).Status, Is.EqualTo(200));
        Assert.That((await StandsAsync("customers"), await StandsAsync("buyers")), Is.EqualTo(((2L, "audience_customers"), (0L, (string?)null))));
    }

    /// <summary>What it owns and stated stands under the new name from the moment of the version on, and back with it; a hub that has not heard takes its facts by it.</summary>
    [Test]
    public async Task Should_call_a_source_otherwise_and_back()
    {
        var files = await FilesAsync();
        files["sources/web.yaml"] = "dialect: census\nsignature: { scheme: bearer, secret: { env: PATH } }\n";
        files["ownership.yaml"] = "attributes:\n  first_name: { system_of_record: web }\n";
        await PutAsync(files, 2);
        Assert.That((await SendAsync("web", "Ada")).GetProperty("accepted").GetInt64(), Is.EqualTo(1));
        files["sources/shop.yaml"] = files["sources/web.yaml"];
        files.Remove("sources/web.yaml");
        files["renames.yaml"] = "sources: { web: shop }\n";
        ShouldRefuse(await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { files }), 422, "config-invalid");
        files["ownership.yaml"] = files["ownership.yaml"].Replace("web", "shop", StringComparison.Ordinal);
        await PutAsync(files, 3);
        Running.Became(1); // it has not heard of any of it
        Assert.That(await SumAsync("SELECT sum(facts) FROM fact_volumes WHERE producer = 'shop'"), Is.EqualTo(1));
        await SendAsync("web", "Bea");
        await SendAsync("other", "Cleo");
        Assert.That(await SumAsync("SELECT count(*) FROM profiles WHERE external_id = 'c-9' AND CAST(attributes AS text) LIKE '%Bea%'"), Is.EqualTo(1), "by the former name, and by nobody else");
        Assert.That((await SumAsync("SELECT sum(facts) FROM fact_volumes WHERE producer = 'shop'"), await SumAsync("SELECT count(*) FROM fact_volumes WHERE producer = 'web'")), Is.EqualTo((2L, 0L)));
        Running.Became(3);
        var back = await PlanAsync(new { version = 2 });
        Assert.That((await ApplyAsync(new { version = 2, plan_hash = back.GetProperty("plan_hash").GetString(), reason = "not what was meant" })).Status, Is.EqualTo(200));
        Assert.That((await SumAsync("SELECT sum(facts) FROM fact_volumes WHERE producer = 'web'"), await SumAsync("SELECT count(*) FROM fact_volumes WHERE producer = 'shop'")), Is.EqualTo((2L, 0L)));
    }

    /// <summary>Puts files in force and has the hub believe that it runs them, though it goes on with what it has.</summary>
    private async Task PutAsync(Dictionary<string, string> files, long version)
    {
        var plan = await PlanAsync(new { files });
        var (status, applied, _) = await ApplyAsync(new { files, plan_hash = plan.GetProperty("plan_hash").GetString() });
        Assert.That((status, applied.GetProperty("version").GetInt64()), Is.EqualTo((200, version)), applied.ToString());
        Running.Became(version);
    }

    private async Task<JsonElement> SendAsync(string producer, string name)
    {
        var (status, told, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", new
        {
            event_id = Guid.NewGuid(), event_type = "profile_updated", occurred_at = DateTimeOffset.UtcNow, producer, subject = new { external_id = "c-9" }, payload = new { attributes = new { first_name = name } },
        });
        Assert.That(status, Is.LessThan(300), told.ToString());
        return told;
    }

    private Task<long> SumAsync(string sql) => Transactions.ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return Convert.ToInt64(await session.ScalarAsync(sql, CancellationToken.None) ?? 0L, System.Globalization.CultureInfo.InvariantCulture);
    });

    /// <summary>The way back is a version of its own, and goes the same way.</summary>
    [Test]
    public async Task Should_go_back_by_a_version_of_its_own()
    {
        ShouldRefuse(await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { version = 9 }), 404, "config-version-unknown");
        var plan = await PlanAsync(new { version = 1 });
        Assert.That(plan.GetProperty("changes").GetArrayLength(), Is.Zero);
        ShouldRefuse(await ApplyAsync(new { version = 1, plan_hash = plan.GetProperty("plan_hash").GetString() }), 400, "field-missing");
        Assert.That((await ApplyAsync(new { version = 1, plan_hash = plan.GetProperty("plan_hash").GetString(), message = "phone numbers were cut" })).Body.GetProperty("state").GetString(), Is.EqualTo("unchanged"));
    }

    /// <summary>A version of another program: this hub says why it cannot run it, and does nothing by the old one.</summary>
    [Test]
    public async Task Should_stand_still_rather_than_go_by_what_is_in_force_no_more()
    {
        await Transactions.RunAsync(
            async (db, _) =>
            {
                await IntegrationHub.Storage.Configurations.ConfigurationBook.LockAsync(db, TimeProvider.System.GetUtcNow(), CancellationToken.None);
                var version = await IntegrationHub.Storage.Configurations.ConfigurationBook.AppendAsync(
                    db, new IntegrationHub.Storage.Configurations.ConfigurationEntry(0, "of a newer hub", "apply", null, "person:ben", TimeProvider.System.GetUtcNow(), null, null, null), new Dictionary<string, string> { ["consent.yaml"] = "word_of_tomorrow: 1\n" }, CancellationToken.None);
                await IntegrationHub.Storage.Configurations.ConfigurationBook.ActivateAsync(db, version, "person:ben", TimeProvider.System.GetUtcNow(), CancellationToken.None);
            },
            CancellationToken.None);
        await LookAsync();
        var standing = (await _hub.CallAsync(_viewer, "GET /v1/config")).Body;
        Assert.That((Running.IsBehind, Running.Superseded.IsCompleted, standing.GetProperty("running").GetInt64()), Is.EqualTo((true, false, 1)));
        Assert.That(standing.GetProperty("obstacles").EnumerateArray().Select(obstacle => obstacle.GetString()), Has.Some.Contain("word_of_tomorrow"));

        // Where no other hub is there it alone can go back, to what it runs.
        ShouldRefuse(await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", new { files = new Dictionary<string, string> { ["consent.yaml"] = "purposes: {}\n" } }), 409, "config-behind");
        var back = await PlanAsync(new { version = 1 });
        Assert.That((back.GetProperty("base_version").GetInt64(), back.GetProperty("needs_approval").GetBoolean()), Is.EqualTo((2, true)), "nobody can tell what leaves newly");
        Assert.That(back.GetProperty("changes").GetArrayLength(), Is.Positive, "or the terminal says that nothing would change");
        var hash = back.GetProperty("plan_hash").GetString();
        var (status, asked, _) = await ApplyAsync(new { version = 1, plan_hash = hash, reason = "no hub runs it" });
        Assert.That((status, asked.GetProperty("state").GetString()), Is.EqualTo((202, "waiting")));
        var approval = asked.GetProperty("approval").GetProperty("approval_id").GetGuid();
        Assert.That((await _hub.CallAsync(_kim, $"POST /v1/approvals/{approval}/approve", new { plan_hash = hash, reason = "looked at it" })).Body.GetProperty("state").GetString(), Is.EqualTo("approved"));
        await LookAsync();
        Assert.That((Running.Version, Running.IsBehind, Running.Obstacles.Count), Is.EqualTo((3L, false, 0)), "the same content, in force again");
    }

    private OutboxTransaction Transactions => _hub.Services.GetRequiredService<OutboxTransaction>();

    [Test]
    public void Should_be_heard_of_until_the_bus_has_drained_for_the_next_version()
    {
        var stopped = _hub.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().Reverse().ToList(); // the host's order
        var bus = stopped.FindIndex(service => service.GetType().Namespace == "MassTransit");
        Assert.That(bus, Is.Not.Negative);
        Assert.That(stopped.FindIndex(service => service is IntegrationHub.Hub.Diagnosis.Heart), Is.GreaterThan(bus));
    }

    private ILedger Ledger => _hub.Services.GetRequiredService<ILedger>();

    private IDestinationStore Stores => _hub.Services.GetRequiredService<IDestinationStore>();

    private static LedgerFact Member(string externalId, string audience) => new()
    {
        EventId = Guid.NewGuid(), EventType = "audience_membership_changed", OccurredAt = DateTimeOffset.UtcNow, Producer = "test", ExternalId = externalId, Membership = new FactMembership(audience, true), BodyJson = "{}",
    };

    /// <summary>How many are in an audience, and as what it stands at Braze.</summary>
    private Task<(long Members, string? RemoteRef)> StandsAsync(string audience) => Transactions.ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return ((long)(await session.ScalarAsync("SELECT count(*) FROM memberships WHERE audience = @audience AND is_member", CancellationToken.None, ("audience", audience)))!,
            (await Stores.FindAudienceAsync(db, "braze", audience, CancellationToken.None))?.RemoteRef);
    });

    private RunningConfiguration Running => _hub.Services.GetRequiredService<RunningConfiguration>();

    /// <summary>A page of the console, as an admin who may approve sees it.</summary>
    private async Task<string> PageAsync(string path)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new System.Net.CookieContainer() }) { BaseAddress = _hub.Address };
        var token = System.Text.RegularExpressions.Regex.Match(await browser.GetStringAsync("/sign-in"), "name=\"form-token\" value=\"([^\"]+)\"").Groups[1].Value;
        using var signedIn = await browser.PostAsync("/sign-in?to=/runs", new FormUrlEncodedContent(new Dictionary<string, string> { ["form-token"] = token, ["api-key"] = _anna }));
        using var answer = await browser.GetAsync(path);
        return System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private async Task LookAsync() => Assert.That(await _hub.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<ConfigurationWatch>().Single().LookAsync(CancellationToken.None), Is.True);

    private async Task<Dictionary<string, string>> FilesAsync() =>
        (await _hub.CallAsync(_viewer, "GET /v1/config")).Body.GetProperty("active").GetProperty("files").Deserialize<Dictionary<string, string>>()!;

    private async Task<JsonElement> PlanAsync(object body)
    {
        var (status, plan, _) = await _hub.CallAsync(_anna, "POST /v1/config/versions/plan", body);
        Assert.That(status, Is.EqualTo(200), plan.ToString());
        return plan;
    }

    private Task<(int Status, JsonElement Body, HttpResponseMessage Answer)> ApplyAsync(object body) => _hub.CallAsync(_anna, "POST /v1/config/versions/apply", body);

    private static void ShouldRefuse((int Status, JsonElement Body, HttpResponseMessage Answer) answer, int status, string type) =>
        Assert.That((answer.Status, answer.Body.GetProperty("type").GetString()), Is.EqualTo((status, $"urn:integrationhub:problem:{type}")), answer.Body.ToString());
}
