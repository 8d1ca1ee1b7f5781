using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// What a change of identity comes to by how its people stand when it is claimed. Two people are joined at a vendor only while they are one here, and only when both may be sent: nobody becomes
/// mailable by it whom one of the two wanted left alone. Pure.
/// </summary>
internal static class DueIdentity
{
    /// <summary>The destination's file does not ask for it any more.</summary>
    public const string NotAskedFor = "not_asked_for";

    /// <summary>The two are not one person any more, or another profile shows them now.</summary>
    public const string Parted = "parted";

    /// <summary>The destination does not have whom it is about.</summary>
    public const string NotKnown = "not_known_there";

    /// <summary>The person came back before the deletion's turn came.</summary>
    public const string Restored = "restored";

    /// <summary>True for operations that change who somebody is at the destination.</summary>
    public static bool Is(Operation operation) => operation >= Operation.ChangeKey;

    /// <summary>Decides for one delivery.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="delivery">The delivery.</param>
    public static StateDecision For(Destination destination, ClaimedDelivery delivery) => delivery.Operation switch
    {
        Operation.ChangeKey when delivery.Other is null => OfKey(destination, delivery),
        Operation.MergeProfiles or Operation.ChangeKey => OfMerge(destination, delivery),
        Operation.DeleteProfile => OfDeletion(destination, delivery),
        _ => OfAlias(destination, delivery),
    };

    /// <summary>The key to find the person by, and the change; null when a key is missing.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="operation">What is sent.</param>
    /// <param name="delivery">The delivery.</param>
    public static (string Key, string? RemoteId, IdentityChange? Change)? ChangeOf(Destination destination, Operation operation, ClaimedDelivery delivery)
    {
        var (own, other) = (KeyOf(destination, delivery), KeyOf(destination, delivery.Other));
        return operation switch
        {
            Operation.ChangeKey when delivery.Other is { } ends => own is null || other is null ? null : (other, ends.RemoteId, new IdentityChange { NewKey = own }),
            Operation.ChangeKey => own is null || delivery.NamedKey is null ? null : (delivery.NamedKey, delivery.RemoteId, new IdentityChange { NewKey = own }),
            Operation.MergeProfiles => own is null || other is null ? null : (own, delivery.RemoteId, new IdentityChange { OtherKey = other, OtherRemoteId = delivery.Other!.RemoteId }),
            Operation.DeleteProfile => own is null ? null : (own, delivery.RemoteId, null),
            _ => own is null || AliasOf(destination, delivery) is not { } alias ? null : (own, delivery.RemoteId, new IdentityChange { Alias = alias }),
        };
    }

    private static StateDecision OfKey(Destination destination, ClaimedDelivery delivery) =>
        delivery.IsJoined ? Settled(LedgerOutcome.Unchanged, Parted)
        : MaySend(destination, delivery.ConsentJson) is { Allowed: false } consent ? Settled(LedgerOutcome.Suppressed, consent.Code)
        : KeyOf(destination, delivery) is not { } own ? Settled(LedgerOutcome.Unchanged, ReasonCode.IdentityMissing)
        : destination.KeyComparer.Equals(own, delivery.NamedKey) ? Settled(LedgerOutcome.Unchanged, null)
        : Send(destination, Operation.ChangeKey);

    private static StateDecision OfMerge(Destination destination, ClaimedDelivery delivery) =>
        destination.OnMerge != MergeRule.Merge ? Settled(LedgerOutcome.Suppressed, NotAskedFor)
        : delivery.Other is not { } other || delivery.IsJoined || other.PersonId != delivery.ProfileId ? Settled(LedgerOutcome.Unchanged, Parted)
        : !other.IsKnown ? Settled(LedgerOutcome.Unchanged, NotKnown)
        : MaySend(destination, delivery.ConsentJson) is { Allowed: false } consent ? Settled(LedgerOutcome.Suppressed, consent.Code)
        : MaySend(destination, OwnConsentOf(other)) is { Allowed: false } others ? Settled(LedgerOutcome.Suppressed, others.Code)
        : Send(destination, delivery.IsKnown ? Operation.MergeProfiles : Operation.ChangeKey);

    private static StateDecision OfDeletion(Destination destination, ClaimedDelivery delivery) =>
        destination.OnDelete != DeletionRule.Delete ? Settled(LedgerOutcome.Suppressed, NotAskedFor)
        : !StoredConsent.Read(delivery.ConsentJson).TryGetValue(Suppression.PurposeOf(Suppression.Deleted), out var deleted) || deleted.IsGranted ? Settled(LedgerOutcome.Unchanged, Restored)
        : Send(destination, Operation.DeleteProfile);

    private static StateDecision OfAlias(Destination destination, ClaimedDelivery delivery) =>
        AliasOf(destination, delivery) is null ? Settled(LedgerOutcome.Suppressed, NotAskedFor)
        : delivery.IsJoined ? Settled(LedgerOutcome.Unchanged, Parted)
        : MaySend(destination, delivery.ConsentJson) is { Allowed: false } consent ? Settled(LedgerOutcome.Suppressed, consent.Code)
        : Send(destination, delivery.Operation);

    private static Consent.ConsentDecision MaySend(Destination destination, string consentJson) => destination.Decide(consentJson);

    /// <summary>What the person decided under the profile that ends, without what keeps a profile from being sent that another one shows.</summary>
    private static string OwnConsentOf(OtherProfile other) =>
        StoredConsent.With(other.ConsentJson, Suppression.PurposeOf(Suppression.Merged), Suppression.OfMerged with { Status = ConsentWord.Granted });

    private static ProfileAlias? AliasOf(Destination destination, ClaimedDelivery delivery) =>
        delivery.NamedKey is { } named && PersonKey.ReadOrNull(named) is { } key && destination.Aliases.TryGetValue(key.Kind, out var label) ? new ProfileAlias(label, key.Value) : null;

    private static string? KeyOf(Destination destination, ClaimedDelivery delivery) => destination.KeyOf(delivery.ExternalId, delivery.Email);

    private static string? KeyOf(Destination destination, OtherProfile? other) => other is null ? null : destination.KeyOf(other.ExternalId, other.Email);

    private static StateDecision Send(Destination destination, Operation operation) =>
        destination.Descriptor.Operations.ContainsKey(operation) ? new(operation, null, null) : Settled(LedgerOutcome.Suppressed, NotAskedFor);

    private static StateDecision Settled(string outcome, string? code) => new(null, outcome, code);
}
