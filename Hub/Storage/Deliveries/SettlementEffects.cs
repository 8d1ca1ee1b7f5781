using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>What a settlement does beyond its outcome; the same in both dialects. Pure.</summary>
internal static class SettlementEffects
{
    /// <summary>Attempts that it costs: 1 when the record was sent or refused, 0 when it was suppressed or merely postponed.</summary>
    public static int CostOf(Settlement settlement) => settlement.Outcome switch
    {
        null => settlement.CostsAttempt ? 1 : 0,
        LedgerOutcome.Suppressed => 0,
        _ => 1,
    };

    /// <summary>Hash of the fields that the vendor has now, or null when it confirmed none.</summary>
    public static Guid? ConfirmedHashOf(Settlement settlement) =>
        IsConfirmed(settlement) && settlement.Delivery.Operation != Operation.RemoveMember ? settlement.ConfirmedHash : null;

    /// <summary>True when the vendor confirmed a membership or its end.</summary>
    public static bool ChangesMembership(Settlement settlement) =>
        settlement.Undone || (IsConfirmed(settlement) && settlement.Delivery.Operation is (Operation.AddMember or Operation.RemoveMember));

    /// <summary>With a changed membership: whether the person is a member now.</summary>
    public static bool IsMember(Settlement settlement) => settlement.Delivery.Operation == Operation.AddMember && !settlement.Undone;

    /// <summary>True when nobody knows whether the person is a member, unless the delivery stays in the queue, where it says so itself.</summary>
    public static bool LeavesDoubt(Settlement settlement) =>
        settlement is { MaybeSent: true, Delivery.Operation: Operation.AddMember or Operation.RemoveMember } && !ChangesMembership(settlement);

    /// <summary>True when the vendor has, or may have, the person by this settlement.</summary>
    public static bool MakesKnown(Settlement settlement) =>
        settlement.RemoteId is not null || settlement.ForgetRemoteId || settlement.MaybeSent || ConfirmedHashOf(settlement) is not null;

    /// <summary>True when the vendor said that it has what was sent.</summary>
    public static bool IsConfirmed(Settlement settlement) => settlement is { IsNotThere: false, IsUnsent: false } && settlement.Outcome is (LedgerOutcome.Delivered or LedgerOutcome.Unchanged);
}
