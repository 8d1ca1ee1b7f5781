using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Writes consent. The global state of e-mail and the states of subscription groups belong to the address, so they are written by
/// address where there is one: that creates nobody and holds for a profile that is still on its way. An opt-out is written to the
/// profile too, whatever address it has.
/// </summary>
internal sealed class BrazeConsents(
    BrazeClient client, BrazeProfiles profiles, BrazeTracking tracking, BrazeSender sender, BrazeOptions options, TimeProvider time)
{
    /// <summary>Group entries per call that connectors in the field keep to; no page states a limit.</summary>
    private const int MaxGroups = 25;

    /// <summary>Pages of opt-outs that are read to find an address; beyond it the opt-out stands.</summary>
    private const int MaxPages = 20;

    /// <summary>Braze's word for the global state: an explicit yes is more than the default <c>subscribed</c>.</summary>
    public static string StateOf(ConsentChange consent) => consent.MarketingEmail == true ? "opted_in" : "unsubscribed";

    public async Task DeliverAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        foreach (var item in settlement.Open)
        {
            var consent = ConsentOf(settlement, item);
            if (consent.MarketingEmail is null && consent.Topics.Count == 0)
            {
                settlement.Settle(item, Outcome.Unchanged);
            }
            else if (consent.Topics.Any(topic => WriteOf(settlement, item, topic) is null))
            {
                settlement.Settle(item, Outcome.Rejected, ReasonCode.IdentityMissing);
            }
        }

        var standing = await NewerOptOutsAsync(settlement, cancellationToken);
        await WriteGlobalAsync(settlement, [.. settlement.Open.Where(item => ConsentOf(settlement, item).MarketingEmail == false)], cancellationToken);
        await WriteGlobalAsync(settlement, [.. settlement.Open.Where(item => ConsentOf(settlement, item).MarketingEmail == true && !standing.Contains(item))], cancellationToken);
        await WriteTopicsAsync(settlement, ConsentChannel.Email, cancellationToken);
        await WriteTopicsAsync(settlement, ConsentChannel.Sms, cancellationToken);
        foreach (var item in settlement.Open.Where(standing.Contains))
        {
            settlement.Settle(item, Outcome.Rejected, ReasonCode.OptOutStands);
        }

        settlement.Settle(settlement.Open, Outcome.Delivered);
    }

    /// <summary>
    /// People who opted out at Braze itself, by a link in an e-mail, after the decision that would opt them in:
    /// https://www.braze.com/docs/user_guide/audience/subscription_preferences/subscription_status
    /// </summary>
    private async Task<HashSet<int>> NewerOptOutsAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        var granted = settlement.Open.Where(item => ConsentOf(settlement, item).MarketingEmail == true).ToArray();
        var optedOut = granted.Length == 0
            ? []
            : (await profiles.FindAsync([.. granted.Select(item => settlement[item].Key)], cancellationToken))
                .Where(user => user.EmailSubscribe == "unsubscribed")
                .ToArray();
        var addresses = new Dictionary<int, HashSet<string>>();
        foreach (var item in granted)
        {
            var held = optedOut.Where(user => (options.IdentityIsEmail ? user.Email : user.ExternalId) == settlement[item].Key).ToArray();
            if (held.Length > 0)
            {
                addresses[item] = [.. held.Select(user => user.Email).Append(EmailOf(settlement, item)).OfType<string>()];
            }
        }

        return await NewerOptOutsAsync(settlement, addresses, cancellationToken);
    }

    private async Task<HashSet<int>> NewerOptOutsAsync(
        BatchSettlement settlement, Dictionary<int, HashSet<string>> addresses, CancellationToken cancellationToken)
    {
        var standing = new HashSet<int>();
        if (addresses.Count == 0)
        {
            return standing;
        }

        // Days begin at midnight UTC, and the last one of the range is not part of it.
        var from = DateOnly.FromDateTime(addresses.Keys.Min(item => ConsentOf(settlement, item).DecidedAt).UtcDateTime);
        var to = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1);
        for (var page = 0; page < MaxPages; page++)
        {
            var answer = await client.UnsubscribesAsync(from, to, page * UnsubscribesAnswer.PageSize, cancellationToken);
            if (BrazeSender.ConditionOf(answer) is { } condition)
            {
                throw new DestinationException(condition);
            }

            foreach (var (email, at) in answer.Body!.OptOuts)
            {
                standing.UnionWith(addresses.Where(pair => pair.Value.Contains(email) && at > ConsentOf(settlement, pair.Key).DecidedAt).Select(pair => pair.Key));
            }

            if (answer.Body.OptOuts.Count < UnsubscribesAnswer.PageSize)
            {
                return standing;
            }
        }

        return [.. addresses.Keys];
    }

    private async Task WriteGlobalAsync(BatchSettlement settlement, IReadOnlyList<int> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return;
        }

        var state = StateOf(ConsentOf(settlement, items[0]));
        await tracking.SendAsync(
            settlement, [.. items.Where(item => EmailOf(settlement, item) is null || (state == "unsubscribed" && !options.IdentityIsEmail))], cancellationToken);
        await sender.PostAsync(
            settlement, BrazeApiVersion.EmailStatus, [.. items.Where(item => EmailOf(settlement, item) is not null).Intersect(settlement.Open)],
            some => BrazeBodies.EmailStatus(some.Select(item => EmailOf(settlement, item)!).Distinct(), state), cancellationToken);
    }

    /// <summary>Never an address and a number in one call.</summary>
    private async Task WriteTopicsAsync(BatchSettlement settlement, ConsentChannel channel, CancellationToken cancellationToken)
    {
        foreach (var items in Calls(settlement, channel))
        {
            await sender.PostAsync(
                settlement, BrazeApiVersion.SubscriptionStatus, [.. items.Intersect(settlement.Open)],
                some => BrazeBodies.Subscriptions(some.SelectMany(item => WritesOf(settlement, item, channel))), cancellationToken);
        }
    }

    private static List<List<int>> Calls(BatchSettlement settlement, ConsentChannel channel)
    {
        var calls = new List<List<int>>();
        var groups = new HashSet<(string, bool)>();
        foreach (var item in settlement.Open)
        {
            var entries = ConsentOf(settlement, item).Topics.Where(topic => topic.Channel == channel).Select(topic => (topic.RemoteRef, topic.Granted)).ToArray();
            if (entries.Length == 0)
            {
                continue;
            }

            if (calls.Count == 0 || calls[^1].Count == BrazeDescriptor.MaxIds || groups.Union(entries).Count() > MaxGroups)
            {
                calls.Add([]);
                groups.Clear();
            }

            calls[^1].Add(item);
            groups.UnionWith(entries);
        }

        return calls;
    }

    private IEnumerable<TopicWrite> WritesOf(BatchSettlement settlement, int item, ConsentChannel channel)
        => ConsentOf(settlement, item).Topics.Where(topic => topic.Channel == channel).Select(topic => WriteOf(settlement, item, topic)!);

    private TopicWrite? WriteOf(BatchSettlement settlement, int item, TopicConsent topic)
    {
        var (address, list) = topic.Channel == ConsentChannel.Sms ? (ConsentOf(settlement, item).Phone, "phones") : (EmailOf(settlement, item), "emails");
        return address is not null ? new TopicWrite(item, topic, list, address)
            : options.IdentityIsEmail ? null
            : new TopicWrite(item, topic, "external_ids", settlement[item].Key);
    }

    private string? EmailOf(BatchSettlement settlement, int item)
        => (ConsentOf(settlement, item).Email ?? (options.IdentityIsEmail ? settlement[item].Key : null)) is { } email ? BrazeProfiles.Normal(email) : null;

    private static ConsentChange ConsentOf(BatchSettlement settlement, int item)
        => settlement[item].Consent ?? throw new ArgumentException("A change of consent needs the consent.", nameof(item));
}
