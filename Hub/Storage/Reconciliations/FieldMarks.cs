using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Reconciliations;

/// <summary>
/// What need not be read again of fields. A person whose row holds a mark (the content that was confirmed, the vendor's id) was read back and was the same; whom the vendor tells as
/// changed loses it. So whoever holds a mark is as confirmed up to the time until which the vendor was asked for changes, and whoever holds none, or one of other content or of
/// another id, is to be read. Marks are of the destination, whichever audience was compared. The same SQL on both dialects.
/// </summary>
public static class FieldMarks
{
    /// <summary>A condition in SQL over <c>destination_profiles</c> as <c>d</c>: the person is not known to be the same.</summary>
    internal const string Unmarked = "(d.read_hash IS NULL OR d.content_hash IS NULL OR d.read_hash <> d.content_hash OR d.remote_id IS NULL OR d.read_as <> d.remote_id)";

    /// <summary>Until when the vendor of a destination was asked for changes; null when nobody was marked yet.</summary>
    public static async Task<DateTimeOffset?> ToldUntilAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync("SELECT told_until FROM field_marks WHERE destination = @destination", row => row.Time(0), cancellationToken, ("destination", destination));
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>How many members of an audience a comparison would have to look at.</summary>
    public static async Task<MemberCount> CountAsync(HubDbContext db, string audience, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"""
            SELECT count(*), coalesce(sum(CASE WHEN {Unmarked} THEN 1 ELSE 0 END), 0)
            FROM destination_members m LEFT JOIN destination_profiles d ON d.destination = m.destination AND d.profile_id = m.profile_id
            WHERE m.destination = @destination AND m.audience = @audience AND m.is_member
            """,
            row => new MemberCount(row.GetInt64(0), row.GetInt64(1)), cancellationToken, ("destination", destination), ("audience", audience))).Single();
    }

    /// <summary>Notes that the vendor told all who were changed until a time, in the caller's transaction; an earlier time than is known changes nothing.</summary>
    public static async Task AdvanceAsync(HubDbContext db, string destination, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO field_marks AS t (destination, told_until) VALUES (@destination, @until)
            ON CONFLICT (destination) DO UPDATE SET told_until = excluded.told_until WHERE t.told_until < excluded.told_until
            """,
            cancellationToken, ("destination", destination), ("until", until));
    }

    /// <summary>Takes the marks of those whom the vendor tells as changed, in the caller's transaction.</summary>
    public static async Task TakeAsync(HubDbContext db, string destination, IEnumerable<string> remoteIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET read_hash = NULL
            WHERE destination = @destination AND remote_id IN (SELECT r.remote_id FROM {session.Rows(("remote_id", "text"))} r) AND read_hash IS NOT NULL
            """,
            cancellationToken, ("destination", destination), ("rows", JsonRows.Of(remoteIds, (writer, id) => writer.WriteStringValue(id))));
    }

    /// <summary>Takes the marks of people who were read and were not the same, in the caller's transaction.</summary>
    public static async Task TakeAsync(HubDbContext db, string destination, IEnumerable<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET read_hash = NULL
            WHERE destination = @destination AND profile_id IN (SELECT r.profile_id FROM {session.Rows(("profile_id", "bigint"))} r) AND read_hash IS NOT NULL
            """,
            cancellationToken, ("destination", destination), ("rows", JsonRows.Of(profileIds, (writer, id) => writer.WriteNumberValue(id))));
    }

    /// <summary>Takes all marks of a destination, in the caller's transaction.</summary>
    public static async Task TakeAllAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE destination_profiles SET read_hash = NULL WHERE destination = @destination AND read_hash IS NOT NULL", cancellationToken, ("destination", destination));
    }

    /// <summary>
    /// Marks people who were read and were the same, in the caller's transaction; unless other content was confirmed since, or another comparison asked the vendor for changes after this
    /// one had begun: it may have taken the mark of somebody who was changed after this one read her.
    /// </summary>
    public static async Task SetAsync(HubDbContext db, ComparisonState run, IEnumerable<(long ProfileId, Guid Hash)> same, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET read_hash = destination_profiles.content_hash, read_as = destination_profiles.remote_id
            FROM {session.Rows(("profile_id", "bigint"), ("hash", "text"))} r
            WHERE destination_profiles.destination = @destination AND destination_profiles.profile_id = r.profile_id
                AND destination_profiles.remote_id IS NOT NULL AND destination_profiles.content_hash = CAST(r.hash AS {session.IdType})
                AND EXISTS (SELECT 1 FROM field_marks m WHERE m.destination = @destination AND m.told_until <= @began)
            """,
            cancellationToken, ("destination", run.Destination), ("began", run.ReadSince),
            ("rows", JsonRows.Of(same, (writer, each) =>
            {
                writer.WriteNumberValue(each.ProfileId);
                writer.Id(each.Hash);
            })));
    }
}
