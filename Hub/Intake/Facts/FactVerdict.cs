using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>What is to be done with a message: take its fact in, or set it aside. Holds personal data.</summary>
/// <param name="Fact">The fact; null when it is set aside.</param>
/// <param name="Quarantined">What is set aside and why; null when the fact is good.</param>
/// <param name="Precaution">
/// Of a change of consent that is set aside and is not clearly a grant: the denial, as far as it can be read. It holds until somebody has looked.
/// </param>
internal sealed record FactVerdict(LedgerFact? Fact, QuarantinedFact? Quarantined, LedgerFact? Precaution)
{
    /// <summary>Name of the kind of fact, as far as it could be read.</summary>
    public string EventType => Fact?.EventType ?? Quarantined?.EventType ?? "unknown";
}
