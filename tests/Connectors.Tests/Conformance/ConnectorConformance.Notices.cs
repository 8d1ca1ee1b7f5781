using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    [Test]
    public Task Should_tell_of_every_call_whose_answer_says_that_it_ends() => HoldAsync(async () =>
    {
        var heard = new HeardNotices();
        Room.Faults.Add(new Fault { Kind = FaultKind.Headers, Headers = new Dictionary<string, string> { ["Sunset"] = "Sun, 30 Jun 2030 23:59:59 GMT" } });
        var connected = Connect(notices: heard);
        Assert.That(await connected.CheckAsync(CancellationToken.None), Is.Null);
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.UpsertProfile, null, People(2)));

        Assert.That(heard.All.Select(said => said.Notice), Has.All.EqualTo(new VendorNotice(NoticeKind.Sunset) { At = new DateTimeOffset(2030, 6, 30, 23, 59, 59, TimeSpan.Zero) }));
        Assert.That(heard.All, Has.Count.EqualTo(_transport.Calls), "one for every call, a call for a token included");
        Assert.That(heard.All.Select(said => said.Endpoint).Distinct(), Is.SubsetOf(Descriptor.Endpoints));
    });

    [Test]
    public Task Should_announce_only_ends_of_what_it_calls() => HoldAsync(() =>
    {
        Assert.Multiple(() =>
        {
            Assert.That(Descriptor.Retirements.SelectMany(end => end.Endpoints), Is.SubsetOf(Descriptor.Endpoints));
            Assert.That(Descriptor.Retirements, Has.All.Matches<Retirement>(end => end is { What.Length: > 20, ToDo.Length: > 20, Page.Scheme: "https", Endpoints.Count: > 0 }));
        });
        return Task.CompletedTask;
    });
}
