using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What became of one person in a run, or last in a stream.</summary>
/// <param name="RunId">The run, or the <see cref="LiveStream"/>.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience; empty where there is none.</param>
/// <param name="Operation">What was sent or was to be sent; null where a plan settled it.</param>
/// <param name="Outcome">A name from <see cref="LedgerOutcome"/>.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="At">When it was settled.</param>
/// <param name="Decided">What it was decided by; null of what earlier versions settled and of what nothing was decided about.</param>
public sealed record DecidedOutcome(Guid RunId, string Destination, string Audience, Operation? Operation, string Outcome, string? Code, DateTimeOffset At, DecisionPoint? Decided);
