using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Turns a claim into batches: takes the consent decision again from the current state, maps the current profile or the event, keeps two
/// records with one identity key apart, and cuts by the connector's limits. A person's events go in one batch, in their order. Pure: no I/O,
/// no clock.
/// </summary>
internal sealed class ClaimPreparation
{
    /// <summary>Two people whose keys are one to the vendor: the one that it has keeps it.</summary>
    public const string KeyCollision = "key_collision";

    /// <summary>Begins the note of a record that was sent without fields that no line of policy lets leave; their names follow.</summary>
    public const string WithheldPrefix = "withheld_";

    private readonly List<Settlement> _settled = [];
    private readonly List<PreparedBatch> _batches = [];
    private readonly List<ClaimedDelivery> _waiting = [];

    private readonly Destination _destination;
    private readonly bool _mayWait;
    private readonly OperationLimits? _limits;
    private readonly IReadOnlyDictionary<Guid, long> _keyHolders;
    private readonly DateTimeOffset? _at;

    private ClaimPreparation(Destination destination, bool mayWait, OperationLimits? limits, IReadOnlyDictionary<Guid, long>? keyHolders, DateTimeOffset? at) =>
        (_destination, _mayWait, _limits, _keyHolders, _at) = (destination, mayWait, limits, keyHolders ?? new Dictionary<Guid, long>(), at);

    /// <summary>Records that are settled without being sent: suppressed or rejected.</summary>
    public IReadOnlyList<Settlement> Settled => _settled;

    /// <summary>What has to wait for a change of identity.</summary>
    public IReadOnlyList<ClaimedDelivery> Waiting => _waiting;

    /// <summary>What is to be sent; batches share no identity key.</summary>
    public IReadOnlyList<PreparedBatch> Batches => _batches;

    /// <param name="destination">Where the claim goes.</param>
    /// <param name="claim">Claimed deliveries in order. A second one of a person, or with a key that an earlier one holds, is left for the next claim; so is an event that has no room in the batch of the person's earlier ones.</param>
    /// <param name="mayWait">True when more work follows: what does not fill a batch is left for the next claim, so that no vendor call is spent on a few records.</param>
    /// <param name="limits">Limits of a batch; the connector's own for the operation when null.</param>
    /// <param name="keyHolders">Who holds keys of the claim at the destination, by <see cref="KeyHash"/>; null where the vendor tells keys apart by case.</param>
    /// <param name="ahead">What has to be through before anything else is sent about a person or under a key; null for nothing.</param>
    /// <param name="at">The time of the claim, by which truth values that go back and forth are held; null to hold none.</param>
    public static ClaimPreparation For(
        Destination destination, IReadOnlyList<ClaimedDelivery> claim, bool mayWait = false, OperationLimits? limits = null, IReadOnlyDictionary<Guid, long>? keyHolders = null, IdentityAhead? ahead = null,
        DateTimeOffset? at = null)
    {
        var preparation = new ClaimPreparation(destination, mayWait, limits, keyHolders, at);
        var keys = new HashSet<string>(claim.Count, destination.KeyComparer);
        var people = new HashSet<long>(claim.Count);
        foreach (var group in claim
            .Where(delivery => !preparation.Waits(delivery, ahead))
            .Where(delivery => Appends(delivery.Operation) || people.Add(delivery.ProfileId))
            .Select(preparation.Corrected).OfType<ClaimedDelivery>().Select(preparation.AsItStands).OfType<ClaimedDelivery>()
            .GroupBy(delivery => (Operation: OperationNow(destination, delivery), delivery.Audience)))
        {
            preparation.Cut(group.Key.Operation, group.Key.Audience, group, keys);
        }

        return preparation;
    }

    /// <summary>Nothing else is sent about a person before the destination has been told who they are, and nothing under a key before whoever gives it up has another there.</summary>
    private bool Waits(ClaimedDelivery delivery, IdentityAhead? ahead)
    {
        var waits = ahead is not null
            && ((ahead.First.TryGetValue(delivery.ProfileId, out var due) && due != delivery.DeliveryId)
                || (ahead.GivenUp.Count > 0 && !DueIdentity.Is(delivery.Operation) && _destination.KeyOf(delivery.ExternalId, delivery.Email) is { } key && ahead.GivenUp.Contains(key)));
        if (waits)
        {
            _waiting.Add(delivery);
        }

        return waits;
    }

