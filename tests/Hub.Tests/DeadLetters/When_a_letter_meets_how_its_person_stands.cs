using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>A letter adds only members and removes only those who left: it never stands in for a run and its guardrails.</summary>
public sealed class When_a_letter_meets_how_its_person_stands
{
    private Destination _destination = null!;

    [SetUp]
    public void Begin() => _destination = Acme.Destination(new AcmeConnector { Descriptor = Acme.Descriptor }, name: "acme", audience: "vip");

    [TearDown]
    public async Task End() => await _destination.DisposeAsync();

    [TestCase(Operation.AddMember, false, true, null, StateDecision.NotAMember)]
    [TestCase(Operation.UpsertProfile, false, true, null, StateDecision.NotAMember)]
    [TestCase(Operation.RemoveMember, true, true, null, StateDecision.MemberAgain)]
    [TestCase(Operation.RemoveMember, false, true, Operation.RemoveMember, null)]
    [TestCase(Operation.AddMember, true, false, Operation.AddMember, null)]
    public void Should_do_no_more_than_it_says(Operation operation, bool isMember, bool isThere, Operation? sent, string? code)
    {
        var decision = StateDecision.For(_destination, Letter(operation, new LiveState(isMember, isThere, AddedByHub: true, InDoubt: false, IsJoined: false, null)));
        Assert.That((decision.Operation, decision.Code), Is.EqualTo((sent, code)));
    }

    private static ClaimedDelivery Letter(Operation operation, LiveState state) => new()
    {
        DeliveryId = 1, RunId = Guid.NewGuid(), Audience = "vip", Operation = operation, Attempt = 0, ProfileId = 1, ExternalId = "p-1", AttributesJson = "{}", ConsentJson = "{}", ProfileVersion = 1,
        LetterId = 7, State = state,
    };
}
