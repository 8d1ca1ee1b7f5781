using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>Whole hubs with the sandboxes of their process: what the vendor shows is what counts.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_audience_is_backfilled(StorageDatabase database)
{
    private const string Field = "first_name";
    private const string Members =
        """
        CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner
        c-1,MR.,JON,YANG,04/08/1966,M,M,jon@example.com,"$90,000 ",2,Bachelors,Professional,Y
        c-2,MS.,EVA,HUANG,5/14/1965,S,F,eva@example.com,"$60,000 ",3,Bachelors,Professional,N
        c-3,MS.,RUTH,TORRES,8/12/1965,M,F,ruth@example.com,"$60,000 ",3,Bachelors,Professional,Y
        """;

    private PostgresDatabase? _postgres;
    private DirectoryInfo _folder = null!;
    private HubApplication _hub = null!;
    private HttpClient _http = null!;

    [SetUp]
    public async Task Start_a_hub_with_three_members_at_braze()
    {
        _postgres = database == StorageDatabase.Postgres ? await MigratedDatabase.CreateAsync() : null;
        _folder = Directory.CreateTempSubdirectory("hub-backfill-");
        _hub = await HubApplication.BuildAsync(
            [
                $"--Hub:DataPath={_folder.FullName}", "--Hub:Urls=http://127.0.0.1:0", "--Hub:LogLevel=Warning", "--Hub:Delivery:SweepInterval=00:00:00.200", "--Hub:Delivery:Quotas=false",
                .. _postgres is null ? Array.Empty<string>() : ["--Hub:Database=Postgres", $"--Hub:ConnectionString={_postgres.ConnectionString}"],
            ],
            null, CancellationToken.None);
        await _hub.StartAsync(CancellationToken.None);
        _http = new HttpClient { BaseAddress = new Uri(_hub.Web.Urls.Single()) };
        foreach (var person in new[] { "c-1", "c-2", "c-3" })
        {
            await StateAsync("consent_updated", person, """{ "purpose": "email_marketing", "status": "granted", "source": "preference-center" }""");
        }

        using var csv = new StringContent(Members, Encoding.UTF8, "text/csv");
        var loaded = await ReadAsync(await _http.PostAsync("/v1/audiences/customers/snapshots", csv));
        var started = await ReadAsync(await _http.PostAsJsonAsync("/v1/audience-syncs", new { audience = "customers", destinations = new[] { "braze" }, snapshot_id = loaded.GetProperty("snapshot_id").GetGuid() }));
        var sync = started.GetProperty("runs")[0].GetProperty("run_id").GetGuid();
        await Poll.Until(async () => (await ReadAsync(await _http.GetAsync($"/v1/runs/{sync}"))).GetProperty("state").GetString() == "Completed", "the members at Braze");
    }

    [TearDown]
    public async Task Stop()
    {
        _http.Dispose();
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
    public async Task Should_write_what_was_approved_and_take_back_what_nobody_else_touched()
    {
        foreach (var (person, name) in new[] { ("c-1", "Johanna"), ("c-2", "Evelyn"), ("c-4", "Nobody") })
        {
            await StateAsync("consent_updated", person, """{ "purpose": "email_marketing", "status": "granted", "source": "preference-center" }""");
            await StateAsync("profile_updated", person, $$"""{ "attributes": { "first_name": "{{name}}" } }""");
        }

        var planned = await WaitAsync(await PostAsync("/v1/backfills", new { destination = "braze", people = new[] { "c-1", "c-2", "c-3", "c-4" }, attributes = new[] { "first_name" } }), "AwaitingApproval");
        var run = IdOf(planned);
        Assert.That(planned.GetProperty("plan").GetProperty("to_write").GetInt32(), Is.EqualTo(3), "c-3 is as it was");
        Assert.That(planned.GetProperty("plan").GetProperty("automation").GetArrayLength(), Is.GreaterThan(0));
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "Jon", "Eva", "Ruth", null }), "a plan writes nothing");
        Assert.That((await _http.PostAsJsonAsync($"/v1/backfills/{run}/approve", new { plan_hash = "another", reason = "as planned" })).StatusCode, Is.EqualTo(HttpStatusCode.Conflict));

        var written = await ApproveAsync(planned, "Completed");
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "Johanna", "Evelyn", "Ruth", null }), "nobody is created");
        Assert.That(Counts(written), Is.EqualTo((4, 2, 2, 0)));
        Assert.That(written.GetProperty("run").GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("code").GetString()), Is.EqualTo(new[] { "no_match" }));

        await OverwriteAsync("c-2", "Somebody else");
        var rollback = await WaitAsync(await PostAsync($"/v1/backfills/{run}/rollback", new { reason = "a wrong list" }), "AwaitingApproval");
        var restored = await ApproveAsync(rollback, "Completed");
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "Jon", "Somebody else", "Ruth", null }));
        Assert.That(Counts(restored), Is.EqualTo((2, 1, 1, 0)));
        Assert.That(restored.GetProperty("run").GetProperty("reasons")[0].GetProperty("code").GetString(), Is.EqualTo("changed_since"));
        await Poll.Until(async () => StateOf(await ShowAsync(run)) == "RolledBack", "the run to be rolled back");
        Assert.That((await _http.PostAsJsonAsync($"/v1/backfills/{run}/rollback", new { reason = "a wrong list" })).StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "once is enough");
    }

    [Test]
    public async Task Should_send_nobody_who_withdrew_between_the_plan_and_the_approval()
    {
        await StateAsync("profile_updated", "c-1", """{ "attributes": { "first_name": "Johanna" } }""");
        var planned = await WaitAsync(await PostAsync("/v1/backfills", new { destination = "braze", audience = "customers" }), "AwaitingApproval");
        Assert.That(planned.GetProperty("plan").GetProperty("to_write").GetInt32(), Is.EqualTo(1));
        await StateAsync("consent_updated", "c-1", """{ "purpose": "email_marketing", "status": "denied", "source": "preference-center" }""");
        var ended = await ApproveAsync(planned, "Completed");
        Assert.That(ended.GetProperty("run").GetProperty("counts").GetProperty("suppressed").GetInt32(), Is.EqualTo(1));
        Assert.That((await NamesAsync())[0], Is.EqualTo("Jon"));
    }

    [Test]
    public async Task Should_tell_again_of_what_consent_kept_back_quietly_and_once()
    {
        await StateAsync("consent_updated", "c-1", """{ "purpose": "email_marketing", "status": "denied", "source": "preference-center" }""");
        await StateAsync("behavior_tracked", "c-1", """{ "name": "product_viewed", "properties": { "product_id": "p-1" } }""");
        await Poll.Until(async () => await _hub.Web.Services.GetRequiredService<Hub.Messaging.OutboxTransaction>().ReadAsync(ReceiptsAsync) == 1, "the event to be kept back");
        await StateAsync("consent_updated", "c-1", """{ "purpose": "email_marketing", "status": "granted", "source": "preference-center" }""");

        var asked = new { kind = "redeliver", destination = "braze", types = new[] { "product_viewed" }, subject = "c-1" };
        var planned = await WaitAsync(await PostAsync("/v1/backfills", asked), "AwaitingApproval");
        Assert.That((planned.GetProperty("plan").GetProperty("to_write").GetInt32(), planned.GetProperty("plan").GetProperty("may_repeat").GetInt32()), Is.EqualTo((1, 0)));
        var told = await ApproveAsync(planned, "Completed");
        Assert.That(Counts(told), Is.EqualTo((1, 1, 0, 0)));
        Assert.That((told.GetProperty("run").GetProperty("verification").GetProperty("expected").GetInt32(), told.GetProperty("run").GetProperty("verification").GetProperty("found").GetInt32()), Is.EqualTo((1, 1)));
        await Poll.Until(() => Task.FromResult(Names().Length > 0), "Braze to show it");
        Assert.That(Names(), Is.EqualTo(new[] { "product_viewed_backfill" }));

        var again = await WaitAsync(await PostAsync("/v1/backfills", asked), "AwaitingApproval");
        Assert.That(again.GetProperty("plan").GetProperty("outcomes")[0].GetProperty("code").GetString(), Is.EqualTo("already_told"));
        Assert.That((await _http.PostAsJsonAsync("/v1/backfills", new { kind = "redeliver", destination = "hubspot", types = new[] { "product_viewed" } })).StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "no quiet name there");
        Assert.That((await _http.PostAsJsonAsync($"/v1/backfills/{IdOf(told)}/rollback", new { reason = "a wrong list" })).StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "events are never taken back");
    }

    /// <summary>Names of the events that Braze keeps.</summary>
    private string[] Names() => [.. _hub.Sandbox!["braze"].Vendor.Events().Select(happened => happened.Name)];

    private static async Task<long> ReceiptsAsync(HubDbContext db) => await db.Database.SqlQueryRaw<long>("SELECT count(*) AS \"Value\" FROM event_receipts").SingleAsync();

    private async Task<JsonElement> ApproveAsync(JsonElement planned, string end)
    {
        await PostAsync($"/v1/backfills/{IdOf(planned)}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        return await WaitAsync(planned, end);
    }

    private async Task<JsonElement> WaitAsync(JsonElement backfill, string state) =>
        await Poll.For(() => ShowAsync(IdOf(backfill)), shown => StateOf(shown) == state, $"the backfill to be {state}");

    private async Task<JsonElement> ShowAsync(Guid run) => await ReadAsync(await _http.GetAsync($"/v1/backfills/{run}"));

    private async Task<JsonElement> PostAsync(string path, object body) => await ReadAsync(await _http.PostAsJsonAsync(path, body));

    private async Task StateAsync(string type, string person, string payload)
    {
        var fact = $$"""
            { "event_id": "{{Guid.CreateVersion7()}}", "event_type": "{{type}}", "schema_version": 1, "occurred_at": "{{TimeProvider.System.GetUtcNow():O}}", "producer": "test",
              "tenant_id": "default", "subject": { "external_id": "{{person}}" }, "payload": {{payload}} }
            """;
        using var content = new StringContent(fact, Encoding.UTF8, "application/json");
        var answer = await ReadAsync(await _http.PostAsync("/v1/events", content));
        Assert.That(answer.GetProperty("accepted").GetInt32(), Is.EqualTo(1), answer.GetRawText());
    }

    private IProfileReading Braze => (IProfileReading)_hub.Web.Services.GetRequiredService<DestinationDirectory>().Find("braze")!.ConnectorFor(Lane.Urgent);

    private async Task<string?[]> NamesAsync()
    {
        string[] people = ["c-1", "c-2", "c-3", "c-4"];
        var profiles = (await Braze.ReadProfilesAsync(people, [Field], CancellationToken.None)).ToDictionary(profile => profile.Key);
        return [.. people.Select(person => profiles.TryGetValue(person, out var profile) ? JsonSerializer.Deserialize<string>(profile.Fields[Field]) : null)];
    }

    /// <summary>Somebody else writes at the vendor.</summary>
    private async Task OverwriteAsync(string person, string name)
    {
        var batch = new Batch { Operation = Operation.UpsertProfile, Items = [new BatchItem { RecordId = 1, Key = person, Fields = [new Field(Field, FieldValue.Of(name))] }] };
        await ((IConnector)Braze).DeliverAsync(batch, CancellationToken.None);
        await Poll.Until(async () => (await NamesAsync()).Contains(name), "Braze to show it");
    }

    private static (int Planned, int Delivered, int Unchanged, int Pending) Counts(JsonElement backfill)
    {
        var counts = backfill.GetProperty("run").GetProperty("counts");
        return (counts.GetProperty("planned").GetInt32(), counts.GetProperty("delivered").GetInt32(), counts.GetProperty("unchanged").GetInt32(), counts.GetProperty("pending").GetInt32());
    }

    private static Guid IdOf(JsonElement backfill) => backfill.GetProperty("run").GetProperty("run_id").GetGuid();

    private static string? StateOf(JsonElement backfill) => backfill.GetProperty("run").GetProperty("state").GetString();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
