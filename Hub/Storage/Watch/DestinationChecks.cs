using System.Text.Json;

namespace IntegrationHub.Storage.Watch;

/// <summary>The last check of each destination; the same SQL on both dialects.</summary>
public static class DestinationChecks
{
    /// <summary>Notes a check in place of the last one.</summary>
    public static async Task NoteAsync(HubDbContext db, StoredCheck check, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(check);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO destination_checks (destination, at, is_ok, findings) VALUES (@destination, @at, @ok, @findings)
            ON CONFLICT (destination) DO UPDATE SET at = excluded.at, is_ok = excluded.is_ok, findings = excluded.findings
            """,
            cancellationToken, ("destination", check.Destination), ("at", check.At), ("ok", check.IsOk), ("findings", JsonSerializer.Serialize(check.Findings)));
    }

    /// <summary>All of them.</summary>
    public static async Task<IReadOnlyList<StoredCheck>> ListAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT destination, at, is_ok, findings FROM destination_checks ORDER BY destination",
            row => new StoredCheck(row.GetString(0), row.Time(1), row.GetBoolean(2), StoredList.TryRead<string>(row, 3, out var findings) ? findings : ["findings_unreadable"]), cancellationToken);
    }
}
