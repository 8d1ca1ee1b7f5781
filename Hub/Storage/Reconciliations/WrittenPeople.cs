namespace IntegrationHub.Storage.Reconciliations;

/// <summary>The people of a sync into whose fields it wrote, as far as nothing else was confirmed of them since; the same SQL on both dialects.</summary>
public static class WrittenPeople
{
    /// <summary>Some of them, all if they are few; of a run the same ones whenever it asks.</summary>
    /// <param name="db">The context.</param>
    /// <param name="runId">The run.</param>
    /// <param name="destination">Its destination.</param>
    /// <param name="delivered">How many records it delivered, 0 or more.</param>
    /// <param name="sample">About so many people are wanted, and not more.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<PersonToCompare>> SampleAsync(HubDbContext db, Guid runId, string destination, long delivered, int sample, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT o.profile_id, o.profile_id, d.remote_id, p.external_id, p.email, p.phone, p.attributes, p.consent, d.content_hash, @yes, @yes
            FROM outcomes o
            {session.Lookup("destination_profiles", "d", "d.destination = @destination AND d.profile_id = o.profile_id")}
            {session.Lookup("profiles", "p", "p.profile_id = o.profile_id")}
            WHERE o.run_id = @run AND o.outcome = 'delivered' AND o.operation IN ({OperationCode.ToCode(Connectors.Abstractions.Operation.UpsertProfile)}, {OperationCode.ToCode(Connectors.Abstractions.Operation.AddMember)})
                AND {ReconciliationFindings.IsSampled("o.profile_id")} AND d.run_id = @run AND d.content_hash IS NOT NULL
            ORDER BY o.profile_id LIMIT @sample
            """,
            ReconciliationFindings.PersonOf(db), cancellationToken,
            ("run", runId), ("destination", destination), ("yes", true), ("sample", sample),
            ("seed", ReconciliationFindings.SeedOf(runId)), ("share", ReconciliationFindings.ShareOf(sample, delivered)));
    }
}
