using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;
using MassTransit;
using Npgsql;

namespace IntegrationHub.Benchmarks.Quota;

/// <summary>
/// Withdrawals while bulk work saturates HubSpot's quota (Professional, unscaled): from the moment that the producer publishes the fact to the moment that the
/// vendor's confirmation is settled.
/// </summary>
internal sealed class UrgentScenario(int members, int withdrawals)
{
    // The first ones meet code that is not compiled yet; they are published before and not counted.
    private const int WarmUp = 10;
    private const string Vendor = "hubspot";

    public static Task<JsonObject> RunAsync(ScenarioOptions options) =>
        new UrgentScenario(options.Number("members", 60_000), options.Number("withdrawals", 200)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync("");
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: true));
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
        return new JsonObject
        {
            ["members"] = members,
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

    private static async Task<List<(DateTimeOffset PublishedAt, double UntilTakenIn, double Seconds)>> SecondsAsync(NpgsqlDataSource source, Guid stream, Dictionary<string, DateTimeOffset> published)
    {
        await using var command = source.CreateCommand(
            """
            SELECT p.external_id, o.at, f.received_at
            FROM outcomes o JOIN profiles p USING (profile_id) JOIN facts f USING (profile_id)
            WHERE o.run_id = $1 AND f.producer = 'benchmark'
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = stream });
        await using var reader = await command.ExecuteReaderAsync();
        var seconds = new List<(DateTimeOffset, double, double)>();
        while (await reader.ReadAsync())
        {
            var at = published[reader.GetString(0)];
            seconds.Add((at, (reader.GetFieldValue<DateTimeOffset>(2) - at).TotalSeconds, (reader.GetFieldValue<DateTimeOffset>(1) - at).TotalSeconds));
        }

        return seconds;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
