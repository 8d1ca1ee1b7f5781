namespace IntegrationHub.Storage.Deliveries;

/// <summary>A vendor's job for which nobody waits any more and of which the vendor has told no end: it may write yet, as it was handed over.</summary>
/// <param name="RemoteJob">The vendor's name of it.</param>
/// <param name="RunId">The run that handed it over.</param>
/// <param name="Audience">The audience that it is about.</param>
/// <param name="StartedAt">When it was handed over.</param>
/// <param name="GivenUpAt">When it was given up.</param>
/// <param name="NextLookAt">When the hub looks at it again.</param>
/// <param name="Records">People in it, without those who were erased since.</param>
public sealed record GivenUpJob(string RemoteJob, Guid RunId, string Audience, DateTimeOffset StartedAt, DateTimeOffset GivenUpAt, DateTimeOffset NextLookAt, long Records)
{
    /// <summary>Those of a destination, the oldest first; also of an operation that this version does not know.</summary>
    public static async Task<IReadOnlyList<GivenUpJob>> ListAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            """
            SELECT j.remote_job, j.run_id, j.audience, j.started_at, j.given_up_at, j.poll_at, (SELECT count(*) FROM bulk_job_rows r WHERE r.job_id = j.job_id)
            FROM bulk_jobs j WHERE j.destination = @destination AND j.given_up_at IS NOT NULL ORDER BY j.job_id
            """,
            row => new GivenUpJob(row.GetString(0), row.GetGuid(1), row.GetString(2), row.Time(3), row.Time(4), row.Time(5), row.GetInt64(6)), cancellationToken, ("destination", destination));
    }
}
