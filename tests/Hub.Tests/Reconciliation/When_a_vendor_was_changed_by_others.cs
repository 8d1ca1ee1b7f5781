using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>A whole hub, and HubSpot's sandbox, at which somebody else is at work over HTTP: each kind of difference is planted once, and nothing else.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed partial class When_a_vendor_was_changed_by_others(StorageDatabase database)
{
    private const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner";
    private const int People = 40;
    private const int Strangers = 30;
    private static readonly string[] _over = [RunState.Completed, RunState.CompletedWithIssues, RunState.Failed, RunState.Canceled];

    private PostgresDatabase? _postgres;
    private DirectoryInfo _folder = null!;
    private HubApplication _hub = null!;
    private HttpClient _http = null!;
    private HttpClient _vendor = null!;
    private string _list = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _postgres = database == StorageDatabase.Postgres ? await MigratedDatabase.CreateAsync() : null;
        _folder = Directory.CreateTempSubdirectory("hub-reconcile-");
        var config = Path.Combine(_folder.FullName, "config");
        foreach (var file in Directory.EnumerateFiles(ConfigurationLoader.SampleFolder, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(config, Path.GetRelativePath(ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await File.AppendAllTextAsync(Path.Combine(config, "audiences", "customers.yaml"), "\nreconcile: { heal: report, fields: whole }\n");
        await File.AppendAllTextAsync(Path.Combine(config, "destinations", "marketo.yaml"), "\nquota: { daily: 1000 }\nreconcile: { read_back_share: 0.001 }\n");
        await File.AppendAllTextAsync(Path.Combine(config, "mappings", "braze.yaml"), Parts);
        _hub = await HubApplication.BuildAsync(
            [
                $"--Hub:Database={database}", .. _postgres is null ? Array.Empty<string>() : [$"--Hub:ConnectionString={_postgres.ConnectionString}"],
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={_folder.FullName}", $"--Hub:ConfigPath={config}", "--Hub:LogLevel=Error",
            ],
            null,
            CancellationToken.None);
        await _hub.StartAsync(CancellationToken.None);
        _http = new HttpClient { BaseAddress = new Uri(_hub.Web.Urls.Single()) };
        _vendor = new HttpClient { BaseAddress = new Uri(_hub.Sandbox!.BaseUrl("hubspot") + "/") };
        _vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _hub.Sandbox["hubspot"].Vendor.Credentials["access_token"]);

        using var csv = new StringContent(Csv(), Encoding.UTF8, "text/csv");
        using var loaded = await _http.PostAsync("/v1/audiences/customers/snapshots", csv);
        Assert.That(loaded.StatusCode, Is.EqualTo(HttpStatusCode.Created), await loaded.Content.ReadAsStringAsync());
        var snapshot = (await loaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("snapshot_id").GetGuid();
        await FinishAsync(await StartAsync("/v1/audience-syncs", new { audience = "customers", destinations = new[] { "hubspot", "marketo" }, snapshot_id = snapshot }));
        _list = (await _vendor.GetFromJsonAsync<JsonElement>($"crm/v3/lists/object-type-id/0-1/name/{Uri.EscapeDataString("Customers (IntegrationHub)")}")).GetProperty("list").GetProperty("listId").GetString()!;
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _http.Dispose();
        _vendor.Dispose();
        await _hub.DisposeAsync();
        LogContext.Current = null;
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_find_what_was_planted_and_nothing_else_and_heal_it_in_one_pass()
    {
        var run = await ReconcileAsync("hubspot", HealingWord.All);

        Assert.That(Findings(run), Is.EqualTo((0, 0, 0, 0)), run.ToString());
        Assert.That(run.GetProperty("fields").GetProperty("checked").GetInt64(), Is.EqualTo(People), run.ToString());
        Assert.That(run.GetProperty("expected").GetInt64(), Is.EqualTo(People));
        Assert.That(run.GetProperty("calls").GetInt64(), Is.InRange(2, 6), "a page of members, a page of fields");
        Assert.That(run.GetProperty("healed").GetProperty("planned").GetInt64(), Is.Zero);

        await DenyAsync(Id(5));
        await Poll.Until(async () => (await FinishedAsync(await StartAsync("/v1/audience-syncs", new { audience = "customers", destinations = new[] { "hubspot" } }))).All(state => state == RunState.Completed), "the withdrawal to reach the vendor");
        await MembersAsync("remove", await RemoteAsync(1));
        using var deleted = await _vendor.DeleteAsync($"crm/v3/objects/contacts/{await RemoteAsync(2)}");
        Assert.That(deleted.IsSuccessStatusCode, Is.True, await deleted.Content.ReadAsStringAsync());
        using var patched = await _vendor.PatchAsJsonAsync($"crm/v3/objects/contacts/{await RemoteAsync(3)}", new { properties = new { lastname = "Changed" } });
        Assert.That(patched.IsSuccessStatusCode, Is.True, await patched.Content.ReadAsStringAsync());
        await MembersAsync("remove", await RemoteAsync(4));
        await ForgetAsync(4);
        await MembersAsync("add", await RemoteAsync(5));
        using var made = await _vendor.PostAsJsonAsync("crm/v3/objects/contacts", new { properties = new { email = "by-hand@example.test", hub_external_id = "by-hand" } });
        await MembersAsync("add", (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
        using var twin = await _vendor.PostAsJsonAsync("crm/v3/objects/contacts", new { properties = new { email = "twin@example.test" } });
        using var merged = await _vendor.PostAsJsonAsync(
            "crm/v3/objects/contacts/merge", new { primaryObjectId = (await twin.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString(), objectIdToMerge = await RemoteAsync(6) });
        Assert.That(merged.IsSuccessStatusCode, Is.True, await merged.Content.ReadAsStringAsync());

        var told = await ReconcileAsync("hubspot", null);
        Assert.That(Findings(told), Is.EqualTo((3, 2, 2, 0)), told.ToString());
        Assert.That(Causes(told), Is.EquivalentTo(new[]
        {
            "missing removed_there 1", "missing deleted_there 1", "missing never_delivered 1", "unexpected consent_withdrawn 1", "unexpected owned_by_others 1", "different changed_there 1", "different merged_there 1",
        }));
        Assert.That(told.GetProperty("fields").GetProperty("different").GetInt64(), Is.EqualTo(1), "who was merged has another id, and is not in what fields say of all");
        Assert.That(told.GetProperty("healed").GetProperty("planned").GetInt64(), Is.Zero, "report heals nothing");
        var page = await _http.GetFromJsonAsync<JsonElement>($"/v1/reconciliations/{told.GetProperty("run_id").GetGuid()}/findings?kind=different");
        Assert.That(page.GetProperty("items").EnumerateArray().Select(finding => finding.GetProperty("field").GetString()), Is.EquivalentTo(new[] { null, "lastname" }));
        Assert.That(page.ToString(), Does.Not.Contain("c000003").And.Not.Contain("example.test"), "masked");

        var missing = await ReconcileAsync("hubspot", HealingWord.Missing);
        Assert.That(Findings(missing).Item1, Is.EqualTo(3), "report changed nothing");
        Assert.That(Findings(missing).Item3, Is.InRange(1, 2), "the id of who was merged is learned, the fields that came with it may be seen");
        Assert.That(missing.GetProperty("healed").GetProperty("delivered").GetInt64(), Is.InRange(3, 4), missing.ToString());
        Assert.That(missing.GetProperty("state").GetString(), Is.EqualTo(RunState.Completed), missing.ToString());
        var left = await ReconcileAsync("hubspot", HealingWord.All);
        Assert.That(Findings(left), Is.EqualTo((1, 2, 0, 0)), left.ToString());
        Assert.That(Causes(left), Does.Contain("missing deleted_there 1"), "whom the vendor deleted all alone makes anew");
        Assert.That(left.GetProperty("healed").GetProperty("delivered").GetInt64(), Is.EqualTo(3), left.ToString());
        var healed = await ReconcileAsync("hubspot", null);
        Assert.That(Findings(healed), Is.EqualTo((0, 0, 0, 0)), healed.ToString());
        await Should_keep_what_is_measured_as_a_trend(healed);
        await Should_wait_for_a_person_beyond_the_guardrail();
    }

    private async Task Should_keep_what_is_measured_as_a_trend(JsonElement healed)
    {
        var matching = healed.GetProperty("matching");
        Assert.That((matching.GetProperty("people").GetInt64(), matching.GetProperty("held").GetInt64(), matching.GetProperty("match_rate").GetDouble()), Is.EqualTo((People, People, 1.0)), matching.ToString());
        var trend = (await ShowAsync(healed.GetProperty("run_id").GetGuid())).GetProperty("trend").EnumerateArray().ToList();
        Assert.That(trend[0].GetProperty("run_id").GetGuid(), Is.EqualTo(healed.GetProperty("run_id").GetGuid()), "the last one first");
        Assert.That(trend.Select(mark => mark.GetProperty("missing").GetInt64()), Is.EqualTo(new long[] { 0, 1, 3, 3, 0 }));
        Assert.That(trend.Select(mark => mark.GetProperty("match_rate").GetDouble()), Has.All.EqualTo(1.0));
        Assert.That(healed.GetProperty("fields").GetProperty("says").GetString(), Is.EqualTo($"The fields of all {People - 1} people were read; 0 differ."));
    }

    /// <summary>Somebody adds so many strangers that to remove them is more than the audience's guardrail allows: nobody is removed before a person agrees, and then all are.</summary>
    private async Task Should_wait_for_a_person_beyond_the_guardrail()
    {
        var strangers = new List<string>();
        for (var stranger = 0; stranger < Strangers; stranger++)
        {
            using var made = await _vendor.PostAsJsonAsync("crm/v3/objects/contacts", new { properties = new { email = $"stranger-{stranger}@example.test" } });
            strangers.Add((await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
            await MembersAsync("add", strangers[^1]);
        }

        var runId = (await StartAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { "hubspot" }, heal = HealingWord.All, reason = "strangers were added" })).Single();
        var held = await Poll.For(() => ShowAsync(runId), run => run.GetProperty("state").GetString() == RunState.AwaitingApproval || IsOver(run), "the healing to wait for a person");
        Assert.That(held.GetProperty("state").GetString(), Is.EqualTo(RunState.AwaitingApproval), held.ToString());
        Assert.That(Findings(held), Is.EqualTo((0, Strangers, 0, 0)), held.ToString());
        Assert.That(await MembersThereAsync(), Is.SupersetOf(strangers), "nobody is removed before");
        var seen = await _http.GetFromJsonAsync<JsonElement>($"/v1/runs/{runId}");
        using var approved = await _http.PostAsJsonAsync($"/v1/runs/{runId}/approve", new { reason = "They were added by mistake.", expected_version = seen.GetProperty("version").GetString() });
        Assert.That(approved.IsSuccessStatusCode, Is.True, await approved.Content.ReadAsStringAsync());
        var over = await Poll.For(() => ShowAsync(runId), IsOver, "the healing to be over");
        Assert.That(over.GetProperty("healed").GetProperty("delivered").GetInt64(), Is.EqualTo(Strangers), over.ToString());
        Assert.That((await MembersThereAsync()).Intersect(strangers), Is.Empty);
    }

    private async Task<IReadOnlyList<string>> MembersThereAsync() =>
        [.. (await _vendor.GetFromJsonAsync<JsonElement>($"crm/v3/lists/{_list}/memberships?limit=250")).GetProperty("results").EnumerateArray().Select(member => member.GetProperty("recordId").GetString()!)];

    /// <summary>Braze's own count of what happened in the last whole day stands beside what it confirmed.</summary>
    [Test]
    public async Task Should_compare_the_number_of_events_with_the_vendors_own()
    {
        await FinishAsync(await StartAsync("/v1/audience-syncs", new { audience = "customers", destinations = new[] { "braze" } }));
        var now = DateTimeOffset.UtcNow;
        var happened = new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero).AddMinutes(-30);
        for (var person = 10; person < 13; person++)
        {
            using var answer = await _http.PostAsJsonAsync("/v1/events", new
            {
                event_id = Guid.NewGuid(), event_type = "behavior_tracked", schema_version = 1, occurred_at = happened, producer = "webshop", tenant_id = "default",
                subject = new { external_id = Id(person) }, payload = new { name = "product_viewed", properties = new { product_id = "p-1" } },
            });
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"status\":\"accepted\""));
        }

        await Poll.Until(() => Task.FromResult(_hub.Sandbox!["braze"].Vendor.Events().Count() == 3), "Braze to have the events");
        await Poll.Until(async () => await ReceiptsAsync() == 3, "the hub to know that");
        var run = await ReconcileAsync("braze", null);
        Assert.That((run.GetProperty("fields").GetProperty("checked").GetInt64(), Findings(run)), Is.EqualTo(((long)People, (0L, 0L, 0L, 0L))), "fields come along with who is a member");
        Assert.That(run.GetProperty("calls").GetInt64(), Is.InRange(1, 2), "one for members and fields, one for the event");
        var volume = run.GetProperty("volumes").EnumerateArray().Single(one => one.GetProperty("event").GetString() == "product_viewed");
        Assert.That((volume.GetProperty("happened").GetInt64(), volume.GetProperty("at_vendor").GetInt64(), volume.GetProperty("finding").GetString()), Is.EqualTo((3L, 3L, (string?)null)), run.ToString());
        Assert.That(run.GetProperty("findings").GetProperty("volume").GetInt64(), Is.Zero);
    }

    /// <summary>A vendor that lists nobody is asked for each whom the hub expects: it tells who is gone, who left and who is otherwise, and cannot tell of strangers.</summary>
    [Test]
    public async Task Should_heal_what_somebody_did_where_nobody_can_be_listed()
    {
        var braze = _hub.Sandbox!["braze"].Vendor;
        using var http = new HttpClient { BaseAddress = new Uri(_hub.Sandbox.BaseUrl("braze") + "/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", braze.Credentials["api_key"]);
        await FinishAsync(await StartAsync("/v1/audience-syncs", new { audience = "customers", destinations = new[] { "braze" } }));
        await Poll.Until(() => braze.IsSettled, "Braze to have applied what it took");
        var before = await ReconcileAsync("braze", null);
        Assert.That(Findings(before), Is.EqualTo((0, 0, 0, 0)), before.ToString());

        await TellAsync("users/track", new { attributes = new object[] { new { external_id = Id(7), last_name = "Changed" }, new { external_id = Id(8), audience_customers = false } } });
        await TellAsync("users/delete", new { external_ids = new[] { Id(9) } });
        await Poll.Until(() => braze.IsSettled, "Braze to have applied what somebody else did");
        var told = await ReconcileAsync("braze", HealingWord.All);
        Assert.That(Causes(told), Is.EquivalentTo(new[] { "different changed_there 1", "missing removed_there 1", "missing deleted_there 1" }), told.ToString());
        await Poll.Until(() => braze.IsSettled, "Braze to have applied what was healed");
        var healed = await ReconcileAsync("braze", null);
        Assert.That(Findings(healed), Is.EqualTo((0, 0, 0, 0)), healed.ToString());

        async Task TellAsync(string path, object body)
        {
            using var answer = await http.PostAsJsonAsync(path, body);
            Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        }
    }

    private Task<long> ReceiptsAsync() => _hub.Web.Services.GetRequiredService<OutboxTransaction>().ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync("SELECT count(*) FROM event_receipts WHERE destination = 'braze' AND outcome = 'delivered'", CancellationToken.None))!;
    });

    [Test]
    public async Task Should_wait_when_its_share_of_the_day_is_used_up_and_go_on_where_it_stopped()
    {
        var runId = (await StartAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { "marketo" } })).Single();
        var calls = 0L;
        for (var day = 1; ; day++)
        {
            // A pass that began yesterday may still say that it waits.
            var before = calls;
            var run = await Poll.For(
                () => ShowAsync(runId), shown => IsOver(shown) || (Code(shown) == "read_back_budget" && shown.GetProperty("calls").GetInt64() > before), "each day to take it further until its budget is used up, or the end");
            Assert.That(run.GetProperty("calls").GetInt64() - before, Is.LessThanOrEqualTo(2), $"a call a day, and a step is not left half done: {run}");
            if (IsOver(run))
            {
                Assert.That(day, Is.GreaterThan(1), $"it never waited: {run}");
                Assert.That(Findings(run), Is.EqualTo((0, 0, 0, 0)), run.ToString());
                return;
            }

            Assert.That(run.GetProperty("waiting_for").GetString(), Does.Contain("read_back_share").And.Contain("destinations/marketo.yaml"));
            calls = run.GetProperty("calls").GetInt64();
            await TheNextDayAsync(runId);
        }
    }

    /// <summary>What it waited for is over before its time: the share was made larger, and the hub started again. It then comes to its end in one turn.</summary>
    [Test]
    public async Task Should_not_wait_any_more_for_a_share_that_was_made_larger()
    {
        var services = _hub.Web.Services;
        var transactions = services.GetRequiredService<OutboxTransaction>();
        var asked = new ComparisonState
        {
            RunId = Guid.NewGuid(), Audience = "customers", Destination = "hubspot", Heal = HealingWord.Report, WholeFields = false, Sample = 1, RequestedBy = "person:ada", RequestedAt = DateTimeOffset.UtcNow,
            Stage = ReconciliationStage.Unexpected, ReadSince = DateTimeOffset.UtcNow, WaitingUntil = DateTimeOffset.UtcNow.AddHours(9),
        };
        await transactions.RunAsync((db, _) => ReconciliationBook.AddAsync(db, asked, CancellationToken.None), CancellationToken.None);
        await transactions.RunAsync((db, _) => ReconciliationBook.SaveAsync(db, asked, CancellationToken.None), CancellationToken.None);
        var pass = await services.GetRequiredService<Reconciler>().CompareAsync(
            services.GetRequiredService<DestinationDirectory>().Find("hubspot")!, new PlanAudienceSync { RunId = asked.RunId, Audience = asked.Audience, Destination = asked.Destination, Mode = SyncMode.Reconcile }, CancellationToken.None);
        var run = await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, asked.RunId, CancellationToken.None));
        Assert.That((pass!.IsDone, run!.WaitingUntil), Is.EqualTo((true, (DateTimeOffset?)null)));
    }

    /// <summary>Yesterday's calls are not today's; the run asks again as it does at midnight.</summary>
    private Task TheNextDayAsync(Guid runId) => _hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        async (db, bus) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("DELETE FROM read_back_days", CancellationToken.None);
            await session.ExecuteAsync("UPDATE reconciliations SET waiting_until = NULL", CancellationToken.None);
            await bus.Publish(new RemindAudienceSync { RunId = runId, At = DateTimeOffset.UtcNow });
        },
        CancellationToken.None);

    private Task ForgetAsync(int person) => _hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "DELETE FROM destination_members WHERE destination = 'hubspot' AND profile_id = (SELECT profile_id FROM profiles WHERE external_id = @id)", CancellationToken.None, ("id", Id(person)));
        },
        CancellationToken.None);

    private async Task DenyAsync(string externalId)
    {
        using var answer = await _http.PostAsJsonAsync("/v1/events", new
        {
            event_id = Guid.NewGuid(), event_type = "consent_updated", schema_version = 1, occurred_at = DateTimeOffset.UtcNow, producer = "preference-center", tenant_id = "default",
            subject = new { external_id = externalId }, payload = new { purpose = "email_marketing", status = "denied", source = "preference-center" },
        });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(text, Does.Contain("\"status\":\"accepted\""), text);
    }

    private async Task<string> RemoteAsync(int person)
    {
        using var answer = await _vendor.PostAsJsonAsync("crm/v3/objects/contacts/batch/read", new { idProperty = "hub_external_id", properties = Array.Empty<string>(), inputs = new[] { new { id = Id(person) } } });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("results")[0].GetProperty("id").GetString()!;
    }

    private async Task MembersAsync(string verb, string remoteId)
    {
        using var answer = await _vendor.PutAsJsonAsync($"crm/v3/lists/{_list}/memberships/{verb}", new[] { remoteId });
        Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> ReconcileAsync(string destination, string? heal)
    {
        var runId = (await StartAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { destination }, heal, reason = "as compared" })).Single();
        return await Poll.For(() => ShowAsync(runId), IsOver, $"the reconciliation with {destination} to be over");
    }

    private Task<JsonElement> ShowAsync(Guid runId) => _http.GetFromJsonAsync<JsonElement>($"/v1/reconciliations/{runId}");

    private static bool IsOver(JsonElement run) => _over.Contains(run.GetProperty("state").GetString());

    private static string? Code(JsonElement run) => run.GetProperty("waiting_code").GetString();

    private static (long, long, long, long) Findings(JsonElement run)
    {
        var findings = run.GetProperty("findings");
        return (findings.GetProperty("missing").GetInt64(), findings.GetProperty("unexpected").GetInt64(), findings.GetProperty("different").GetInt64(), findings.GetProperty("duplicate").GetInt64());
    }

    private static IEnumerable<string> Causes(JsonElement run) =>
        run.GetProperty("causes").EnumerateArray().Select(cause => $"{cause.GetProperty("kind").GetString()} {cause.GetProperty("cause").GetString()} {cause.GetProperty("count").GetInt64()}");

    private async Task<IReadOnlyList<Guid>> StartAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), told.ToString());
        return [.. told.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())];
    }

    private async Task FinishAsync(IReadOnlyList<Guid> runs) => Assert.That(await FinishedAsync(runs), Has.All.EqualTo(RunState.Completed));

    private async Task<IReadOnlyList<string>> FinishedAsync(IReadOnlyList<Guid> runs)
    {
        var states = new List<string>();
        foreach (var runId in runs)
        {
            states.Add((await Poll.For(() => _http.GetFromJsonAsync<JsonElement>($"/v1/runs/{runId}"), IsOver, $"run {runId} to be over")).GetProperty("state").GetString()!);
        }

        return states;
    }

    private static string Id(int person) => string.Create(CultureInfo.InvariantCulture, $"c{person:D6}");

    private static string Csv() => string.Join('\n', Enumerable.Range(0, People).Select(person => $"{Id(person)},MR.,FIRST,LAST,04/08/1966,M,M,person{person}@example.test,\"$90,000 \",2,Bachelors,Professional,Y").Prepend(Header)) + "\n";
}
