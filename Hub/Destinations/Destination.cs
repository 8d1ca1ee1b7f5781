using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Destinations;

/// <summary>A configured destination at work: its connector, compiled mapping and consent rule.</summary>
/// <param name="configuration">What its file says.</param>
/// <param name="hub">The whole configuration.</param>
/// <param name="descriptor">What its connector can do.</param>
/// <param name="connect">Its connector, behind the gate that it is given.</param>
/// <param name="quota">Its quota.</param>
/// <param name="time">Clock of its decisions: a grant may end.</param>
internal sealed class Destination(DestinationConfiguration configuration, HubConfiguration hub, ConnectorDescriptor descriptor, ConnectorBehind connect, DestinationQuota quota, TimeProvider time) : IAsyncDisposable
{
    private readonly Dictionary<string, SemaphoreSlim> _slots = Lane.InOrder.ToDictionary(
        lane => lane, _ => new SemaphoreSlim(descriptor.MaxConcurrency, descriptor.MaxConcurrency));

    private readonly Dictionary<string, IConnector> _connectors = Lane.InOrder.ToDictionary(lane => lane, lane => connect(quota.GateFor(lane)));

    private readonly ConsentRepresentation? _consent = configuration.Consent is { } consent ? new ConsentRepresentation(consent) : null;
    private readonly Dictionary<string, EventRepresentation> _events = configuration.Events.ToDictionary(told => told.Key, told => new EventRepresentation(told.Value, descriptor.QuietEvents, FieldPolicy.For(hub, configuration)), StringComparer.Ordinal);

    public string Name => configuration.Name;

    /// <summary>What decides about people.</summary>
    public DestinationRules Rules { get; } = new(configuration, hub, descriptor, time);

    /// <summary>What its connector can do.</summary>
    public ConnectorDescriptor Descriptor => descriptor;

    /// <summary>Ends that the vendor announced of interfaces that its connector calls; empty for a sandbox, which no vendor ends, and for what answers on this machine.</summary>
    public IReadOnlyList<Retirement> Retirements => configuration.UsesSandbox || configuration.BaseUrl is { IsLoopback: true } ? [] : descriptor.Retirements;

    /// <summary>The connector for a check, which is as pressing as anything and asks the vendor also where our books say that no call is left.</summary>
    public IConnector InsistingConnector { get; } = connect(quota.GateFor(Lane.Urgent, insists: true));

    /// <summary>The connector for comparing with the vendor: its calls are counted, and leave to all other work what it needs.</summary>
    public MeteredConnector ReadBack { get; } = new(connect, quota.GateFor(Lane.Backfill));

    /// <summary>How fast backfills go.</summary>
    public BackfillSection Backfill => configuration.Backfill;

    /// <summary>How it is compared with.</summary>
    public ReconcileSection Reconcile => configuration.Reconcile;

    /// <summary>Who opted out at the vendor, asked for as pressing work; null when it cannot be asked, or shall not be.</summary>
    public IOptOutFeed? OptOutFeed => OptOuts is null ? null : ConnectorFor(Lane.Urgent) as IOptOutFeed;

    /// <summary>Names of the vendor's feeds of opt-outs; empty when it is not asked.</summary>
    public IReadOnlyList<string> OptOutFeeds => OptOutFeed?.OptOutFeeds ?? [];

    /// <summary>True when the vendor tells of opt-outs, asked or by notifications, and so of those too that the hub made there.</summary>
    public bool TellsDenialsBack => OptOutFeeds.Count > 0 || hub.Sources.Values.Any(source => source.Destination == Name && source.OptOuts.Count > 0);

    /// <summary>What an opt-out at the vendor denies; null when the vendor is not asked.</summary>
    public OptOutFacts? OptOuts { get; } = configuration is { AsksForOptOuts: true, Consent: { } kept } ? new OptOutFacts(configuration.Name, kept) : null;

    /// <summary>What does not come back of opt-outs at the vendor, and what to do; null when all does, or when nobody asks.</summary>
    public string? OptOutsNotTold => configuration is { AsksForOptOuts: true, Consent.Topics.Count: > 0 } ? descriptor.TopicOptOutsNotTold : null;

    /// <summary>True when the vendor lists an audience's members, so that strangers can be found among them.</summary>
    public bool ListsMembers => ConnectorFor(Lane.Bulk) is IMemberListing;

    public DestinationMapping Mapping => Rules.Mapping;

    /// <summary>What of a person may leave for it, attribute by attribute.</summary>
    public FieldPolicy FieldPolicy => Rules.FieldPolicy;

    /// <summary>Whose attributes of people are; null where nobody said it.</summary>
    public OwnershipRules? Ownership => hub.Ownership;

