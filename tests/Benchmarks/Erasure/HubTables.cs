using System.Text.Json.Nodes;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Erasure;

/// <summary>What the hub's tables say while the scenario runs.</summary>
internal static class HubTables
{
    /// <summary>Waits until no hub has anything left to do.</summary>
    public static Task QuietAsync(NpgsqlDataSource sql) => Poll.Until(
        async () => await CountAsync(
            sql,
            """
            SELECT (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM webhook_receipts WHERE state = 'waiting') + (SELECT count(*) FROM audience_syncs WHERE finished_at IS NULL)
                + (SELECT count(*) FROM backfill_runs WHERE finished_at IS NULL AND current_state <> 'AwaitingApproval') + (SELECT count(*) FROM letter_actions WHERE finished_at IS NULL)
            """) == 0,
        "everything to be done");

    public static async Task<JsonObject> NotTakenInAsync(NpgsqlDataSource sql)
    {
        var counts = new JsonObject();
        await using var command = sql.CreateCommand("SELECT event_type, sum(count)::bigint FROM erased_facts GROUP BY event_type ORDER BY 1");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }

    public static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
