using System.Diagnostics;
using System.Text.Json.Nodes;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>What the log costs when it is long, beside what it cost when it held a hundredth: a partition made and dropped, a claim of events, a part read by position, a batch appended.</summary>
internal sealed class LogScenario(int facts)
{
    private const int Weeks = 57; // of 400 days
    private const int People = 1_000;
    private const int Claimed = 1_000;
    private const int Appended = 500;
    private const string Destination = "benchmark";
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public static Task<JsonObject> RunAsync(ScenarioOptions options) => new LogScenario(options.Number("facts", 1_000_000)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var services = new ServiceCollection();
        services.AddHubStorage(new StorageOptions { Database = StorageDatabase.Postgres, ConnectionString = database.ConnectionString });
        await using var hub = services.BuildServiceProvider();
        await WithAsync(hub, db => HubDatabase.MigrateAsync(db, CancellationToken.None));
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await PrepareAsync(source);
        await FillAsync(source, facts / 100, firstWeek: 0);
        await MeasureAsync(hub, source, week: 0); // compiles and prepares
        var few = await MeasureAsync(hub, source, week: 1);
        await FillAsync(source, facts - facts / 100, firstWeek: 2); // those before are dropped
        var many = await MeasureAsync(hub, source, week: 2);
        var result = new JsonObject { ["facts"] = facts, ["partitions_of_facts"] = await CountAsync(source, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'facts_standard'::regclass") };
        foreach (var (name, microseconds) in many)
        {
            result[name] = Math.Round(microseconds, 1);
            result[$"{name}_beside_a_hundredth"] = Math.Round(microseconds / few[name], 2);
        }

        return result;
    }

    /// <summary>Microseconds by name.</summary>
    private async Task<Dictionary<string, double>> MeasureAsync(ServiceProvider hub, NpgsqlDataSource source, int week)
    {
        ScenarioOptions.Progress("measuring ...");
        var (partitions, deliveries, ledger) = (hub.GetRequiredService<ILogPartitions>(), hub.GetRequiredService<IDeliveryStore>(), hub.GetRequiredService<ILedger>());
        var costs = new Dictionary<string, double>();
        var last = await CountAsync(source, "SELECT max(position) FROM fact_ids");
        foreach (var (name, after) in new[] { ("read_100_after_the_first_us", 1L), ("read_100_in_the_middle_us", last / 2), ("read_at_the_end_us", last) })
        {
            costs[name] = await MedianAsync(100, () => WithAsync(hub, db => FactLog.ReadAsync(db, after, new LogFilter(), 100, CancellationToken.None)));
        }

        await ExecuteAsync(source, $"DELETE FROM deliveries; INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, event_id, fact_position, fact_received_at) SELECT '{LiveStream.IdOf(Destination, Lane.Live)}', '{Destination}', '{Lane.Live}', 0, 5, profile_id, '', now(), 0, now(), event_id, position, received_at FROM (SELECT * FROM facts WHERE received_at >= '{_now.AddDays(-7 * (Weeks - 10)):O}' ORDER BY random() LIMIT {Claimed}) f");
        Lease? lease = null;
        await WithAsync(hub, async db => lease = await deliveries.TakeLeaseAsync(db, Destination, Lane.Live, 0, $"week{week}", TimeSpan.FromMinutes(10), CancellationToken.None));
        costs["claim_of_1000_events_us"] = await MedianAsync(15, () => WithAsync(hub, async db =>
        {
            var claim = await deliveries.ClaimAsync(db, lease!, _now.AddHours(1), Claimed, CancellationToken.None);
            if (claim.Count != Claimed || claim.Any(delivery => delivery.EventJson is null))
            {
                throw new InvalidOperationException("A claim lacks what happened.");
            }
        }));
        await WithAsync(hub, db => deliveries.ReleaseLeaseAsync(db, lease!, isSettled: true, CancellationToken.None));
        costs["append_per_fact_us"] = await MedianAsync(20, () => WithAsync(hub, async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await ledger.AppendAsync(db, [.. Enumerable.Range(0, Appended).Select(Fact)], CancellationToken.None);
            await transaction.CommitAsync();
        })) / Appended;

        var made = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var from = _now.UtcDateTime.Date.AddYears(10).AddDays((week * 20) + i);
            made.Add(await MicrosecondsAsync(() => ExecuteAsync(source, $"SELECT cover_partition('facts_short', '{from:O}', '{from.AddDays(1):O}')")));
        }

        costs["make_a_partition_us"] = Median(made);
        await ExecuteAsync(source, "DELETE FROM deliveries");
        var before = await CountAsync(source, "SELECT count(*) FROM fact_ids");
        var dropped = await MicrosecondsAsync(() => partitions.DropAsync(RetentionClass.Facts, Monday(week + 1), 10_000, CancellationToken.None));
        var gone = before - await CountAsync(source, "SELECT count(*) FROM fact_ids");
        costs["drop_a_week_per_fact_us"] = gone > 0 ? dropped / gone : throw new InvalidOperationException("Nothing was dropped.");
        return costs;
    }

