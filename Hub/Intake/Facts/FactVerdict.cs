using System.Diagnostics;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>What is to be done with a message: take its fact in, or set it aside. Holds personal data.</summary>
/// <param name="Fact">The fact; null when it is set aside.</param>
/// <param name="Quarantined">What is set aside and why; null when the fact is good.</param>
internal sealed record FactVerdict(LedgerFact? Fact, QuarantinedFact? Quarantined)
{
    /// <summary>True when the fact, or the message that is set aside, was known already; known after it was taken in.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>True when it names somebody who was erased: nothing of it is kept; known after it was taken in.</summary>
    public bool IsErased { get; init; }

    /// <summary>True when its producer shadows another one: what it states is kept beside what counts, but for what it denies.</summary>
    public bool IsShadow { get; init; }

    /// <summary>The version of the configuration that it was read by; null where none has a number.</summary>
    public long? ConfigVersion { get; init; }

    /// <summary>The trace that the fact says it belongs to, or null.</summary>
    public ActivityContext? Trace { get; init; }

    /// <summary>How the fact departs from its contract.</summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    /// <summary>Of a fact that is taken in: what it holds, field by field.</summary>
    public FactContents? Contents { get; init; }

    /// <summary>Of what is set aside: the denials, as far as they can be read. They hold until somebody has looked.</summary>
    public IReadOnlyList<LedgerFact> Precautions { get; init; } = [];

    /// <summary>How many came in of each type and producer; what names neither plainly is counted together.</summary>
    public static IEnumerable<FactVolume> Volumes(IEnumerable<FactVerdict> verdicts) => verdicts
        .GroupBy(verdict => (verdict.EventType, Producer: verdict.Fact?.Producer ?? verdict.Quarantined?.Producer ?? FactBook.Others))
        .Select(same => new FactVolume(same.Key.EventType, same.Key.Producer, same.LongCount(verdict => verdict.Fact is not null), same.LongCount(verdict => verdict.Fact is null)));

    /// <summary>What became of it, as metrics count it; known after it was taken in.</summary>
    public string CameTo => this switch
    {
        { IsErased: true } => Tombstones.Erased,
        { IsRepeat: true } => HubMetrics.Duplicate,
        { Fact: null } => HubMetrics.Quarantined,
        { IsShadow: true } => HubMetrics.Shadowed,
        _ => HubMetrics.Accepted,
    };

    /// <summary>Name of the kind of fact, as far as it could be read.</summary>
    public string EventType => Fact?.EventType ?? Quarantined?.EventType ?? "unknown";
}
