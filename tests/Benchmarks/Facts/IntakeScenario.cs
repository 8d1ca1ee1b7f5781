using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>Facts per second that one hub takes in and commits in production mode, over AMQP and over HTTP, beside what broker and database give without a hub.</summary>
internal sealed class IntakeScenario(int facts, int people, int callers)
{
    private const int FactsPerCall = 100;
    private const string LastPosition = "SELECT coalesce(max(position), 0) FROM fact_ids";

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new IntakeScenario(options.Number("facts", 60_000), options.Number("people", 10_000), options.Number("callers", 4)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        ScenarioOptions.Progress("raw broker and database ...");
        var rawBroker = await IntakeCeilings.BrokerAsync(broker.Uri, facts, people);
        var rawDatabase = await IntakeCeilings.DatabaseAsync(database.ConnectionString, facts, people);
        await using var hub = await HubProcess.ServeAsync(new Dictionary<string, string>
        {
            ["Hub__Bus"] = "RabbitMq",
            ["Hub__Database"] = "Postgres",
            ["Hub__ConnectionString"] = database.ConnectionString,
            ["Hub__RabbitMq"] = broker.Uri.ToString(),
            ["Hub__LogLevel"] = "Warning",
            ["DOTNET_GCgen0size"] = "0x4000000", // as the image sets it
        });
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        ScenarioOptions.Progress("warming up ...");
        await OverHttpAsync(hub, source, facts / 3);
        await OverAmqpAsync(broker, source, facts / 3);
        var processor = new ProcessorTime(hub.Id, source);
        ScenarioOptions.Progress("over AMQP ...");
        var begin = await processor.ReadAsync();
        var amqp = await OverAmqpAsync(broker, source, facts);
        var between = await processor.ReadAsync();
        ScenarioOptions.Progress("what stands in the queue ...");
        var backlog = await FromTheQueueAsync(hub, broker, source, facts);
        var before = await processor.ReadAsync();
        ScenarioOptions.Progress("over HTTP ...");
        var http = await OverHttpAsync(hub, source, facts);
        var end = await processor.ReadAsync();
        return new JsonObject
        {
            ["facts"] = facts,
            ["people"] = people,
            ["amqp_facts_per_s"] = Math.Round(amqp),
            ["amqp_backlog_facts_per_s"] = Math.Round(backlog),
            ["amqp_of_raw_broker"] = Math.Round(amqp / rawBroker, 3),
            ["amqp_of_raw_database"] = Math.Round(amqp / rawDatabase, 3),
            ["http_facts_per_s"] = Math.Round(http),
            ["http_of_raw_database"] = Math.Round(http / rawDatabase, 3),
            ["raw_broker_published_and_consumed_per_s"] = Math.Round(rawBroker),
            ["raw_database_copied_per_s"] = Math.Round(rawDatabase),
            ["amqp_hub_us_per_fact"] = Math.Round((between.Hub - begin.Hub) * 1e6 / facts, 1),
            ["amqp_database_us_per_fact"] = Math.Round((between.Database - begin.Database) * 1e6 / facts, 1),
            ["http_hub_us_per_fact"] = Math.Round((end.Hub - before.Hub) * 1e6 / facts, 1),
            ["http_database_us_per_fact"] = Math.Round((end.Database - before.Database) * 1e6 / facts, 1),
            ["hub_peak_memory_mb"] = PeakMegabytes(hub.Id),
            ["quarantined"] = await CountAsync(source, "SELECT count(*) FROM quarantined_facts"),
        };
    }

    /// <summary>What was published while the hub stood still, from its going on to the last that is committed: no producer takes of the machine meanwhile.</summary>
    private async Task<double> FromTheQueueAsync(HubProcess hub, RabbitMqVirtualHost broker, NpgsqlDataSource source, int number)
    {
        var wanted = await WantedAsync(source, number);
        hub.StandStill();
        await FactPublisher.PublishAsync(broker.Uri, "hub.events", number, people, type => type);
        hub.GoOn();
        var watch = Stopwatch.StartNew();
        await UntilKnownAsync(source, wanted);
        return number / watch.Elapsed.TotalSeconds;
    }

    /// <summary>From the first that is published to the last that is committed, both at once.</summary>
    private async Task<double> OverAmqpAsync(RabbitMqVirtualHost broker, NpgsqlDataSource source, int number)
    {
        var wanted = await WantedAsync(source, number);
        var watch = Stopwatch.StartNew();
        await FactPublisher.PublishAsync(broker.Uri, "hub.events", number, people, type => type);
        ScenarioOptions.Progress(string.Create(CultureInfo.InvariantCulture, $"  published after {watch.Elapsed.TotalSeconds:0.0} s"));
        await UntilKnownAsync(source, wanted);
        return number / watch.Elapsed.TotalSeconds;
    }

    private static async Task<(long Position, long Facts)> WantedAsync(NpgsqlDataSource source, int number) =>
        (await CountAsync(source, LastPosition) + number, await CountAsync(source, "SELECT count(*) FROM fact_ids") + number);

    /// <summary>Every fact takes a position, and a repeat takes one for nothing: as long as too few are taken nobody has to count, which costs as much as some thousand facts a second.</summary>
    private static async Task UntilKnownAsync(NpgsqlDataSource source, (long Position, long Facts) wanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await CountAsync(source, LastPosition) < wanted.Position || await CountAsync(source, "SELECT count(*) FROM fact_ids") < wanted.Facts)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Calls of a hundred facts each, so many at a time; each is answered after its commit.</summary>
    private async Task<double> OverHttpAsync(HubProcess hub, NpgsqlDataSource source, int number)
    {
        var wanted = await CountAsync(source, "SELECT count(*) FROM fact_ids") + number / FactsPerCall * FactsPerCall;
        var next = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var call = Interlocked.Increment(ref next) - 1; call < number / FactsPerCall; call = Interlocked.Increment(ref next) - 1)
            {
                using var body = new MemoryStream();
                for (var i = 0; i < FactsPerCall; i++)
                {
                    body.Write(FactLoad.Next(call * FactsPerCall + i, people).Body);
                    body.WriteByte((byte)'\n');
                }

                using var content = new ByteArrayContent(body.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") } };
                using var answer = await hub.Http.PostAsync("/v1/events", content);
                answer.EnsureSuccessStatusCode();
            }
        })));
        var elapsed = watch.Elapsed.TotalSeconds;
        var found = await CountAsync(source, "SELECT count(*) FROM fact_ids");
        return found == wanted ? number / elapsed : throw new InvalidOperationException($"{found} facts are known where {wanted} were answered for.");
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static double PeakMegabytes(int process) => File.ReadLines($"/proc/{process}/status")
        .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => Math.Round(double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024))
        .Single();
}
