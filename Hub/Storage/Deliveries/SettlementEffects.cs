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
        IsConfirmed(settlement) && settlement.Delivery.Operation is (Operation.AddMember or Operation.RemoveMember);

    private static bool IsConfirmed(Settlement settlement) => settlement.Outcome is LedgerOutcome.Delivered or LedgerOutcome.Unchanged;
}
