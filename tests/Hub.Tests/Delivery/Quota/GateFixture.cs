using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hub.Tests.Delivery.Quota;

/// <summary>Gates of one destination, a vendor that counts exactly, and the clock in the test's hand.</summary>
public abstract class GateFixture
{
    private protected const int Calls = 50;
    private protected static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private protected static readonly VendorEndpoint Endpoint = new("POST", "/people", "v1", new Uri("https://vendor.example/docs"));
    private protected static readonly VendorEndpoint Other = new("POST", "/consents", "v1", new Uri("https://vendor.example/docs"));
    private protected static readonly RateLimit Day = new("daily", 100, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day };
    private readonly List<QuotaGate> _gates = [];
    private readonly List<Task> _callers = [];

    private protected CancellationTokenSource Stopping { get; private set; } = null!;

    private protected FakeTimeProvider Time { get; private set; } = null!;

    private protected QuotaTable Table { get; private set; } = null!;

    private protected CountingVendor Vendor { get; private set; } = null!;

    [SetUp]
    public void Start()
    {
        Time = new MachineClock(new DateTimeOffset(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
        (Stopping, Table, Vendor) = (new CancellationTokenSource(), new QuotaTable(Time), new CountingVendor(Calls, Window, Time));
    }

    [TearDown]
    public async Task Stop()
    {
        await StopAsync();
        foreach (var gate in _gates)
        {
            await gate.DisposeAsync();
        }

        _gates.Clear();
        _callers.Clear();
        Stopping.Dispose();
    }

    private protected Task<CallPermit> EnterAsync(QuotaGate gate, VendorEndpoint? endpoint = null) => EnterAsync(gate.For(Lane.Bulk), endpoint);

    private protected async Task<CallPermit> EnterAsync(ICallGate gate, VendorEndpoint? endpoint = null)
    {
        var call = gate.EnterAsync(endpoint ?? Endpoint, CancellationToken.None).AsTask();
        await Time.Until(() => call.IsCompleted, "the call to be admitted or refused");
        return await call;
    }

    private protected async Task<(int Calls, DestinationCondition Refusal)> EnterUntilRefusedAsync(QuotaGate gate, string lane)
    {
        for (var calls = 0; ; calls++)
        {
            using var permit = await EnterAsync(gate.For(lane));
            if (permit.Refusal is { } refusal)
            {
                return (calls, refusal);
            }
        }
    }

    private protected static QuotaLimits Limits(params RateLimit[] limits) =>
        new() { Rates = limits.Length > 0 ? limits : [new RateLimit("burst", Calls, Window, "account")], MaxConcurrency = 8, AccountZone = TimeZoneInfo.Utc };

    private protected QuotaGate Gate(params RateLimit[] limits) => Gate(Limits(limits));

    private protected QuotaGate Gate(QuotaLimits limits)
    {
        var gate = new QuotaGate("vendor", $"instance-{_gates.Count}", limits, Table.For(limits), Time, NullLogger.Instance);
        _gates.Add(gate);
        return gate;
    }

    private protected void Call(QuotaGate gate, string lane, int callers)
    {
        for (var i = 0; i < callers; i++)
        {
            _callers.Add(Task.Run(() => Vendor.CallAsync(gate, Endpoint, lane, "burst", Stopping.Token)));
        }
    }

    private protected async Task StopAsync()
    {
        await Stopping.CancelAsync();
        await Task.WhenAll(_callers);
    }

    private protected int Seen()
    {
        lock (Vendor.Admitted)
        {
            return Vendor.Admitted.Count;
        }
    }
}
