using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Storage.Reconciliations;

/// <summary>What becomes of findings: whom the vendor deleted is noted, and who is to be healed is owed; the same SQL on both dialects.</summary>
public static class FindingsToHeal
{
    /// <summary>Members whom an earlier run took note of, and nobody removed.</summary>
    private const string OrUnexpected = " OR m.profile_id IN (SELECT profile_id FROM reconciliation_findings WHERE run_id = @run AND kind = 'unexpected')";

    /// <summary>Notes that the vendor has those no more who were found deleted there, in the caller's transaction: until somebody says that they shall be there again they are looked for before they are written.</summary>
    public static async Task MarkDeletedAsync(HubDbContext db, ComparisonState run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET unseen_since = {session.Clock}
            WHERE destination = @destination AND unseen_since IS NULL
                AND profile_id IN (SELECT profile_id FROM reconciliation_findings WHERE run_id = @run AND kind = 'missing' AND cause = '{FindingCause.DeletedThere}')
            """,
            cancellationToken, ("run", run.RunId), ("destination", run.Destination));
    }

    /// <summary>
    /// Gives up the beliefs that the vendor contradicts, and puts whoever is to be healed into the run's scope, in the caller's transaction: the plan then decides on them as on
    /// anybody. Members that are to be removed were adopted before (<see cref="IVerificationStore.AdoptStrangersAsync"/>).
    /// </summary>
    public static async Task OweAsync(HubDbContext db, ComparisonState run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var isAll = run.Heal == HealingWord.All;
        var missing = isAll ? "kind = 'missing'" : $"kind = 'missing' AND coalesce(cause, '') <> '{FindingCause.DeletedThere}'";
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        (string, object?)[] parameters = [("run", run.RunId), ("destination", run.Destination), ("audience", run.Audience)];
        // The plan stands from here on: when the run is canceled, the next plan takes its scope over.
        await session.ExecuteAsync(
            "INSERT INTO run_plans (run_id, destination, audience, mode) VALUES (@run, @destination, @audience, 'reconcile') ON CONFLICT (run_id) DO NOTHING", cancellationToken, parameters);
        await session.ExecuteAsync(
            $"""
            UPDATE destination_members SET is_member = false, in_doubt = added_by_hub
            WHERE destination = @destination AND audience = @audience AND is_member
                AND profile_id IN (SELECT profile_id FROM reconciliation_findings WHERE run_id = @run AND {missing})
            """,
            cancellationToken, parameters);
        await session.ExecuteAsync(
            $"""
            UPDATE destination_profiles SET content_hash = NULL, profile_version = NULL{(isAll ? ", unseen_since = NULL" : "")}
            WHERE destination = @destination AND profile_id IN (SELECT profile_id FROM reconciliation_findings WHERE run_id = @run AND (kind = 'different' OR ({missing})))
            """,
            cancellationToken, parameters[..2]);
        await session.ExecuteAsync(
            $"""
            INSERT INTO run_scope (run_id, profile_id)
            SELECT f.run_id, f.profile_id FROM reconciliation_findings f WHERE f.run_id = @run AND (kind = 'different' OR ({missing})) AND f.profile_id IS NOT NULL
            UNION
            SELECT CAST(@run AS {session.IdType}), m.profile_id FROM destination_members m
            WHERE m.destination = @destination AND m.audience = @audience AND m.is_member AND NOT m.added_by_hub AND (m.run_id = @run{(isAll ? OrUnexpected : "")})
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, parameters);
    }
}
