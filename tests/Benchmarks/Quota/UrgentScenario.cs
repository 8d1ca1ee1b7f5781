using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;
using MassTransit;
using Npgsql;

namespace IntegrationHub.Benchmarks.Quota;

/// <summary>
/// Withdrawals while the bulk work of several hubs saturates HubSpot's quota: from the moment that the producer publishes the fact to the moment that the
/// vendor's confirmation is settled, and from the moment that the fact was accepted to the start of the last call that wrote the person.
/// </summary>
internal sealed class UrgentScenario(int members, int withdrawals, int hubs, string scale)
{
    // The first ones meet code that is not compiled yet; they are published before and not counted.
    private const int WarmUp = 10;
    private const string Vendor = "hubspot";

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new UrgentScenario(options.Number("members", 60_000), options.Number("withdrawals", 200), options.Number("hubs", 1), options.Text("scale", "1")).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync($"--quota-scale {scale}");
        await using var watched = await WatchedVendor.StartAsync(new Uri($"http://127.0.0.1:{sandbox.Port}"), "batch/upsert");
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: true);
        settings["Hub__Delivery__QuotaScale"] = scale;
        settings["Hub__Destinations__hubspot__BaseUrl"] = $"{watched.Address}/hubspot";
        await using var hub = await HubProcess.ServeAsync(settings);
        await using var others = new OtherHubs();
        for (var i = 1; i < hubs; i++)
        {
            await others.AddAsync(settings);
        }

        return await MeasureAsync(database, broker, hub, watched);
    }

    private async Task<JsonObject> MeasureAsync(PostgresDatabase database, RabbitMqVirtualHost broker, HubProcess hub, WatchedVendor watched)
    {
        var snapshotId = await SyncRuns.LoadAsync(hub, "full", 0, members, 0);
        await SyncRuns.StartAsync(hub, snapshotId, "full", Vendor);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await Poll.Until(async () => await CountAsync(source, "SELECT count(*) FROM destination_profiles") > members / 20, "bulk work to be under way");
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit => rabbit.Host(broker.Uri));
        await bus.StartAsync();
        var published = new Dictionary<string, DateTimeOffset>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var i = 0; i < WarmUp + withdrawals && await timer.WaitForNextTickAsync(); i++)
        {
            var person = $"c{i * (members / (WarmUp + withdrawals))}";
            published[person] = TimeProvider.System.GetUtcNow();
            await bus.Publish(Withdrawal(person, published[person]));
        }

        await bus.StopAsync();
        var stream = LiveStream.IdOf(Vendor);
        await Poll.Until(
            async () => await CountAsync(source, $"SELECT count(*) FROM outcomes WHERE run_id = '{stream}'") == published.Count, "every withdrawal to be settled");
        var first = published.Values.Order().ElementAt(WarmUp);
        var all = await SecondsAsync(source, stream, published);
        List<double> seconds = [.. all.Where(withdrawal => withdrawal.PublishedAt >= first).Select(withdrawal => withdrawal.Seconds).Order()];
        var pending = await CountAsync(source, "SELECT count(*) FROM deliveries");
        var late = all.Select(withdrawal => Math.Max(0, ((watched.LastCallFor(withdrawal.Person) ?? withdrawal.AcceptedAt) - withdrawal.AcceptedAt).TotalSeconds)).Order().ToList();
        return new JsonObject
        {
            ["members"] = members,
            ["hubs"] = hubs,
            ["quota_scale"] = scale,
            ["written_at_all"] = all.Count(withdrawal => watched.LastCallFor(withdrawal.Person) is not null),
            ["calls_begun_after_acceptance"] = late.Count(seconds => seconds > 0),
            ["accepted_to_last_call_p50_seconds"] = late[late.Count / 2],
            ["accepted_to_last_call_p99_seconds"] = late[(int)Math.Ceiling(late.Count * 0.99) - 1],
            ["accepted_to_last_call_max_seconds"] = late[^1],
            ["withdrawals"] = withdrawals,
            ["bulk_still_pending"] = pending,
            ["p50_seconds"] = seconds[seconds.Count / 2],
            ["max_seconds_until_taken_in"] = all.Max(withdrawal => withdrawal.UntilTakenIn),
            ["p99_seconds"] = seconds[(int)Math.Ceiling(seconds.Count * 0.99) - 1],
            ["max_seconds"] = seconds[^1],
            ["max_seconds_warming_up"] = all.Where(withdrawal => withdrawal.PublishedAt < first).Max(withdrawal => withdrawal.Seconds),
        };
    }

    private static ConsentUpdated Withdrawal(string person, DateTimeOffset at) => new()
    {
        EventId = NewId.NextGuid(),
        OccurredAt = at,
        Producer = "benchmark",
        Subject = new Subject { ExternalId = person },
        Payload = new ConsentDecision { Purpose = "email_marketing", Status = "denied", Source = "benchmark" },
    };

    private static async Task<List<(string Person, DateTimeOffset PublishedAt, DateTimeOffset AcceptedAt, double UntilTakenIn, double Seconds)>> SecondsAsync(NpgsqlDataSource source, Guid stream, Dictionary<string, DateTimeOffset> published)
    {
        await using var command = source.CreateCommand(
            """
            SELECT p.external_id, o.at, f.received_at
            FROM outcomes o JOIN profiles p USING (profile_id) JOIN facts f USING (profile_id)
            WHERE o.run_id = $1 AND f.producer = 'benchmark'
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = stream });
        await using var reader = await command.ExecuteReaderAsync();
        var seconds = new List<(string, DateTimeOffset, DateTimeOffset, double, double)>();
        while (await reader.ReadAsync())
        {
            var at = published[reader.GetString(0)];
            seconds.Add((reader.GetString(0), at, reader.GetFieldValue<DateTimeOffset>(2), (reader.GetFieldValue<DateTimeOffset>(2) - at).TotalSeconds, (reader.GetFieldValue<DateTimeOffset>(1) - at).TotalSeconds));
        }

        return seconds;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Hubs beside the one that is asked.</summary>
    private sealed class OtherHubs : IAsyncDisposable
    {
        private readonly List<HubProcess> _hubs = [];

        public async Task AddAsync(IReadOnlyDictionary<string, string> settings) => _hubs.Add(await HubProcess.ServeAsync(settings));

        public async ValueTask DisposeAsync()
        {
            foreach (var hub in _hubs)
            {
                await hub.DisposeAsync();
            }
        }
    }
}
