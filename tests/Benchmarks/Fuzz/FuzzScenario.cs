using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntegrationHub.TestServers;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Fuzz;

/// <summary>
/// Malformed bodies and signatures by the thousand over HTTP and AMQP, at one production hub: it never answers 5xx, it lives, and it counts each. Ends with an exception
/// where that does not hold.
/// </summary>
internal sealed partial class FuzzScenario(int count, int callers)
{
    private const int InFlight = 1_000;

    /// <summary>Each table of headers by chance has a connection of its own.</summary>
    private const int MessagesPerTable = 100;
    private const int LeastTables = 50;

    /// <summary>Bytes that a frame of the broker's largest size leaves to headers.</summary>
    private const int LargestHeaders = 131_000;

    public static Task<JsonObject> RunAsync(ScenarioOptions options) => new FuzzScenario(options.Number("count", 100_000), options.Number("callers", 8)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        var config = Directory.CreateTempSubdirectory("hub-fuzz-");
        await ConfigureAsync(config.FullName);
        await using var hub = await HubProcess.ServeAsync(new Dictionary<string, string>
        {
            ["Hub__Bus"] = "RabbitMq",
            ["Hub__Database"] = "Postgres",
            ["Hub__ConnectionString"] = database.ConnectionString,
            ["Hub__RabbitMq"] = broker.Uri.ToString(),
            ["Hub__ConfigPath"] = config.FullName,
            ["Hub__LogLevel"] = "Error",
        });
        ScenarioOptions.Progress("over HTTP ...");
        var watch = Stopwatch.StartNew();
        var statuses = await OverHttpAsync(hub);
        var http = count / watch.Elapsed.TotalSeconds;
        ScenarioOptions.Progress("receipts become facts ...");
        await WaitAsync(async () => await CountedAsync(hub, "hub_webhook_calls") > 0 && await OpenReceiptsAsync(database) == 0);
        var kept = await CountedAsync(hub, "hub_webhook_calls");

        ScenarioOptions.Progress("over AMQP ...");
        var before = await CountedAsync(hub, "hub_events");
        watch.Restart();
        foreach (var headers in new[] { BareAmqp.ImpossibleDecimal, BareAmqp.ListsInLists(LargestHeaders) })
        {
            await BareAmqp.PublishAsync(broker.Uri, "hub.events", "fuzz", headers, SpoiledCalls.Message(3)); // a connection that is lost over it, or a process, takes in nothing of what follows
        }

        var passed = 0;
        for (var number = 0; number < Math.Max(count / MessagesPerTable, LeastTables); number++)
        {
            passed += await BareAmqp.PublishAsync(broker.Uri, "hub.events", "fuzz", SpoiledCalls.Headers(number), SpoiledCalls.Message(3)) ? 1 : 0;
        }

        await OverAmqpAsync(broker.Uri);
        await WaitAsync(async () => await WaitingAsync(broker.Uri, "hub-intake") == 0 && await CountedAsync(hub, "hub_events") - before >= count); // each at least once
        var counted = await CountedAsync(hub, "hub_events") - before;
        var amqp = count / watch.Elapsed.TotalSeconds;
        config.Delete(recursive: true);
        var (worst, faults) = (statuses.Keys.Max(), await FaultsAsync(broker.Uri));
        return worst < 500 && faults == 0
            ? new JsonObject
            {
                ["calls_over_http"] = count,
                ["http_calls_per_s"] = Math.Round(http),
                ["answers"] = string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => string.Create(CultureInfo.InvariantCulture, $"{status.Key}: {status.Value}"))),
                ["worst_status"] = worst,
                ["webhook_calls_counted"] = kept,
                ["messages_over_amqp"] = count,
                ["amqp_messages_with_headers_by_chance_that_the_broker_passed_on"] = passed,
                ["amqp_messages_per_s"] = Math.Round(amqp),
                ["amqp_results_counted_with_denials_that_were_heeded"] = counted,
                ["amqp_messages_in_error_queues"] = faults,
                ["log_lines_of_errors"] = hub.Log.Count(line => line.Contains("[ERR]", StringComparison.Ordinal)),
            }
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The worst answer was {worst}; {faults} messages are in error queues."));
    }

    private static async Task ConfigureAsync(string folder)
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "Samples", "config");
        foreach (var file in Directory.EnumerateFiles(samples, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(samples, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var sources = Directory.CreateDirectory(Path.Combine(folder, "sources")).FullName;
        await File.WriteAllTextAsync(Path.Combine(sources, "secret"), SpoiledCalls.Secret);
        await File.WriteAllTextAsync(Path.Combine(sources, "web.yaml"), "dialect: segment\nsignature: { scheme: segment, secret: { file: sources/secret } }\nconsent: { categories: { marketing: email_marketing }, authority: gate }\n");
        await File.WriteAllTextAsync(Path.Combine(sources, "shop.yaml"), "dialect: json\nsignature: { scheme: bearer, secret: { file: sources/secret } }\nfacts:\n  - event_type: profile_updated\n    occurred_at: /at\n    event_id: /id\n    subject: { external_id: /person }\n    attributes: { first_name: /name }\n");
        await File.WriteAllTextAsync(Path.Combine(sources, "census.yaml"), "dialect: census\nsignature: { scheme: bearer, secret: { file: sources/secret } }\n");
    }

    /// <summary>How many answers had each status.</summary>
    private async Task<Dictionary<int, int>> OverHttpAsync(HubProcess hub)
    {
        var statuses = new Dictionary<int, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = callers }, async (number, cancellationToken) =>
        {
            using var request = SpoiledCalls.Http(number);
            using var response = await hub.Http.SendAsync(request, cancellationToken);
            lock (statuses)
            {
                statuses[(int)response.StatusCode] = statuses.GetValueOrDefault((int)response.StatusCode) + 1;
            }
        });
        return statuses;
    }

    private async Task OverAmqpAsync(Uri broker)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        using var limiter = new System.Threading.RateLimiting.ConcurrencyLimiter(new() { PermitLimit = InFlight, QueueLimit = int.MaxValue });
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true, limiter));
        foreach (var batch in Enumerable.Range(0, count).Chunk(InFlight))
        {
            await Task.WhenAll(batch.Select(number => channel.BasicPublishAsync("hub.events", "fuzz", false, SpoiledCalls.Properties(number), SpoiledCalls.Message(number)).AsTask()));
        }
    }

    private static async Task<long> FaultsAsync(Uri broker) => await WaitingAsync(broker, "hub-intake_error") + await WaitingAsync(broker, "hub-intake_skipped") + await WaitingAsync(broker, "hub-consents_error");

    /// <summary>Messages in a queue; none where there is no such queue.</summary>
    private static async Task<long> WaitingAsync(Uri broker, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }

    /// <summary>What the hub's own metric counts, over all results.</summary>
    private static async Task<long> CountedAsync(HubProcess hub, string metric)
    {
        var text = await hub.Http.GetStringAsync("/metrics");
        return Sample().Matches(text).Where(sample => sample.Groups[1].Value.StartsWith(metric, StringComparison.Ordinal)).Sum(sample => (long)double.Parse(sample.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    private static async Task<long> OpenReceiptsAsync(PostgresDatabase database)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(database.ConnectionString);
        await using var open = source.CreateCommand("SELECT count(*) FROM webhook_receipts WHERE state = 'waiting'");
        return (long)(await open.ExecuteScalarAsync())!;
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync();
        }
    }

    [GeneratedRegex(@"^(hub_\w+_total)\{[^}]*\} (\S+)", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
