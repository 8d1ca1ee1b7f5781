namespace IntegrationHub.Storage.Erasures;

/// <summary>Vendor jobs that were handed over before somebody was suppressed. What a job writes was fixed then, and the hub forgot whose records they are: any of them may bring the person back.</summary>
public static class JobsOfBefore
{
    /// <summary>True while the vendor has not told the end of one; also of one that was given up.</summary>
    /// <param name="db">The database.</param>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="suppressedAt">Since when nothing about the person leaves.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<bool> StandAsync(HubDbContext db, string destination, DateTimeOffset suppressedAt, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync(
            $"SELECT 1 FROM bulk_jobs WHERE destination = @destination AND started_at <= {session.Instant("@suppressed")} LIMIT 1", cancellationToken, ("destination", destination), ("suppressed", suppressedAt)) is not null;
    }
}
