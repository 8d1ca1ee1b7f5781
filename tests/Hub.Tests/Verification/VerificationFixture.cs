using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Verification;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Verification;

/// <summary>Five people were delivered to a vendor that is the test; now they are read back.</summary>
public abstract class VerificationFixture(StorageDatabase database = StorageDatabase.Sqlite) : DeliveryFixture(database)
{
    private Destination _destination = null!;

    private protected string Audience { get; private set; } = null!;

    private protected string Name { get; private set; } = null!;

    private protected string[] People { get; private set; } = null!;

    private protected Guid Run { get; private set; }

    private protected AcmeConnector Connector { get; private set; } = null!;

    private protected Destination Destination => _destination;

    private protected HubInstance Instance { get; } = HubInstance.Create();

    [SetUp]
    public async Task Deliver()
    {
        (Audience, Name) = (Unique("aud"), Unique("dest"));
        People = [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))];
        await ApplyAsync(Audience, "full", 0, People);
        Run = await StartRunAsync(Audience, destination: Name);
        await PlanAsync(Run, Audience, destination: Name);
        await DeliverAllAsync(destination: Name);
        Connector = Connect();
        _destination = Acme.Destination(Connector, name: Name, audience: Audience);
        Clock.Now = Noon;
    }

    [TearDown]
    public async Task Close() => await _destination.DisposeAsync();

    private protected virtual AcmeConnector Connect() => new();

    private protected VerifyAudienceSync Step(string mode = SyncMode.Delta, int round = 1, bool last = false) =>
        new() { RunId = Run, Audience = Audience, Destination = Name, Mode = mode, Round = round, IsLastRound = last };

    /// <summary>As a consumer does: the result that there is, else the vendor is read.</summary>
    private protected async Task<ReadBackResult?> ReadBackAsync(VerifyAudienceSync step)
    {
        using var targets = Targets();
        var readBack = ReadBack(targets);
        return await readBack.RepeatAsync(step, CancellationToken.None) ?? await readBack.VerifyAsync(_destination, step, CancellationToken.None);
    }

    private protected MemberReadBack ReadBack(AudienceTargets targets) => new(
        Transactions, Verification, ReadBacks, Runs, new FieldReadBack(Transactions, Runs), new ReadBackTurn(Instance, Transactions, ReadBackLeases, targets, Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<ReadBackTurn>.Instance),
        Microsoft.Extensions.Options.Options.Create(Options), Clock);
}
