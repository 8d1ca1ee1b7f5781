using System.Data.Common;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Which destinations the hub that started last told of changes as they happen.</summary>
public static class LiveRoutes
{
    /// <summary>Their names; none where an earlier version made the database.</summary>
    public static async Task<IReadOnlySet<string>> ListAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        try
        {
            return (await session.ReadAsync("SELECT DISTINCT destination FROM live_routes", reader => reader.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);
        }
        catch (DbException)
        {
            return new HashSet<string>();
        }
    }
}