    private async Task PrepareAsync(NpgsqlDataSource source)
    {
        await ExecuteAsync(source, $"SELECT cover_partition('facts_standard', day, day + interval '7 days') FROM generate_series('{Monday(0):O}'::timestamptz, '{_now.AddDays(7):O}', '7 days') day");
        await ExecuteAsync(source, $"INSERT INTO profiles (profile_id, tenant_id, external_id, attributes, attributes_at, consent, occurred_at, version, updated_at) OVERRIDING SYSTEM VALUE SELECT n, 'default', 'c-' || n, '{{}}', '{{}}', '{{}}', now(), 1, now() FROM generate_series(1, {People}) n");
    }

    /// <summary>Spreads so many facts over the weeks, in the order of their arrival.</summary>
    private async Task FillAsync(NpgsqlDataSource source, int number, int firstWeek)
    {
        ScenarioOptions.Progress($"filling {number} facts ...");
        for (var week = firstWeek; week < Weeks; week++)
        {
            await ExecuteAsync(
                source,
                $$"""
                WITH ids AS (
                    INSERT INTO fact_ids (event_id, received_at)
                    SELECT gen_random_uuid(), '{{Monday(week):O}}'::timestamptz + n * interval '1 day' * 6 / {{number / Weeks + 1}} FROM generate_series(1, {{number / Weeks + 1}}) n RETURNING *)
                INSERT INTO facts (position, event_id, retention, tenant_id, event_type, schema_version, occurred_at, received_at, producer, profile_id, body)
                SELECT position, event_id, 'standard', 'default', 'behavior_tracked', 1, received_at, received_at, 'benchmark', 1 + position % {{People}}, '{"name":"page_viewed","text":"' || repeat(md5(position::text), 14) || '"}'
                FROM ids
                """);
        }

        await ExecuteAsync(source, "VACUUM ANALYZE");
    }

    private DateTimeOffset Monday(int week)
    {
        var day = _now.UtcDateTime.Date.AddDays(-(((int)_now.DayOfWeek + 6) % 7) - 7 * (Weeks - week));
        return new DateTimeOffset(day, TimeSpan.Zero);
    }

    private LedgerFact Fact(int number) => new()
    {
        EventId = Guid.CreateVersion7(),
        EventType = "behavior_tracked",
        OccurredAt = _now,
        Producer = "benchmark",
        ExternalId = $"c-{1 + number % People}",
        EventName = "page_viewed",
        BodyJson = """{"name":"page_viewed"}""",
    };

    private static async Task WithAsync(ServiceProvider hub, Func<HubDbContext, Task> work)
    {
        await using var scope = hub.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<HubDbContext>());
    }

    private static async Task<double> MedianAsync(int rounds, Func<Task> work)
    {
        var taken = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            taken.Add(await MicrosecondsAsync(work));
        }

        return Median(taken);
    }

    private static double Median(List<double> taken) => taken.Order().ElementAt(taken.Count / 2);

    private static async Task<double> MicrosecondsAsync(Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        return watch.Elapsed.TotalMicroseconds;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
