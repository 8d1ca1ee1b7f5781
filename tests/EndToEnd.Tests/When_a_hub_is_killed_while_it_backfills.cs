using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>
/// A backfill of two destinations, killed (SIGKILL) while it writes, and its rollback, killed as well: nobody is written again beyond the batches that were under way, and everybody whom nobody else touched is as before.
/// The benchmark <c>backfill</c> does the same at a large number of people.
/// </summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_hub_is_killed_while_it_backfills
{
    private const int People = 400;
    private const int TouchedByOthers = 6;

    /// <summary>Braze takes 75 people in a call and HubSpot 100; four partitions are worked on at a time.</summary>
    private const int UnderWay = 4 * (75 + 100);
    private const string Slow = """{"kind":"slow","delay_ms":120}""";
    private static readonly string[] _destinations = ["braze", "hubspot"];
    private static readonly string[] _writes = ["users/track", "crm/v3/objects/contacts/batch/update", "crm/v3/objects/contacts/batch/upsert"];
    private readonly World _world = new(People);
    private PostgresDatabase _database = null!;
    private RabbitMqVirtualHost _broker = null!;
    private HubProcess _sandbox = null!;
    private HubProcess _hub = null!;

    [OneTimeSetUp]
    public async Task Make_everybody_known()
    {
        _sandbox = await HubProcess.SandboxAsync();
        _database = await PostgresDatabase.CreateAsync();
        _broker = await RabbitMqVirtualHost.CreateAsync();
        var settings = Settings.AtSandbox(_sandbox).Production(_database.ConnectionString, _broker.Uri);
        _hub = await HubProcess.ServeAsync(settings);
        await Job.FinishAsync(_hub, await Job.StartAsync(_hub, await Job.LoadSnapshotAsync(_hub, _world.Csv()), "full", _destinations));
        await StoredFacts.AppendAsync(settings, [.. Enumerable.Range(0, People).Select(person => Renamed(World.ExternalId(person), DateTimeOffset.UtcNow))]);
        foreach (var vendor in _destinations)
        {
            using var body = new StringContent(Slow, Encoding.UTF8, "application/json");
            (await _sandbox.Http.PostAsync($"/{vendor}/_sandbox/faults", body)).EnsureSuccessStatusCode();
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _hub.DisposeAsync();
        await _sandbox.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task Should_write_nobody_twice_and_take_back_what_nobody_else_touched()
    {
        var random = new Random(20_261_127);
        var before = await StatesAsync();
        var sent = await SentAsync();
        var plan = new { destinations = _destinations, audience = "customers", attributes = new[] { "first_name" } };
        var (id, writes) = await RunAsync("/v1/backfills", plan, random);
        var after = await StatesAsync();
        Assert.That(after, Has.All.Matches<KeyValuePair<(string Vendor, string Person), string>>(state => state.Value == $"Kim {state.Key.Person}"));
        Assert.That(await SentAsync() - sent, Is.InRange(writes, writes + UnderWay), "written again");
        Assert.That(await ImagesAsync(), Is.EqualTo(writes), "what was there of everybody who was written");

        var touched = before.Keys.Where(state => state.Vendor == "braze").Order().Take(TouchedByOthers).ToList();
        await TouchAsync(touched.ConvertAll(state => state.Person));
        var (back, restored) = await RunAsync($"/v1/backfills/{id}/rollback", new { reason = "a wrong list" }, random);
        Assert.That(restored, Is.EqualTo(writes - TouchedByOthers));
        foreach (var state in touched)
        {
            before[state] = "Somebody else";
        }

        Assert.That(await StatesAsync(), Is.EquivalentTo(before));
        var reasons = (await _hub.GetAsync($"/v1/backfills/{back}")).GetProperty("runs").EnumerateArray().SelectMany(run => run.GetProperty("run").GetProperty("reasons").EnumerateArray());
        Assert.That(reasons.Single(reason => reason.GetProperty("code").GetString() == "changed_since").GetProperty("count").GetInt32(), Is.EqualTo(TouchedByOthers));
    }

    /// <summary>Plans, lets pass, kills once in the middle, and waits for the end.</summary>
    /// <returns>The id of the backfill, and how many records it wrote.</returns>
    private async Task<(Guid Id, long Written)> RunAsync(string path, object body, Random random)
    {
        var (status, planned) = await _hub.PostAsync(path, body);
        Assert.That((int)status, Is.EqualTo(202), planned.ToString());
        var id = planned.GetProperty("group_id").GetGuid();
        planned = await Poll.For(() => _hub.GetAsync($"/v1/backfills/{id}"), shown => shown.GetProperty("plan_hash").ValueKind == JsonValueKind.String, "the plans to stand");
        (status, var approved) = await _hub.PostAsync($"/v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        Assert.That((int)status, Is.EqualTo(202), approved.ToString());
        var instant = 1 + random.Next(People);
        await Poll.Until(async () => Sum(await _hub.GetAsync($"/v1/backfills/{id}"), "delivered") >= instant, "the instant of the kill");
        await _hub.KillAsync();
        await _hub.StartAsync();
        var ended = await Poll.For(() => _hub.GetAsync($"/v1/backfills/{id}"), shown => Runs(shown).All(run => run.GetProperty("finished_at").ValueKind == JsonValueKind.String), "the backfills to end");
        Assert.That(Runs(ended).Select(run => run.GetProperty("state").GetString()), Is.All.EqualTo(path.EndsWith("rollback", StringComparison.Ordinal) ? "Completed" : "CompletedWithIssues"), ended.ToString());
        Assert.That(Runs(ended).SelectMany(run => run.GetProperty("reasons").EnumerateArray()).Select(reason => reason.GetProperty("code").GetString()).Distinct(), Is.SubsetOf(new[] { "date_malformed", "changed_since" }), "some are broken in this world");
        Assert.That(Runs(ended).Select(run => run.GetProperty("verification").GetProperty("missing").GetInt32()), Is.All.Zero);

        // Of whom the call was on its way at the kill it shows afterwards that they are as wanted: unchanged then, and written all the same.
        return (id, Runs(ended).Sum(run => run.GetProperty("verification").GetProperty("expected").GetInt64()));
    }

    private static IEnumerable<JsonElement> Runs(JsonElement backfill) => backfill.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run"));

    private static long Sum(JsonElement backfill, string outcome) => Runs(backfill).Sum(run => run.GetProperty("counts").GetProperty(outcome).GetInt64());

    private static LedgerFact Renamed(string externalId, DateTimeOffset at) => new()
    {
        EventId = Guid.CreateVersion7(at),
        EventType = "profile_updated",
        OccurredAt = at,
        Producer = "test",
        ExternalId = externalId,
        AttributesJson = $$"""{ "first_name": "Kim {{externalId}}" }""",
        BodyJson = "{}",
    };

    /// <summary>First names by vendor and person, of everybody whom the vendor knows.</summary>
    private async Task<Dictionary<(string Vendor, string Person), string>> StatesAsync()
    {
        var states = new Dictionary<(string, string), string>();
        foreach (var vendor in _destinations)
        {
            await Happenings.SettleAsync(_sandbox.Http, vendor);
            foreach (var line in (await _sandbox.Http.GetStringAsync($"/{vendor}/_sandbox/state")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var person = JsonDocument.Parse(line).RootElement;
                var (fields, keys) = (person.GetProperty("fields"), person.GetProperty("keys"));
                var key = vendor == "braze" ? keys.GetProperty("external_id") : keys.TryGetProperty("hub_external_id", out var known) ? known : fields.GetProperty("hub_external_id");
                states[(vendor, key.GetString()!)] = fields.GetProperty(vendor == "braze" ? "first_name" : "firstname").GetString()!;
            }
        }

        return states;
    }

    /// <summary>People in all calls that write, so far.</summary>
    private async Task<long> SentAsync()
    {
        var sent = 0L;
        foreach (var vendor in _destinations)
        {
            var endpoints = JsonDocument.Parse(await _sandbox.Http.GetStringAsync($"/{vendor}/_sandbox/stats")).RootElement.GetProperty("endpoints");
            sent += endpoints.EnumerateObject().Where(endpoint => _writes.Contains(endpoint.Name)).Sum(endpoint => endpoint.Value.GetProperty("records").GetInt64());
        }

        return sent;
    }

    private async Task<long> ImagesAsync()
    {
        await using var source = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = source.CreateCommand("SELECT count(*) FROM before_images WHERE fields <> '{}' AND after_hash <> '{}'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Somebody else writes at Braze.</summary>
    private async Task TouchAsync(List<string> people)
    {
        using var vendor = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_sandbox.Port}/braze/")) };
        vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sandbox-braze-api-key");
        using var answer = await vendor.PostAsJsonAsync("users/track", new { attributes = people.Select(person => new { external_id = person, first_name = "Somebody else" }) });
        answer.EnsureSuccessStatusCode();
        await Happenings.SettleAsync(_sandbox.Http, "braze");
    }
}
