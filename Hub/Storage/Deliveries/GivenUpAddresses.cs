using System.Globalization;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Addresses that move from one person to another within a run; the same SQL on both dialects.</summary>
internal static class GivenUpAddresses
{
    /// <summary>
    /// Of the people of some deliveries, those whose address another person had, of whom their run has not said yet what became: a member of the audience without
    /// an outcome.
    /// </summary>
    public static async Task<IReadOnlySet<long>> FindAsync(HubDbContext db, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var givenUp = new HashSet<long>();
        foreach (var run in deliveries.GroupBy(delivery => (delivery.RunId, delivery.Audience)))
        {
            var people = string.Join(',', run.Select(delivery => delivery.ProfileId.ToString(CultureInfo.InvariantCulture)).Distinct());
            givenUp.UnionWith(await session.ReadAsync(
                $"""
                SELECT DISTINCT p.profile_id
                FROM profiles p
                JOIN former_keys f ON f.tenant_id = p.tenant_id AND f.subject_key = 'email:' || p.email_key AND f.profile_id <> p.profile_id
                JOIN memberships m ON m.audience = @audience AND m.profile_id = f.profile_id AND m.is_member
                WHERE p.profile_id IN ({people})
                  AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.run_id = @run AND o.profile_id = f.profile_id)
                """,
                row => row.GetInt64(0), cancellationToken, ("audience", run.Key.Audience), ("run", run.Key.RunId)));
        }

        return givenUp;
    }
}
