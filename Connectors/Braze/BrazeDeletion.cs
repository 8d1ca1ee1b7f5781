using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Deletes people, by Braze's own ids of the profiles that are found: a deletion by external id would also strike a living profile
/// that had the id before. Unidentified profiles with the person's e-mail address go too, or personal data would stay behind.
/// </summary>
internal sealed class BrazeDeletion(BrazeProfiles profiles, BrazeSender sender, BrazeOptions options)
{
    public async Task DeleteAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        var found = await profiles.FindAsync([.. settlement.Open.Select(item => settlement[item].Key)], cancellationToken);
        var doomed = new Dictionary<int, List<string>>();
        foreach (var item in settlement.Open)
        {
            var people = found.Where(user => (options.IdentityIsEmail ? user.Email : user.ExternalId) == settlement[item].Key).ToList();
            if (people.Count == 0)
            {
                settlement.Settle(item, Outcome.Unchanged);
                continue;
            }

            if (!options.IdentityIsEmail && people[0].Email is { } email)
            {
                people.AddRange((await profiles.WithEmailAsync(email, cancellationToken)).Where(user => user.ExternalId is null));
            }

            doomed[item] = [.. people.Select(user => user.BrazeId).OfType<string>().Distinct()];
        }

        foreach (var items in Calls(doomed))
        {
            await DeleteAsync(settlement, doomed, items, cancellationToken);
        }

        settlement.Settle(settlement.Open, Outcome.Delivered);
    }

    /// <summary>Somebody with more profiles than a call takes has a call for each fifty.</summary>
    private async Task DeleteAsync(
        BatchSettlement settlement, Dictionary<int, List<string>> doomed, IReadOnlyList<int> items, CancellationToken cancellationToken)
    {
        var rounds = (items.Sum(item => doomed[item].Count) + BrazeDescriptor.MaxIds - 1) / BrazeDescriptor.MaxIds;
        for (var round = 0; round < rounds; round++)
        {
            var skipped = round * BrazeDescriptor.MaxIds;
            await sender.PostAsync(
                settlement, BrazeApiVersion.Delete, [.. items.Intersect(settlement.Open)],
                some => BrazeBodies.Delete(some.SelectMany(item => doomed[item]).Skip(skipped).Take(BrazeDescriptor.MaxIds)), cancellationToken);
        }
    }

    private static List<List<int>> Calls(Dictionary<int, List<string>> doomed)
    {
        var calls = new List<List<int>>();
        var ids = 0;
        foreach (var (item, profiles) in doomed)
        {
            if (calls.Count == 0 || ids + profiles.Count > BrazeDescriptor.MaxIds)
            {
                calls.Add([]);
                ids = 0;
            }

            calls[^1].Add(item);
            ids += profiles.Count;
        }

        return calls;
    }
}
