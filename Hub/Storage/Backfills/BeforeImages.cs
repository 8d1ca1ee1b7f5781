using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Backfills;

/// <summary>Before-images: taken before a run writes, kept 30 days, read to verify and to roll back. The same SQL on both dialects.</summary>
public static class BeforeImages
{
    /// <summary>
    /// Writes images down, in the caller's transaction. What is known of a field stays unless the image has it: whoever repeats after a crash leaves out where the vendor shows what the run
    /// itself wrote, and states what somebody else wrote since. Two statements, whatever the number of people; the second only where a repeat found something else.
    /// </summary>
    /// <exception cref="BrokenSealException">What is known of somebody does not open.</exception>
    public static async Task WriteAsync(HubDbContext db, Guid runId, string destination, IReadOnlyList<BeforeImage> images, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var stored = await session.ReadAsync(
            $"""
            INSERT INTO before_images AS t (run_id, destination, profile_id, existed, fields, after_hash, earlier_hashes, taken_at)
            SELECT {(session.IsSqlite ? "@run" : "CAST(@run AS uuid)")}, @destination, i.profile_id, i.existed = 1, {Json("fields")}, {Json("after_hash")}, {Json("earlier_hashes")}, {session.Instant("@at")}
            FROM {session.Rows(("profile_id", "bigint"), ("fields", "text"), ("after_hash", "text"), ("earlier_hashes", "text"), ("existed", "integer"))} i WHERE true
            ON CONFLICT (run_id, destination, profile_id) DO UPDATE SET after_hash = {Merged("after_hash")}, earlier_hashes = {Merged("earlier_hashes")}
            RETURNING profile_id, fields
            """,
            row => (ProfileId: row.GetInt64(0), Fields: row.GetString(1)), cancellationToken,
            ("run", runId), ("destination", destination), ("at", at),
            ("rows", JsonRows.Of(images, (writer, image) =>
            {
                writer.WriteNumberValue(image.ProfileId);
                writer.WriteStringValue(Sealed(image.ProfileId, image.Fields));
                writer.WriteStringValue(JsonSerializer.Serialize(image.AfterHash));
                writer.WriteStringValue(JsonSerializer.Serialize(image.EarlierHashes));
                writer.WriteNumberValue(image.Existed ? 1 : 0);
            })));
        var known = stored.ToDictionary(row => row.ProfileId, row => Lists(keys.Open(SealedColumn.ImageFields, Row(runId, destination, row.ProfileId), row.Fields)));
        var repeated = images.Where(image => image.Fields.Any(field => !known[image.ProfileId].TryGetValue(field.Key, out var was) || !was.SequenceEqual(field.Value, StringComparer.Ordinal))).ToList();
        if (repeated.Count == 0)
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            UPDATE before_images SET fields = {Json("fields")} FROM {session.Rows(("profile_id", "bigint"), ("fields", "text"))} i
            WHERE before_images.run_id = @run AND before_images.destination = @destination AND before_images.profile_id = i.profile_id
            """,
            cancellationToken, ("run", runId), ("destination", destination),
            ("rows", JsonRows.Of(repeated, (writer, image) =>
            {
                writer.WriteNumberValue(image.ProfileId);
                writer.WriteStringValue(Sealed(image.ProfileId, known[image.ProfileId].Concat(image.Fields).GroupBy(field => field.Key, StringComparer.Ordinal).ToDictionary(field => field.Key, field => field.Last().Value, StringComparer.Ordinal)));
            })));

        string Sealed(long profileId, IReadOnlyDictionary<string, IReadOnlyList<string>> fields) => keys.Seal(SealedColumn.ImageFields, Row(runId, destination, profileId), JsonSerializer.Serialize(fields));

        string Json(string column) => session.IsSqlite ? $"i.{column}" : $"CAST(i.{column} AS jsonb)";

        string Merged(string column) => session.IsSqlite ? $"json_patch(t.{column}, EXCLUDED.{column})" : $"t.{column} || EXCLUDED.{column}";
    }

    /// <summary>The images of some people. One that does not open is among them and says so: it holds up no other.</summary>
    /// <exception cref="MissingSealingKeyException">One is sealed with a key that is not here.</exception>
    public static async Task<IReadOnlyDictionary<long, BeforeImage>> FindAsync(HubDbContext db, Guid runId, string destination, IReadOnlyList<long> people, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var found = await session.ReadAsync(
            $"""
            SELECT b.profile_id, b.fields, b.after_hash, b.existed, b.earlier_hashes FROM {session.Rows(("profile_id", "bigint"))} i
            {session.Lookup("before_images", "b", "b.run_id = @run AND b.destination = @destination AND b.profile_id = i.profile_id")}
            """,
            Image,
            cancellationToken,
            ("run", runId), ("destination", destination), ("rows", JsonRows.Of(people.Distinct(), (writer, id) => writer.WriteNumberValue(id))));
        return found.ToDictionary(image => image.ProfileId);

        BeforeImage Image(DbDataReader row)
        {
            var fields = keys.OpenOrNothing(SealedColumn.ImageFields, Row(runId, destination, row.GetInt64(0)), row.GetString(1));
            return new BeforeImage(row.GetInt64(0), fields.Length == 0 ? new Dictionary<string, IReadOnlyList<string>>() : Lists(fields), Hashes(row.GetString(2)))
            {
                Existed = row.GetBoolean(3), EarlierHashes = Lists(row.GetString(4)), IsUnreadable = fields.Length == 0,
            };
        }
    }

    /// <summary>
    /// The next people after a profile id whom the run wrote. Somebody whose confirmation was lost with a process, and whom the next attempt found as
    /// written, is among them.
    /// </summary>
    public static async Task<IReadOnlyList<WrittenPerson>> ReadWrittenAsync(HubDbContext db, Guid runId, string destination, long after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT b.profile_id, p.external_id, p.email, b.after_hash
            FROM (
                SELECT profile_id, after_hash FROM before_images t
                WHERE run_id = @run AND destination = @destination AND profile_id > @after AND EXISTS (
                    SELECT 1 FROM outcomes o WHERE o.run_id = @run AND o.profile_id = t.profile_id AND o.outcome IN ('{LedgerOutcome.Delivered}', '{LedgerOutcome.Unchanged}'))
                ORDER BY profile_id LIMIT @limit) b
            LEFT JOIN profiles p ON p.profile_id = b.profile_id
            ORDER BY b.profile_id
            """,
            reader => new WrittenPerson(reader.GetInt64(0), reader.TextOrNull(1), reader.TextOrNull(2), Hashes(reader.GetString(3))),
            cancellationToken,
            ("run", runId), ("destination", destination), ("after", after), ("limit", (long)limit));
    }

    /// <summary>Images of a run at a destination, and the highest profile id among them, 0 for none; a rollback is offered while there are any.</summary>
    public static async Task<(long Count, long Last)> CountAsync(HubDbContext db, Guid runId, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            "SELECT count(*), coalesce(max(profile_id), 0) FROM before_images WHERE run_id = @run AND destination = @destination",
            reader => (reader.GetInt64(0), reader.GetInt64(1)), cancellationToken, ("run", runId), ("destination", destination));
        return found[0];
    }

    /// <summary>People whom a run created at a destination, whom a rollback leaves.</summary>
    public static async Task<long> CountCreatedAsync(HubDbContext db, Guid runId, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            "SELECT count(*) FROM before_images WHERE run_id = @run AND destination = @destination AND NOT existed", cancellationToken, ("run", runId), ("destination", destination)))!;
    }

    private static string Row(Guid runId, string destination, long profileId) => SealedColumn.Joined(runId, destination, profileId);

    private static Dictionary<string, IReadOnlyList<string>> Lists(string json) => JsonSerializer.Deserialize<Dictionary<string, IReadOnlyList<string>>>(json)!;

    private static Dictionary<string, string> Hashes(string json) => JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
}
