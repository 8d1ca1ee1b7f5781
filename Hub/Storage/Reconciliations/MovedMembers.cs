using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Storage.Reconciliations;

/// <summary>
/// Members whom the vendor lists under the same key and an id that is not known, and not under the one that is: perhaps merged there into somebody who got their key. They are looked at like who is missing, with the key
/// to tell them apart.
/// </summary>
internal static class MovedMembers
{
    /// <summary>Notes them in the transaction of the comparison, before its staged rows go.</summary>
    public static async Task TakeAsync(DbSession session, ComparisonState run, string identityKeyKind, bool foldsKeys, CancellationToken cancellationToken)
    {
        var key = $"p.{IdentityKey.ColumnOf(identityKeyKind)}";
        var folded = (foldsKeys, session.IsSqlite) switch { (false, _) => key, (true, true) => $"lower({key})", _ => $"lower({key} COLLATE \"C\")" };
        await session.ExecuteAsync(
            $"""
            INSERT INTO reconciliation_findings (run_id, kind, profile_id, remote_id, key)
            SELECT CAST(@run AS {session.IdType}), 'missing', d.profile_id, d.remote_id, min(v.key) FROM destination_members m
            JOIN destination_profiles d ON d.destination = m.destination AND d.profile_id = m.profile_id
            JOIN profiles p ON p.profile_id = m.profile_id
            JOIN verification_members v ON v.run_id = @run AND v.round = 0 AND v.key = {folded}
            WHERE m.destination = @destination AND m.audience = @audience AND m.is_member AND v.remote_id IS NOT NULL AND v.remote_id <> d.remote_id
                AND NOT EXISTS (SELECT 1 FROM verification_members w WHERE w.run_id = @run AND w.round = 0 AND w.remote_id = d.remote_id)
            GROUP BY d.profile_id, d.remote_id ORDER BY d.profile_id
            """,
            cancellationToken, ("run", run.RunId), ("destination", run.Destination), ("audience", run.Audience));
    }
}