    /// <inheritdoc cref="DestinationRules.FilledFields" />
    public IReadOnlySet<string> FilledFields => Rules.FilledFields;

    /// <inheritdoc cref="DestinationRules.OnceFields" />
    public IReadOnlySet<string> OnceFields => Rules.OnceFields;

    /// <inheritdoc cref="DestinationRules.UncomparedFields" />
    public IReadOnlySet<string> UncomparedFields => Rules.UncomparedFields;

    /// <inheritdoc cref="DestinationRules.AddsWith" />
    public char? AddsWith(string field) => Rules.AddsWith(field);

    /// <inheritdoc cref="DestinationRules.Flapping" />
    public IReadOnlyDictionary<string, FlappingRule> Flapping => Rules.Flapping;

    /// <summary>True when it is told of changes of people and memberships as they happen.</summary>
    public bool IsLive => configuration.Live;

    /// <summary>False when only whom it has already is written: it is read before.</summary>
    public bool CreatesPeople => configuration.Create == CreationRule.Always;

    /// <summary>What it is owed when two people turn out to be one.</summary>
    public MergeRule OnMerge => configuration.OnMerge;

    /// <summary>What it is owed when a profile is deleted.</summary>
    public DeletionRule OnDelete => configuration.OnDelete;

    /// <summary>Kinds of keys that it holds as aliases, with the vendor's label of each.</summary>
    public IReadOnlyDictionary<KeyKind, string> Aliases => configuration.Aliases;

    /// <inheritdoc cref="DestinationConfiguration.Irreversible" />
    public IReadOnlyList<string> Irreversible => [.. configuration.Irreversible()];

    /// <summary>How the ledger is to owe it changes of identity.</summary>
    public IdentityRoute IdentityRoute => configuration.RouteOfIdentity(IdentityKeyKind);

    /// <summary>The type of the values that its mapping writes into a vendor field; text for a field that it does not write.</summary>
    public FieldKind KindOf(string field) => MappedFields.FirstOrDefault(mapped => mapped.To == field) is { } known ? KindOf(known.Type) : FieldKind.Text;

    /// <summary>The type of the values of a mapping's type.</summary>
    internal static FieldKind KindOf(MappedType type) => type switch
    {
        MappedType.Number or MappedType.Integer => FieldKind.Number,
        MappedType.Boolean => FieldKind.Boolean,
        MappedType.Date => FieldKind.Date,
        MappedType.Datetime => FieldKind.Instant,
        _ => FieldKind.Text,
    };

    /// <summary>Its quota.</summary>
    public DestinationQuota Quota => quota;

    /// <summary>Every field of its mapping, also what policy keeps here.</summary>
    public IReadOnlyList<FieldMapping> WrittenFields => Rules.WrittenFields;

    /// <summary>The fields of its mapping, without those that policy keeps here and those whose last day is over: of these neither is anything written nor the vendor asked.</summary>
    public IReadOnlyList<FieldMapping> MappedFields => Rules.MappedFields;

    /// <summary>True once the last day of a field is over, on which it was written beside the one that replaces it.</summary>
    public bool IsOver(FieldMapping mapped) => mapped.IsOver(time.GetUtcNow());

    /// <summary>The connector for the work of a lane: its calls wait in that lane.</summary>
    public IConnector ConnectorFor(string lane) => _connectors[lane];

    /// <summary>Batches of a lane that this instance may have under way. Each lane has its own, so that bulk work which waits for quota stands in nobody's way.</summary>
    public SemaphoreSlim Slots(string lane) => _slots[lane];

    /// <summary>
    /// Deliveries to claim at a time: whole batches of the largest operation of runs, about as many as wanted, and a tenth more, since
    /// some of them will be suppressed or refused.
    /// </summary>
    public int ClaimSize(int wanted)
    {
        var batch = new[] { Operation.UpsertProfile, Operation.AddMember, Operation.RemoveMember }.Max(operation => Descriptor.Operations[operation].MaxRecords);
        return wanted < batch ? wanted : wanted / batch * batch * 11 / 10;
    }

    /// <summary>
    /// Deliveries of backfills to claim at a time: one batch. So a window that closes, a pause and a rate hold at the next batch, the run is seen to move, and a process that dies leaves one batch a
    /// partition of which nobody knows what became of it.
    /// </summary>
    public int BackfillClaimSize(int wanted) => ClaimSize(Math.Min(wanted, Descriptor.Operations[Operation.UpsertProfile].MaxRecords));

    /// <summary>Changes when the same person may have to look different at the destination: mapping, consent policy or purposes.</summary>
    public string PlanVersion => Rules.PlanVersion;

    /// <summary>Where the identity key comes from: <c>external_id</c> or <c>email</c>.</summary>
    public string IdentityKeyKind => Mapping.IdentitySource;

