using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Runs;

public sealed class When_a_run_is_asked_for : DeliveryFixture
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_refuse_a_mirror_of_a_vendor_that_cannot_list_named_or_by_default(bool isNamed)
    {
        var (audience, name) = (Unique("aud"), Unique("dest"));
        await using var destination = Acme.Destination(new BlindConnector(), name: name, audience: audience);
        var starter = new RunStarter(
            Acme.Hub(name, audience), new DestinationDirectory(new Dictionary<string, Destination> { [name] = destination }), Transactions, Snapshots, Runs, Clock);
        var (started, refusal) = await starter.StartAsync(new RunRequest(audience, isNamed ? [name] : [], SyncMode.Mirror, null, "test"), CancellationToken.None);
        Assert.That(started, Is.Empty);
        Assert.That(refusal?.Type, Is.EqualTo("mirror-not-supported"));
        Assert.That(refusal?.Detail, Does.Contain(name).And.Contain("Use mode full"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_be_written_down_with_its_command_until_it_stands(bool isNoted)
    {
        var (audience, name) = (Unique("aud"), Unique("dest"));
        await using var destination = Acme.Destination(new AcmeConnector(), name: name, audience: audience);
        var starter = new RunStarter(
            Acme.Hub(name, audience), new DestinationDirectory(new Dictionary<string, Destination> { [name] = destination }), Transactions, Snapshots, Runs, Clock);
        var (started, refusal) = await starter.StartAsync(new RunRequest(audience, [name], SyncMode.Delta, null, "test"), CancellationToken.None, (_, _) => Task.FromResult(isNoted));
        Assert.That(refusal, Is.Null);
        var body = await TextAsync("SELECT body FROM asked_runs WHERE command = 'sync' AND body LIKE @audience", ("audience", $"%{audience}%"));
        if (!isNoted)
        {
            Assert.That((body, started.Count), Is.EqualTo(((string?)null, 0)), "nobody asked in the end");
            return;
        }

        var command = JsonSerializer.Deserialize<StartAudienceSync>(body!)!;
        Assert.That((command.RunId, command.Audience, command.Destination, command.Mode), Is.EqualTo((started.Single().RunId, audience, name, SyncMode.Delta)));
    }

    [TestCase(RunState.AwaitingApproval, "resume", "'sync approve")]
    [TestCase(RunState.Paused, "approve", "'sync resume")]
    [TestCase(RunState.Delivering, "approve", "goes on by itself")]
    public async Task Should_say_what_can_be_done_in_place_of_a_command_that_has_nothing_to_do(string state, string verb, string advice)
    {
        var run = await RunAsync(await StartRunAsync(Unique("aud"), state, Unique("dest")));
        Assert.That(RunEndpoints.NothingTo(verb, run), Does.Contain(advice).And.Contain(run.RunId.ToString()));
    }

    /// <summary>Delivers, and can neither list nor look anybody up.</summary>
    private sealed class BlindConnector : IConnector
    {
        public ConnectorDescriptor Descriptor => Acme.Descriptor;

        public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
