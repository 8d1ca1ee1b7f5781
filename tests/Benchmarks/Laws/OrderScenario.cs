using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Laws;

/// <summary>
/// Facts arrive out of order and twice, over both doors, at several hubs that are killed at random. In the end people, consents, members and what every destination holds are
/// those of the model.
/// </summary>
internal sealed class OrderScenario(int facts, int people, int hubs)
{
    private const int AtOnce = 200;
    private const int Kills = 6;
    private static readonly string[] _vendors = ["braze", "hubspot", "marketo"];
    private readonly Random _random = new(4);
    private int _stated;

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new OrderScenario(options.Number("facts", 100_000), options.Number("people", 1_000), options.Number("hubs", 3)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
        settings["Hub__LogLevel"] = "Error";
        settings["Hub__Delivery__LeaseLength"] = "00:00:10"; // the work of who was killed is taken up soon
        List<HubProcess> all = [await HubProcess.ServeAsync(settings)];
        try
        {
            while (all.Count < hubs)
            {
                all.Add(await HubProcess.ServeAsync(settings));
            }

            return await MeasureAsync(database, broker, sandbox, all);
        }
        finally
        {
            foreach (var hub in all)
            {
                await hub.DisposeAsync();
            }
        }
    }

    private async Task<JsonObject> MeasureAsync(PostgresDatabase database, RabbitMqVirtualHost broker, HubProcess sandbox, List<HubProcess> all)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        ScenarioOptions.Progress("everybody becomes known ...");
        await SyncRuns.SyncAsync(all[0], database, await SyncRuns.LoadAsync(all[0], "full", 0, people, 0), "full");
        var load = new ShuffledLoad(facts, people, TimeProvider.System.GetUtcNow());
        ScenarioOptions.Progress($"{load.Arrivals.Count} arrivals, and kills ...");
        var watch = Stopwatch.StartNew();
        var killing = KillAsync(all, load.Arrivals.Count);
        await StateAsync(broker, all, load);
        await Poll.Until(async () => await CountAsync(source, $"SELECT count(*) FROM facts WHERE producer = '{ShuffledLoad.Producer}'") >= facts, "every fact to be taken in");
        await killing;
        var seconds = watch.Elapsed.TotalSeconds;
        ScenarioOptions.Progress("comparing ...");
        await Poll.Until(async () => await WaitingAsync(broker) == 0, "the queues to be empty");
        await Poll.Until(async () => await CountAsync(source, "SELECT count(*) FROM deliveries") == 0, "everything to be told");
        var wrong = new JsonObject
        {
            ["facts"] = await CountAsync(source, $"SELECT count(*) FROM facts WHERE producer = '{ShuffledLoad.Producer}'") - facts,
            ["quarantined"] = await CountAsync(source, "SELECT count(*) FROM quarantined_facts"),
            ["people"] = await CountAsync(source, "SELECT count(*) FROM profiles") - people,
            ["attributes"] = await WrongAttributesAsync(source, load),
            ["consents"] = await WrongAsync(source, "SELECT subject_key, status FROM consents WHERE purpose = 'email_marketing'", load.Consents.ToDictionary(consent => $"id:{consent.Key}", consent => consent.Value)),
            ["members"] = await WrongAsync(
                source, "SELECT p.external_id, m.is_member::text FROM memberships m JOIN profiles p USING (profile_id) WHERE m.audience = 'customers'",
                load.Members.ToDictionary(member => member.Key, member => member.Value ? "true" : "false")),
        };
        var (status, body) = await all[0].PostAsync("/v1/audience-syncs", new { audience = "customers", mode = "delta" });
        await SyncRuns.WaitAsync(database, (int)status == 202 ? [.. body.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())] : throw new InvalidOperationException(body.ToString()));
        foreach (var vendor in _vendors)
        {
            wrong[$"at_{vendor}"] = await WrongAtAsync(sandbox, vendor, load);
        }

        var result = new JsonObject { ["facts"] = facts, ["arrivals"] = load.Arrivals.Count, ["people"] = people, ["hubs"] = hubs, ["kills"] = Kills, ["seconds"] = Math.Round(seconds, 1), ["wrong"] = wrong };
        return wrong.All(kind => (long)kind.Value! == 0) ? result : throw new InvalidOperationException($"Not what the model says: {result.ToJsonString()}");
    }

    private async Task StateAsync(RabbitMqVirtualHost broker, List<HubProcess> all, ShuffledLoad load)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        foreach (var (chunk, i) in load.Arrivals.Chunk(AtOnce).Select((chunk, i) => (chunk, i)))
        {
            if (i % 2 == 0)
            {
                await Task.WhenAll(chunk.Select(fact => channel.BasicPublishAsync("hub.events", fact.Type, false, new BasicProperties { Persistent = true }, fact.Body).AsTask()));
            }
            else
            {
                await PostAsync(all, chunk);
            }

            Interlocked.Add(ref _stated, chunk.Length);
        }
    }

    /// <summary>Asks one hub after the other until one answers: what a hub took in before it died comes again.</summary>
    private static async Task PostAsync(List<HubProcess> all, (string Type, byte[] Body)[] facts)
    {
        var lines = facts.SelectMany(fact => fact.Body.Append((byte)'\n')).ToArray();
        await Poll.Until(async () =>
        {
            try
            {
                using var content = new ByteArrayContent(lines) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") } };
                using var answer = await all[Random.Shared.Next(all.Count)].Http.PostAsync("/v1/events", content);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "a hub to take facts in");
    }

    /// <summary>Kills a hub whenever another one of some seeded numbers of arrivals was stated, and starts it again.</summary>
    private async Task KillAsync(List<HubProcess> all, int arrivals)
    {
        foreach (var stated in Enumerable.Range(0, Kills).Select(_ => _random.Next(arrivals)).Order())
        {
            await Poll.Until(() => Volatile.Read(ref _stated) > stated, "the moment of a kill");
            var hub = all[_random.Next(all.Count)];
            await hub.KillAsync();
            await hub.StartAsync();
        }
    }

    private static async Task<long> WaitingAsync(RabbitMqVirtualHost broker) => JsonNode.Parse(await broker.Management.GetStringAsync($"api/queues/{broker.Name}"))!.AsArray()
        .Where(queue => (string?)queue!["name"] is "hub-intake" or "hub-consents").Sum(queue => (long?)queue!["messages"] ?? 1);

    private static async Task<long> WrongAttributesAsync(NpgsqlDataSource source, ShuffledLoad load)
    {
        var held = new Dictionary<(string, string), string?>();
        await foreach (var (person, json) in ReadAsync(source, "SELECT external_id, attributes FROM profiles"))
        {
            using var attributes = JsonDocument.Parse(json);
            foreach (var attribute in attributes.RootElement.EnumerateObject())
            {
                held[(person, attribute.Name)] = attribute.Value.ToString();
            }
        }

        return load.Attributes.Count(attribute => held.GetValueOrDefault(attribute.Key) != attribute.Value);
    }

    private static async Task<long> WrongAsync(NpgsqlDataSource source, string sql, Dictionary<string, string> expected)
    {
        var held = new Dictionary<string, string>();
        await foreach (var (key, value) in ReadAsync(source, sql))
        {
            held[key] = value;
        }

        return expected.Count(one => held.GetValueOrDefault(one.Key) != one.Value);
    }

    /// <summary>People whom the vendor holds otherwise than the model says: a member, what is known of a member, and who wants nothing.</summary>
    private static async Task<long> WrongAtAsync(HubProcess sandbox, string vendor, ShuffledLoad load)
    {
        await Poll.Until(async () => (await sandbox.GetAsync($"/{vendor}/_sandbox/stats")).GetProperty("settled").GetBoolean(), $"{vendor} to show what it took");
        var (key, education) = vendor switch { "braze" => ("external_id", "education"), "hubspot" => ("hub_external_id", "education"), _ => ("hubExternalId", "educationLevel") };
        var held = (await sandbox.Http.GetStringAsync($"/{vendor}/_sandbox/state")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToLookup(person => (person.GetProperty("keys").TryGetProperty(key, out var own) ? own : person.GetProperty("fields").GetProperty(key)).GetString()!);
        return load.People.Count(person => held[person].ToList() is not [var one] || !IsRight(one, person));

        bool IsRight(JsonElement one, string person)
        {
            var isDenied = load.Consents.GetValueOrDefault(person) == "denied";
            var shallBeMember = load.Members.GetValueOrDefault(person, true) && !isDenied;
            var isMember = one.GetProperty("memberships").EnumerateArray().Any(membership => vendor != "braze" || membership.GetString() == "audience_customers");
            var isOut = one.GetProperty("consent").EnumerateObject().Select(state => $"{state.Name}={state.Value}")
                .Any(state => state is "email_subscribe=unsubscribed" or "unsubscribed=true" || state.EndsWith("=UNSUBSCRIBED", StringComparison.Ordinal));
            return isMember == shallBeMember && (isOut || !isDenied) && (!isMember || (Holds(one, person, "occupation", "occupation") && Holds(one, person, "education", education)));
        }

        bool Holds(JsonElement one, string person, string attribute, string field) =>
            !load.Attributes.TryGetValue((person, attribute), out var value) || (one.GetProperty("fields").TryGetProperty(field, out var held) && held.GetString() == value);
    }

    private static async IAsyncEnumerable<(string Key, string Value)> ReadAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            yield return (reader.GetString(0), reader.GetString(1));
        }
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