    /// <summary>As somebody corrected it; null when that cannot be read, which is settled then: what it sent before was wrong.</summary>
    private ClaimedDelivery? Corrected(ClaimedDelivery delivery)
    {
        try
        {
            return LetterCorrection.Apply(delivery);
        }
        catch (JsonException)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Rejected, LetterCorrection.Unreadable));
            return null;
        }
    }

    /// <summary>What a change of state comes to now; null when nothing is left to send, which is settled then.</summary>
    private ClaimedDelivery? AsItStands(ClaimedDelivery delivery)
    {
        if (StoredConsent.IsErased(delivery.ConsentJson))
        {
            _settled.Add(Final(delivery, LedgerOutcome.Suppressed, ConsentCode.Erased));
            return null;
        }

        var (operation, outcome, code) = StateDecision.For(_destination, delivery);
        if (operation is { } owed)
        {
            return delivery with { Operation = owed };
        }

        _settled.Add(Final(delivery, outcome!, code));
        return null;
    }

    /// <summary>Whoever may have been added before and may not be sent any more is taken out instead.</summary>
    private static Operation OperationNow(Destination destination, ClaimedDelivery delivery) =>
        delivery is { Operation: Operation.AddMember, MaybeSent: true } && !destination.Decide(delivery.ConsentJson).Allowed ? Operation.RemoveMember : delivery.Operation;

    private void Cut(Operation operation, string audience, IEnumerable<ClaimedDelivery> deliveries, HashSet<string> keys)
    {
        var limits = _limits ?? _destination.Descriptor.Operations[operation];
        var records = new List<PreparedRecord>(limits.MaxRecords);
        var appends = Appends(operation);
        var ownKeys = appends ? new HashSet<string>(_destination.KeyComparer) : keys;
        var bytes = 0;
        var before = _batches.Count;
        foreach (var delivery in appends ? deliveries.GroupBy(delivery => delivery.ProfileId).SelectMany(person => person) : deliveries)
        {
            if (Prepare(operation, delivery) is not { } record || keys.Contains(record.Item.Key))
            {
                continue;
            }

            var size = RecordSize.Of(record.Item);
            if (records.Count == limits.MaxRecords || (bytes + size > limits.MaxBytes && records.Count > 0))
            {
                _batches.Add(new PreparedBatch(operation, audience, records));
                records = new List<PreparedRecord>(limits.MaxRecords);
                bytes = 0;
                if (appends)
                {
                    keys.UnionWith(ownKeys);
                    if (keys.Contains(record.Item.Key))
                    {
                        continue;
                    }
                }
            }

            ownKeys.Add(record.Item.Key);
            records.Add(record);
            bytes += size;
        }

        if (appends)
        {
            keys.UnionWith(ownKeys);
        }

        if (records.Count == limits.MaxRecords || (records.Count > 0 && !(_mayWait && _batches.Count > before)))
        {
            _batches.Add(new PreparedBatch(operation, audience, records));
        }
    }

    /// <summary>True for what is no state: the second one of a person is not a newer one of the first.</summary>
    private static bool Appends(Operation operation) => operation == Operation.TrackEvent;

    private PreparedRecord? Prepare(Operation operation, ClaimedDelivery delivery)
    {
        if (delivery.SendingSince is not null && !_destination.RepeatIsHarmless(operation))
        {
            _settled.Add(Final(delivery, LedgerOutcome.DeadLettered, ReasonCode.Ambiguous));
            return null;
        }

        var record = operation switch
        {
            Operation.RemoveMember when delivery.Operation != operation => Undo(delivery),
            Operation.RemoveMember => WithoutFields(delivery),
            Operation.SetConsent => PrepareConsent(delivery),
            Operation.TrackEvent => PrepareEvent(delivery),
            _ when DueIdentity.Is(operation) => PrepareIdentity(operation, delivery),
            _ => PrepareFields(operation, delivery),
        };
        if (record is null || !BelongsToAnother(record))
        {
            return record;
        }

        _settled.Add(Final(delivery, LedgerOutcome.Rejected, KeyCollision) with { IsTaken = true });
        return null;
    }

    /// <summary>The vendor takes the key for that of another person whom it has: what is sent would be written over theirs.</summary>
    private bool BelongsToAnother(PreparedRecord record) =>
        _keyHolders.Count > 0 && (IsOfAnother(record, record.Item.Key) || IsOfAnother(record, record.Item.Identity?.NewKey));

    private bool IsOfAnother(PreparedRecord record, string? key) =>
        _destination.KeyHashOf(key) is { } hash && _keyHolders.TryGetValue(hash, out var holder) && holder != record.Delivery.ProfileId && holder != record.Delivery.Other?.ProfileId;

    private PreparedRecord? PrepareIdentity(Operation operation, ClaimedDelivery delivery)
    {
        if (DueIdentity.ChangeOf(_destination, operation, delivery) is var (key, remoteId, change))
        {
            return new PreparedRecord(delivery.WithoutProfile(), new BatchItem { RecordId = delivery.DeliveryId, Key = key, RemoteId = remoteId, Identity = change }, null, null);
        }

        _settled.Add(Final(delivery, LedgerOutcome.Rejected, ReasonCode.IdentityMissing));
        return null;
    }

    private PreparedRecord? WithoutFields(ClaimedDelivery delivery, ConsentChange? consent = null, Behavior? happened = null)
    {
        var key = _destination.KeyOf(delivery.ExternalId, delivery.Email) ?? delivery.RemoteId;
        if (key is null)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Rejected, ReasonCode.IdentityMissing));
            return null;
        }

        return new PreparedRecord(delivery.WithoutProfile(), new BatchItem { RecordId = delivery.DeliveryId, Key = key, RemoteId = delivery.RemoteId, Consent = consent, Event = happened }, null, null);
    }

    private PreparedRecord? Undo(ClaimedDelivery delivery) =>
        WithoutFields(delivery) is { } removal ? removal with { WhyUndone = _destination.Decide(delivery.ConsentJson).Code } : null;

    /// <summary>A change of consent needs no consent: it is what the person said, as it stands now.</summary>
    private PreparedRecord? PrepareConsent(ClaimedDelivery delivery)
    {
        var person = new ProfileView(delivery.ExternalId, delivery.Email, delivery.Phone, delivery.AttributesJson);
        if (_destination.ConsentOf(delivery.ConsentJson, person, out var leftOut) is { } consent)
        {
            if (consent is { MarketingEmail: null, Topics.Count: 0 })
            {
                _settled.Add(Final(delivery, LedgerOutcome.Rejected, leftOut));
                return null;
            }

            var record = WithoutFields(delivery, consent);
            return leftOut is null ? record : record is null ? null : record with { Note = $"sms_left_out_{leftOut}" };
        }

        _settled.Add(Final(delivery, LedgerOutcome.Unchanged, "consent_not_kept"));
        return null;
    }

    private PreparedRecord? PrepareEvent(ClaimedDelivery delivery)
    {
        var consent = _destination.Decide(delivery.ConsentJson);
        if (!consent.Allowed)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Suppressed, consent.Code));
            return null;
        }

        if (StoredBehavior.Read(delivery.EventJson) is not { } tracked)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Rejected, "event_unreadable"));
            return null;
        }

        if (_destination.IsForbiddenBy(tracked.Consent))
        {
            _settled.Add(Final(delivery, LedgerOutcome.Suppressed, ConsentCode.AtCollection));
            return null;
        }

        if (_destination.EventOf(tracked.Payload.Name) is not { } representation)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Suppressed, "event_not_routed"));
            return null;
        }

        if (representation.Map(tracked, delivery.IsQuiet, out var code) is { } happened)
        {
            return WithoutFields(delivery, happened: happened) is not { } record ? null
                : representation.WithheldOf(tracked) is { Count: > 0 } withheld ? record with { Note = Withheld(withheld) }
                : record;
        }

        _settled.Add(Final(delivery, LedgerOutcome.Rejected, code));
        return null;
    }

    private PreparedRecord? PrepareFields(Operation operation, ClaimedDelivery delivery)
    {
        var consent = _destination.Decide(delivery.ConsentJson);
        if (!consent.Allowed)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Suppressed, consent.Code));
            return null;
        }

        var isSaidThere = operation == Operation.UpsertProfile && delivery is { MaybeSent: false, State.ConfirmedHash: not null } && IsSaidThere(delivery);
        var held = isSaidThere ? HeldValues.None : HeldOf(delivery);
        var mapped = Map(delivery, held.Told(delivery.AttributesJson));
        if (mapped.Rejection is { } rejection)
        {
            if (delivery.TakesBack)
            {
                return WithoutFields(delivery);
            }

            _settled.Add(Final(delivery, LedgerOutcome.Rejected, rejection.Code));
            return null;
        }

        delivery = held.SteadyAt is { } steadyAt ? delivery with { HeldUntil = steadyAt } : delivery;
        if (operation == Operation.UpsertProfile && delivery is { MaybeSent: false, State.ConfirmedHash: { } confirmed }
            && (mapped.ContentHash == confirmed || held.Either(delivery.AttributesJson).Any(either => Map(delivery, either).ContentHash == confirmed)))
        {
            _settled.Add(Final(delivery, LedgerOutcome.Unchanged, delivery.HeldUntil is null ? null : FlappingRule.Held));
            return null;
        }

        if (isSaidThere)
        {
            _settled.Add(Final(delivery, LedgerOutcome.Unchanged, StateDecision.SaidThere) with { IsUnsent = false, ConfirmedHash = mapped.ContentHash, PlanVersion = _destination.PlanVersion });
            return null;
        }

        return new PreparedRecord(delivery.WithoutProfile(), new BatchItem { RecordId = delivery.DeliveryId, Key = mapped.Key!, RemoteId = delivery.RemoteId, Fields = mapped.Fields }, mapped.ContentHash, NoteOf(mapped));
    }

    private MappedRecord Map(ClaimedDelivery delivery, string attributesJson) => _destination.Mapping.Map(new ProfileView(delivery.ExternalId, delivery.Email, delivery.Phone, attributesJson));

    /// <summary>What runs write, and letters that somebody sends again, is what stands now.</summary>
    private HeldValues HeldOf(ClaimedDelivery delivery) =>
        _at is { } at && delivery is { State: not null, LetterId: null } ? HeldValues.Of(_destination.Flapping, delivery.AttributesJson, delivery.TimesJson, at) : HeldValues.None;

    /// <summary>The destination has what its own vendor said without being told.</summary>
    private bool IsSaidThere(ClaimedDelivery delivery) =>
        ProfileMarks.WordOf(delivery.TimesJson)?.Covers(_destination.Name, delivery.ProfileVersion, delivery.Confirmed is { } confirmed && confirmed.Plan == _destination.PlanVersion ? confirmed.Profile : null) == true;

    /// <summary>Everything that was left out of a record, in the order of the mapping.</summary>
    internal static string? NoteOf(in MappedRecord mapped)
    {
        var dropped = mapped.Dropped.Count == 0 ? null : $"dropped_{string.Join('+', mapped.Dropped.Select(issue => issue.Field))}";
        var withheld = mapped.Withheld.Count == 0 ? null : Withheld(mapped.Withheld);
        return dropped is null || withheld is null ? dropped ?? withheld : $"{withheld};{dropped}";
    }

    private static string Withheld(IReadOnlyList<string> fields) => WithheldPrefix + string.Join('+', fields);

    private static Settlement Final(ClaimedDelivery delivery, string outcome, string? code) => new()
    {
        Delivery = delivery.WithoutProfile(), Outcome = outcome, Code = code, MaybeSent = delivery.MaybeSent, IsUnsent = true,
    };
}
