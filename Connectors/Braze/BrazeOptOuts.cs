using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// People who opted out at Braze itself, by a link in an e-mail, after the decision that would opt them in:
/// https://www.braze.com/docs/user_guide/audience/subscription_preferences/subscription_status
/// </summary>
internal sealed class BrazeOptOuts(BrazeClient client, BrazeProfiles profiles, BrazeOptions options, TimeProvider time)
{
    /// <summary>Pages of opt-outs that are read to find an address; beyond it the opt-out stands.</summary>
    private const int MaxPages = 20;

    /// <summary>Braze tells the time of an opt-out in whole seconds, so it may be this much later.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromSeconds(1);

    /// <summary>Those of the changes that would lift a newer opt-out.</summary>
    /// <param name="changes">Changes that opt in, by the place of their record.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <exception cref="DestinationException">Braze cannot be asked.</exception>
    public async Task<HashSet<int>> NewerAsync(IReadOnlyList<(int Item, string Key, string? Email, DateTimeOffset DecidedAt)> changes, CancellationToken cancellationToken)
    {
        var optedOut = changes.Count == 0
            ? []
            : (await profiles.FindAsync([.. changes.Select(change => change.Key)], cancellationToken)).Where(user => user.EmailSubscribe == "unsubscribed").ToArray();
        var sought = new List<(int Item, DateTimeOffset DecidedAt, HashSet<string> Addresses)>();
        foreach (var change in changes)
        {
            var held = optedOut.Where(user => (options.IdentityIsEmail ? user.Email : user.ExternalId) == change.Key).ToArray();
            if (held.Length > 0)
            {
                sought.Add((change.Item, change.DecidedAt, [.. held.Select(user => user.Email).Append(change.Email).OfType<string>()]));
            }
        }

        return sought.Count == 0 ? [] : await NewerAsync(sought, cancellationToken);
    }

    private async Task<HashSet<int>> NewerAsync(List<(int Item, DateTimeOffset DecidedAt, HashSet<string> Addresses)> sought, CancellationToken cancellationToken)
    {
        // Days begin at midnight UTC, and the last one of the range is not part of it.
        var from = DateOnly.FromDateTime(sought.Min(change => change.DecidedAt).UtcDateTime);
        var to = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1);
        var newer = new HashSet<int>();
        for (var page = 0; page < MaxPages; page++)
        {
            var answer = await client.UnsubscribesAsync(from, to, page * UnsubscribesAnswer.PageSize, cancellationToken);
            if (BrazeSender.ConditionOf(answer) is { } condition)
            {
                throw new DestinationException(condition);
            }

            foreach (var (email, at) in answer.Body!.OptOuts)
            {
                newer.UnionWith(sought.Where(change => change.Addresses.Contains(email) && at + Precision > change.DecidedAt).Select(change => change.Item));
            }

            if (answer.Body.OptOuts.Count < UnsubscribesAnswer.PageSize)
            {
                return newer;
            }
        }

        return [.. sought.Select(change => change.Item)];
    }
}
