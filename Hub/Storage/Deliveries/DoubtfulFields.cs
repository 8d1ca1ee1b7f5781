using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Ends the doubt about fields that are written once (<see cref="WrittenFields"/>) with what somebody saw at the vendor. The same SQL on both dialects.</summary>
public static class DoubtfulFields
{
    /// <summary>Says of a field of one person whether it was written. One that was not is written with the next record, which is owed.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="profileIds">The person's profiles.</param>
    /// <param name="field">The vendor's field.</param>
    /// <param name="isWritten">What the vendor shows.</param>
    /// <param name="now">The time, which is when it was written where nobody knows better.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False when the field is not in doubt: nothing is changed then.</returns>
    public static async Task<bool> SettleAsync(
        HubDbContext db, string destination, IReadOnlyCollection<long> profileIds, string field, bool isWritten, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var doubtful = $"""
            destination = @destination AND field = @field AND written_at IS NULL
                AND profile_id IN (SELECT i.profile_id FROM {session.Rows(("profile_id", "bigint"))} i) RETURNING profile_id
            """;
        var settled = await session.ReadAsync(
            isWritten ? $"UPDATE written_fields SET offered_hash = NULL, written_at = {session.Instant("@now")} WHERE {doubtful}" : $"DELETE FROM written_fields WHERE {doubtful}",
            row => row.GetInt64(0), cancellationToken,
            [("destination", destination), ("field", field), ("rows", JsonRows.Of(profileIds, (writer, id) => writer.WriteNumberValue(id))), .. isWritten ? [("now", now)] : Array.Empty<(string, object?)>()]);
        if (!isWritten)
        {
            await IdentityDues.WriteAgainAsync(session, db, destination, [.. settled], now, cancellationToken);
        }

        return settled.Count > 0;
    }
}