    /// <summary>The purposes that must all allow what is sent to it.</summary>
    public IReadOnlyList<string> Purposes => configuration.Purposes;

    /// <summary>May this person's record leave for the destination now?</summary>
    public ConsentDecision Decide(string consentJson) => Rules.Decide(consentJson);

    /// <summary>True when a grant may end by itself between two decisions.</summary>
    public bool GrantsEnd(string consentJson) => Rules.GrantsEnd(consentJson);

    /// <summary>True when what was known as an event was collected forbids telling the destination of it, whatever is known since.</summary>
    public bool IsForbiddenBy(Contracts.Events.CollectedConsent? collected) =>
        collected is not null
        && (configuration.Purposes.Any(purpose => collected.Purposes.TryGetValue(purpose, out var status) && status != ConsentWord.Granted)
            || (collected.Destinations is { } destinations && !DestinationWord.MayGo(destinations, configuration.Name)));

    /// <inheritdoc cref="DestinationMapping.KeyOf" />
    public string? KeyOf(string? externalId, string? email) => Mapping.KeyOf(externalId, email);

    /// <summary>How the vendor tells keys apart; keys that are equal by it must not be written at the same time.</summary>
    public StringComparer KeyComparer { get; } = descriptor.KeysAreCaseInsensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>Names a key where the vendor takes several spellings for one; null where it does not.</summary>
    public Guid? KeyHashOf(string? key) => Descriptor.KeysAreCaseInsensitive && key is not null ? KeyHash.Of(key.ToUpperInvariant()) : null;

    /// <summary>A person as the vendor can be asked about; null when there is neither a remote id nor a key.</summary>
    public RemoteMember? PersonOf(ExpectedMember member) =>
        KeyOf(member.ExternalId, member.Email) is var key && (key ?? member.RemoteId) is null ? null : new RemoteMember(member.RemoteId, key);

    /// <summary>True when sending a batch of the operation twice leaves the vendor as after one time.</summary>
    public bool RepeatIsHarmless(Operation operation) => Descriptor.Operations[operation].RepeatIsHarmless;

    /// <summary>Canonical names of the events that the destination is told.</summary>
    public IEnumerable<string> EventNames => configuration.Events.Keys;

    /// <summary>The kinds of event that it asks the vendor for, each name once.</summary>
    public IReadOnlyList<EventUse> EventUses =>
        [.. _events.Values.SelectMany(told => told.Uses).GroupBy(use => use.Name, StringComparer.Ordinal).Select(same => new EventUse(same.Key, [.. same.SelectMany(use => use.Properties).Distinct(StringComparer.Ordinal)]))];

    /// <summary>How the destination is told of an event, or null when it is not.</summary>
    public EventRepresentation? EventOf(string name) => _events.GetValueOrDefault(name);

    /// <summary>The purposes of which the destination keeps consent.</summary>
    public IEnumerable<string> ConsentPurposes => configuration.Consent?.Purposes ?? [];

    /// <summary>The consent that the destination should hold of a person; null when nothing is known or nothing is kept there.</summary>
    /// <param name="consentJson">Consent states as kept with the profile.</param>
    /// <param name="person">The person.</param>
    /// <param name="leftOut">
    /// Why the topics of text messages are not in it: the phone number cannot be turned into E.164, by which vendors know it. Null when they are,
    /// or when there are none. Without them nothing may be left to say.
    /// </param>
    public ConsentChange? ConsentOf(string consentJson, in ProfileView person, out string? leftOut)
    {
        leftOut = null;
        string? phone = null;
        var failure = _consent?.HasTextMessages == true ? Mapping.PhoneOf(person, out phone) : MappingFailure.None;
        if (_consent?.For(consentJson, person.Email, phone, purpose => Rules.Decide([purpose], consentJson)) is not { } change)
        {
            return null;
        }

        if (failure is MappingFailure.None or MappingFailure.Missing || change.Topics.All(topic => topic.Channel != ConsentChannel.Sms))
        {
            return change;
        }

        leftOut = MappingFailures.CodeOf(failure);
        return change with { Topics = [.. change.Topics.Where(topic => topic.Channel != ConsentChannel.Sms)] };
    }

    /// <summary>Keys of the audiences that go to the destination.</summary>
    public IEnumerable<string> Audiences => hub.Audiences.Values.Where(audience => audience.Destinations.Contains(Name)).Select(audience => audience.Key);

    /// <summary>What to ask the connector for so that it finds or makes the vendor's side of an audience.</summary>
    public AudienceRequest AudienceRequest(string audience) => configuration.RequestFor(hub.Audiences[audience]);

    public async ValueTask DisposeAsync()
    {
        await quota.DisposeAsync();
        foreach (var slots in _slots.Values)
        {
            slots.Dispose();
        }
    }
}
