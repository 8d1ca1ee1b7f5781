using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IntegrationHub.Benchmarks.Pages;

/// <summary>What a hub of some months has behind it: runs that are over and their outcomes, a tenth of them of one run, letters that lie, work that waits at a destination, minutes of a day.</summary>
internal sealed record PastWork(int Outcomes, int Runs, int Letters, int Pending)
{
    private const int OpenRuns = 5;

    /// <summary>The run with a tenth of all outcomes.</summary>
    public static Guid Largest { get; } = Guid.Parse("00000000-0000-0000-0000-000000000001");

    /// <summary>A run that is open.</summary>
    /// <param name="number">From 1 on.</param>
    public static Guid Open(int number) => Guid.Parse($"00000000-0000-0000-0001-{number:D12}");

    public async Task FillAsync(PostgresDatabase database)
    {
        var services = new ServiceCollection();
        services.AddHubStorage(new StorageOptions { Database = StorageDatabase.Postgres, ConnectionString = database.ConnectionString });
        await using var storage = services.BuildServiceProvider();
        await using (var scope = storage.CreateAsyncScope())
        {
            await HubDatabase.MigrateAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
        }

        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var (largest, each) = (Outcomes / 10, (Outcomes - Outcomes / 10) / (Runs - 1));
        ScenarioOptions.Progress($"filling {Outcomes} outcomes of {Runs} runs, {Letters} letters, {Pending} pending ...");
        await ExecuteAsync(
            source,
            $$"""
            INSERT INTO profiles (profile_id, tenant_id, external_id, email, email_key, attributes, attributes_at, consent, occurred_at, version, updated_at) OVERRIDING SYSTEM VALUE
            SELECT n, 'default', 'p' || n, 'p' || n || '@example.test', 'p' || n || '@example.test', '{"first_name":"Kim"}', '{}', '{"email_marketing":{"s":"granted","t":1700000000000,"src":"form"} }', now(), 1, now()
            FROM generate_series(1, {{Math.Max(largest, Pending / OpenRuns)}}) n;
            INSERT INTO audience_syncs (
                correlation_id, current_state, audience, destination, mode, lane, max_removal_share, requested_by, requested_at, planned_at, delivering_at, delivered_at, verified_at, finished_at, last_progress_at,
                planned, to_add, to_remove, to_update, current_members, expected, found, missing, unexpected, failure_code)
            SELECT {{RunId}}, CASE WHEN n % 50 = 0 THEN 'Failed' WHEN n % 10 = 0 THEN 'CompletedWithIssues' ELSE 'Completed' END,
                'customers', (ARRAY['braze', 'hubspot', 'marketo'])[1 + n % 3], 'full', 'bulk', 0.1, 'ci', t, t + interval '10 s', t + interval '20 s', t + interval '9 min', t + interval '10 min', t + interval '10 min', t + interval '10 min',
                c, c, 0, 0, c, c, c, 0, 0, CASE WHEN n % 50 = 0 THEN 'verification_failed' END
            FROM generate_series(1, {{Runs}}) n, LATERAL (SELECT now() - n * interval '5 min' AS t, CASE n WHEN 1 THEN {{largest}} ELSE {{each}} END AS c) l;
            INSERT INTO audience_syncs (
                correlation_id, current_state, audience, destination, mode, lane, max_removal_share, requested_by, requested_at, planned_at, delivering_at, last_progress_at, planned, to_add, to_remove, to_update, current_members)
            SELECT ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, 'Delivering', 'customers', 'hubspot', 'full', 'bulk', 0.1, 'ci', now() - interval '4 min', now() - interval '4 min', now() - interval '4 min', now() - interval '4 min',
                {{Pending / OpenRuns}}, {{Pending / OpenRuns}}, 0, 0, 0
            FROM generate_series(1, {{OpenRuns}}) n;
            """);
        for (var first = 1; first <= Runs; first += 500)
        {
            await ExecuteAsync(
                source,
                $"""
                INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
                SELECT {RunId}, p, (ARRAY['braze', 'hubspot', 'marketo'])[1 + n % 3], 'customers', 2,
                    CASE WHEN p % 100 = 0 THEN 'rejected' WHEN p % 100 = 1 THEN 'suppressed' ELSE 'delivered' END, CASE WHEN p % 100 = 0 THEN 'INVALID_EMAIL' WHEN p % 100 = 1 THEN 'email_opt_out' END,
                    1, now() - n * interval '5 min' + p * interval '1 ms'
                FROM generate_series({first}, {Math.Min(Runs, first + 499)}) n, LATERAL generate_series(1, CASE n WHEN 1 THEN {largest} ELSE {each} END) p
                """);
        }

        await ExecuteAsync(
            source,
            $"""
            INSERT INTO run_tallies (run_id, outcome, code, count, at) SELECT run_id, outcome, coalesce(code, ''), count(*), date_trunc('minute', at) FROM outcomes GROUP BY 1, 2, 3, 5;
            INSERT INTO run_tallies (run_id, outcome, code, count) SELECT correlation_id, 'planned', '', planned FROM audience_syncs;
            INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, first_at)
            SELECT {RunId}, (ARRAY['braze', 'hubspot', 'marketo'])[1 + n % 3], 'customers', n, 1, 'dead_lettered', 'CODE_' || n % 20, 8, now() - n * interval '1 s', now() - n * interval '2 s'
            FROM (SELECT 1 + k % {Runs} AS n FROM generate_series(1, {Letters}) k) r;
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at)
            SELECT ('00000000-0000-0000-0001-' || lpad(r::text, 12, '0'))::uuid, 'hubspot', 'bulk', p % 8, 1, p, 'customers', now(), now() FROM generate_series(1, {OpenRuns}) r, generate_series(1, {Pending / OpenRuns}) p;
            INSERT INTO delivery_minutes SELECT d, 'bulk', date_trunc('minute', now()) - m * interval '1 min', 0, 500, 20, 5, 5, 0, 1, 10, 20, 40, 80, 200, 100, 50, 20, 10, 0
            FROM unnest(ARRAY['braze', 'hubspot', 'marketo']) d, generate_series(0, 1439) m;
            """);
        await ExecuteAsync(source, "VACUUM ANALYZE");
    }

    /// <summary>The id of run n; the largest is the first.</summary>
    private const string RunId = "('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid";

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 3_600;
        await command.ExecuteNonQueryAsync();
    }
}
