using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Benchmarks.Quota;
using IntegrationHub.Contracts.Events;
using IntegrationHub.TestServers;
using Npgsql;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>
/// Changed attributes on their way to a vendor that is told live: from the moment that a producer publishes one to the answer of the vendor's call that holds
/// it, or a later one of the same person; alone, or beside runs that keep the same destination busy.
/// </summary>
internal sealed partial class LiveScenario(int perSecond, int seconds, int members, bool bulk)
{
    private const int WarmUpSeconds = 4;
    private const int TicksPerSecond = 50;
    private const string Vendor = "braze";

    // Of each person what was accepted, in order: the number of the change and when.
    private readonly ConcurrentDictionary<int, ConcurrentQueue<(int Change, DateTimeOffset At)>> _accepted = new();
    private readonly ConcurrentDictionary<string, bool> _calls = new();

    public static Task<JsonObject> RunAsync(ScenarioOptions options) => new LiveScenario(
        options.Number("facts-per-second", 1_000), options.Number("seconds", 30), options.Number("members", 20_000), options.Text("bulk", "off") == "on").MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var watched = await WatchedVendor.StartAsync(new Uri($"http://127.0.0.1:{sandbox.Port}"), "users/track", Accepted);
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
        settings["Hub__Destinations__braze__BaseUrl"] = $"{watched.Address}/braze";
        settings["Hub__Destinations__braze__Live"] = "on";
        settings["DOTNET_GCgen0size"] = "0x4000000"; // as the image sets it
        await using var hub = await HubProcess.ServeAsync(settings);
        ScenarioOptions.Progress("the members become known ...");
        await SyncRuns.SyncAsync(hub, database, await SyncRuns.LoadAsync(hub, "full", 0, members, 0), "full", Vendor);
        using var end = new CancellationTokenSource();
        var busy = bulk ? KeepBusyAsync(hub, database, end.Token) : Task.FromResult(0);
        ScenarioOptions.Progress("publishing ...");
        var published = await PublishAsync(broker.Uri);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await Poll.Until(async () => await CountAsync(source, "SELECT count(*) FROM facts WHERE producer = 'benchmark'") == published.Count, "every fact to be taken in");
        await Poll.Until(async () => await CountAsync(source, "SELECT count(*) FROM deliveries WHERE lane = 'live'") == 0, "nothing to be owed any more");
        await end.CancelAsync();
        var runs = await busy;
        List<double> taken = [.. published.Skip(WarmUpSeconds * perSecond).Select(Taken).OfType<double>().Order()];
        return new JsonObject
        {
            ["facts_per_second"] = perSecond,
            ["seconds"] = seconds,
            ["members"] = members,
            ["bulk_runs_beside_it"] = runs,
            ["changes_measured"] = taken.Count,
            ["changes_that_never_came"] = published.Count - WarmUpSeconds * perSecond - taken.Count,
            ["calls_with_changes"] = _calls.Count,
            ["published_to_taken_in_p50_ms"] = await CountAsync(source, "SELECT CAST(1000 * extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY received_at - occurred_at)) AS bigint) FROM facts WHERE producer = 'benchmark'"),
            ["p50_ms"] = Math.Round(taken[taken.Count / 2] * 1000),
            ["p99_ms"] = Math.Round(taken[(int)Math.Ceiling(taken.Count * 0.99) - 1] * 1000),
            ["max_ms"] = Math.Round(taken[^1] * 1000),
        };
    }

    private double? Taken((int Change, int Person, DateTimeOffset At) published) =>
        _accepted.TryGetValue(published.Person, out var accepted) && accepted.Where(call => call.Change >= published.Change).Select(call => call.At).DefaultIfEmpty().Min() is var at && at != default
            ? (at - published.At).TotalSeconds
            : null;

    private void Accepted(string body, DateTimeOffset at)
    {
        foreach (Match change in Change().Matches(body))
        {
            var number = int.Parse(change.Groups[1].Value, CultureInfo.InvariantCulture);
            _accepted.GetOrAdd(PersonOf(number), _ => new()).Enqueue((number, at));
            _calls.TryAdd(at.ToString("O", CultureInfo.InvariantCulture), true);
        }
    }

    private int PersonOf(int change) => (int)(change * 7919L % members);

    private async Task<List<(int Change, int Person, DateTimeOffset At)>> PublishAsync(Uri broker)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var properties = new BasicProperties { Persistent = true, ContentType = "application/json" };
        var published = new List<(int, int, DateTimeOffset)>(perSecond * (seconds + WarmUpSeconds));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / TicksPerSecond);
        var began = TimeProvider.System.GetTimestamp();
        while (published.Count < perSecond * (seconds + WarmUpSeconds) && await timer.WaitForNextTickAsync())
        {
            var due = Math.Min(perSecond * (seconds + WarmUpSeconds), (int)(TimeProvider.System.GetElapsedTime(began).TotalSeconds * perSecond));
            while (published.Count < due)
            {
                var change = published.Count + 1;
                var at = TimeProvider.System.GetUtcNow();
                published.Add((change, PersonOf(change), at));
                await channel.BasicPublishAsync("hub.events", ProfileUpdated.Type, false, properties, Fact(change, at));
            }
        }

        return published;
    }

    private byte[] Fact(int change, DateTimeOffset at) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"event_id":"{{Guid.CreateVersion7()}}","event_type":"profile_updated","schema_version":1,"occurred_at":"{{at:O}}","producer":"benchmark","subject":{"external_id":"c{{PersonOf(change)}}"},"payload":{"attributes":{"first_name":"Change{{change}}"} } }"""));

    /// <summary>Other people of the same audience and destination, again and again, until it is enough.</summary>
    private async Task<int> KeepBusyAsync(HubProcess hub, PostgresDatabase database, CancellationToken enough)
    {
        var runs = 0;
        while (!enough.IsCancellationRequested)
        {
            runs++;
            var started = await SyncRuns.StartAsync(hub, await SyncRuns.LoadAsync(hub, "delta", members, members, runs), "delta", Vendor);
            await SyncRuns.WaitUntilDeliveredAsync(database, started);
            await SyncRuns.CancelAsync(hub, database, started); // reading back is no load, and keeps the next run from starting
        }

        return runs;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    [GeneratedRegex("\"Change([0-9]+)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Change();
}
