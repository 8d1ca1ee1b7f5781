using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Marketo;

/// <summary>A gate that keeps who entered and what was reported, in order, and refuses on demand.</summary>
internal sealed class WatchedGate : ICallGate
{
    public List<VendorEndpoint> Entered { get; } = [];

    public List<string> Told { get; } = [];

    public int Open { get; private set; }

    /// <summary>Says why an endpoint may not be called, or null.</summary>
    public Func<VendorEndpoint, DestinationCondition?> Refuse { get; set; } = static _ => null;

    public ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken)
    {
        Entered.Add(endpoint);
        Open++;
        return ValueTask.FromResult<CallPermit>(new Permit(this, Refuse(endpoint)));
    }

    private sealed class Permit(WatchedGate gate, DestinationCondition? refusal) : CallPermit
    {
        public override DestinationCondition? Refusal => refusal;

        public override void Report(QuotaReading reading) =>
            gate.Told.Add($"{reading.Limit} max {reading.Max?.ToString() ?? "-"} left {reading.Remaining?.ToString() ?? "-"} for {reading.ResetsIn?.ToString() ?? "-"}");

        public override void NotCounted() => gate.Told.Add("not counted");

        protected override void Dispose(bool disposing)
        {
            gate.Open--;
            base.Dispose(disposing);
        }
    }
}
