using System.Reflection;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Intake.Broker;

/// <summary>A ledger with a fault of its own: it cannot take in what a certain producer states.</summary>
public class FaultyLedger : DispatchProxy
{
    public const string Producer = "whom the hub fails";
    private ILedger _ledger = null!;

    public static ILedger Of(ILedger ledger)
    {
        var faulty = Create<ILedger, FaultyLedger>();
        ((FaultyLedger)faulty)._ledger = ledger;
        return faulty;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        args!.OfType<IReadOnlyList<LedgerFact>>().SelectMany(facts => facts).Any(fact => fact.Producer == Producer)
            ? Task.FromException<IntakeResult>(new InvalidCastException("a fault"))
            : targetMethod!.Invoke(_ledger, args);
}
