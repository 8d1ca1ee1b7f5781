using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Writes consent. The global state of e-mail and the states of subscription groups belong to the address, so they are written by
/// address where there is one: that creates nobody and holds for a profile that is still on its way. An opt-out is written to the
/// profile too, whatever address it has. What has no address goes by external id, and only to a person that Braze knows: it keeps silent of others.
/// </summary>
internal sealed partial class BrazeConsents(
    BrazeProfiles profiles, BrazeOptOuts optOuts, BrazeTracking tracking, BrazeSender sender, BrazeOptions options)
{
    /// <summary>Braze's groups for text messages take numbers in E.164 and no other.</summary>
    public const string PhoneNotE164 = "phone_not_e164";

    /// <summary>Group entries per call that connectors in the field keep to; no page states a limit.</summary>
    private const int MaxGroups = 25;

    private const string Emails = "emails";
    private const string Phones = "phones";
    private const string ExternalIds = "external_ids";

    /// <summary>Braze's word for the global state: an explicit yes is more than the default <c>subscribed</c>.</summary>
    public static string StateOf(ConsentChange consent) => consent.MarketingEmail == true ? "opted_in" : "unsubscribed";

    /// <summary>
    /// Opt-outs go first, and nothing that has to be read before other changes holds them up. What can be written of a change is
    /// written, and only then is it refused for the rest: an opt-out of e-mail does not wait for a telephone number.
    /// </summary>
    public async Task DeliverAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        foreach (var item in settlement.Open.Where(item => ConsentOf(settlement, item) is { MarketingEmail: null, Topics.Count: 0 }))
        {
            settlement.Settle(item, Outcome.Unchanged);
        }

        var withdrawn = settlement.Open.Where(item => ConsentOf(settlement, item).MarketingEmail == false && EmailOf(settlement, item) is not null).ToArray();
        await WriteProfilesAsync(settlement, [.. withdrawn.Where(_ => !options.IdentityIsEmail)], cancellationToken);
        await WriteAddressesAsync(settlement, withdrawn, cancellationToken);
        await WriteTopicsAsync(settlement, Emails, settlement.Open, cancellationToken);
        await WriteTopicsAsync(settlement, Phones, settlement.Open, cancellationToken);

        var known = await KnownAsync(settlement, cancellationToken);
        var standing = await StandingAsync(settlement, cancellationToken);
        await WriteProfilesAsync(settlement, [.. settlement.Open.Where(item => known.Contains(item) && GoesByKey(settlement, item) && !standing.Contains(item))], cancellationToken);
        await WriteAddressesAsync(
            settlement, [.. settlement.Open.Where(item => ConsentOf(settlement, item).MarketingEmail == true && EmailOf(settlement, item) is not null && !standing.Contains(item))],
            cancellationToken);
        await WriteTopicsAsync(settlement, ExternalIds, [.. settlement.Open.Where(known.Contains)], cancellationToken);
        foreach (var item in settlement.Open)
        {
            var code = WhyIncomplete(settlement, item, known) ?? (standing.Contains(item) ? ReasonCode.OptOutStands : null);
            settlement.Settle(item, code is null ? Outcome.Delivered : Outcome.Rejected, code);
        }
    }

    private async Task<HashSet<int>> KnownAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        var byKey = settlement.Open.Where(item => GoesByKey(settlement, item) || TopicsOf(settlement, item, ExternalIds).Any()).ToArray();
        var keys = byKey.Length == 0 ? [] : await profiles.KnownAsync([.. byKey.Select(item => settlement[item].Key)], cancellationToken);
        return [.. byKey.Where(item => keys.Contains(settlement[item].Key))];
    }

    private Task<HashSet<int>> StandingAsync(BatchSettlement settlement, CancellationToken cancellationToken) => optOuts.NewerAsync(
        [
            .. settlement.Open.Where(item => ConsentOf(settlement, item).MarketingEmail == true)
                .Select(item => (item, settlement[item].Key, EmailOf(settlement, item), ConsentOf(settlement, item).DecidedAt)),
        ],
        cancellationToken);

    /// <summary>Why a part of the change was not written, or null.</summary>
    private string? WhyIncomplete(BatchSettlement settlement, int item, HashSet<int> known)
    {
        var topics = ConsentOf(settlement, item).Topics.Select(topic => WriteOf(settlement, item, topic)).ToArray();
        return topics.Contains(null) ? ReasonCode.IdentityMissing
            : topics.Any(write => !IsSendable(write!)) ? PhoneNotE164
            : (GoesByKey(settlement, item) || topics.Any(write => write!.IdsName == ExternalIds)) && !known.Contains(item) ? ReasonCode.NotFound
            : null;
    }

    /// <summary>The global state, at the profile.</summary>
    private Task WriteProfilesAsync(BatchSettlement settlement, int[] items, CancellationToken cancellationToken)
        => items.Length == 0 ? Task.CompletedTask : tracking.SendAsync(settlement, items, cancellationToken);

    /// <summary>The global state, by address; all of one kind.</summary>
    private async Task WriteAddressesAsync(BatchSettlement settlement, int[] items, CancellationToken cancellationToken)
    {
        if (items.Length > 0)
        {
            await sender.PostAsync(
                settlement, BrazeApiVersion.EmailStatus, [.. items.Where(settlement.IsOpen)],
                some => BrazeBodies.EmailStatus(some.Select(item => EmailOf(settlement, item)!).Distinct(), StateOf(ConsentOf(settlement, items[0]))), cancellationToken);
        }
    }

    /// <summary>Topics by one kind of id: never an address and a number in one call.</summary>
    private async Task WriteTopicsAsync(BatchSettlement settlement, string idsName, IReadOnlyList<int> items, CancellationToken cancellationToken)
    {
        foreach (var some in Calls(settlement, idsName, items))
        {
            await sender.PostAsync(
                settlement, BrazeApiVersion.SubscriptionStatus, [.. some.Where(settlement.IsOpen)],
                part => BrazeBodies.Subscriptions(part.SelectMany(item => TopicsOf(settlement, item, idsName))), cancellationToken);
        }
    }

    private List<List<int>> Calls(BatchSettlement settlement, string idsName, IReadOnlyList<int> items)
    {
        var calls = new List<List<int>>();
        var groups = new HashSet<(string, bool)>();
        foreach (var item in items)
        {
            var entries = TopicsOf(settlement, item, idsName).Select(write => (write.Topic.RemoteRef, write.Topic.Granted)).ToArray();
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

    /// <summary>The topics of a change that can be written by a kind of id.</summary>
    private IEnumerable<TopicWrite> TopicsOf(BatchSettlement settlement, int item, string idsName)
        => ConsentOf(settlement, item).Topics.Select(topic => WriteOf(settlement, item, topic)).OfType<TopicWrite>()
            .Where(write => write.IdsName == idsName && IsSendable(write));

    private TopicWrite? WriteOf(BatchSettlement settlement, int item, TopicConsent topic)
    {
        var (address, list) = topic.Channel == ConsentChannel.Sms ? (ConsentOf(settlement, item).Phone, Phones) : (EmailOf(settlement, item), Emails);
        return address is not null ? new TopicWrite(item, topic, list, address)
            : options.IdentityIsEmail ? null
            : new TopicWrite(item, topic, ExternalIds, settlement[item].Key);
    }

    private static bool IsSendable(TopicWrite write) => write.IdsName != Phones || Number().IsMatch(write.Id);

    /// <summary>True when the global state has no address to be written by.</summary>
    private bool GoesByKey(BatchSettlement settlement, int item) => ConsentOf(settlement, item).MarketingEmail is not null && EmailOf(settlement, item) is null;

    private string? EmailOf(BatchSettlement settlement, int item)
        => (ConsentOf(settlement, item).Email ?? (options.IdentityIsEmail ? settlement[item].Key : null)) is { } email ? BrazeProfiles.Normal(email) : null;

    private static ConsentChange ConsentOf(BatchSettlement settlement, int item)
        => settlement[item].Consent ?? throw new ArgumentException("A change of consent needs the consent.", nameof(item));

    /// <summary>E.164: a plus sign, the country, fifteen digits at most.</summary>
    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}\z")]
    private static partial Regex Number();
}
