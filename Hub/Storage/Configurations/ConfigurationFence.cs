using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Configurations;

/// <summary>Keeps a hub that runs an older version of the configuration from deciding anything.</summary>
public static class ConfigurationFence
{
    /// <summary>In SQL, on both dialects: the version in a parameter is in force, or there is none in it. Asked once a statement, whatever it reads.</summary>
    /// <param name="parameter">The parameter, with its type where the dialect needs one.</param>
    internal static string Holds(string parameter) => $"({parameter} IS NULL OR EXISTS (SELECT 1 FROM config_active WHERE version = {parameter}))";

    /// <summary>
    /// Holds the version in force to the end of the caller's transaction: whoever puts another one in force waits for it. To be called before anything else of the transaction.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="version">The version that the work goes by; null where nobody needs to know.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ConfigurationBehindException">Another version is in force.</exception>
    public static async Task HoldAsync(HubDbContext db, long? version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        if (version is not { } expected)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await session.ScalarAsync($"SELECT 1 FROM config_active WHERE version = @version{(db.Database.IsNpgsql() ? " FOR SHARE" : "")}", cancellationToken, ("version", expected)) is null)
        {
            throw new ConfigurationBehindException(expected);
        }
    }

    /// <summary>Writes down by which version a run's plan is made, in the caller's transaction; of a plan that another version went on with, the last one.</summary>
    public static async Task PinAsync(HubDbContext db, Guid runId, long? version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        if (version is null)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE run_plans SET config_version = @version WHERE run_id = @run AND NOT completed", cancellationToken, ("version", version), ("run", runId));
    }

    /// <summary>The version by which a run's plan was made; null before it is planned, or when nobody wrote it down.</summary>
    public static async Task<long?> PinnedAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync("SELECT config_version FROM run_plans WHERE run_id = @run", cancellationToken, ("run", runId)) as long?;
    }
}
