using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;

namespace Connectors.Tests.HubSpot;

public sealed class When_a_list_is_deleted
{
    private static readonly DestinationCondition Gone = new(DestinationTrouble.Misconfigured, ReasonCode.AudienceGone);

    private HubSpotAccount _account = null!;
    private HubSpotConnector _connector = null!;
    private AudienceTarget _spring = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await HubSpotAccount.StartAsync();
        _connector = _account.Connect();
        _spring = (await _connector.EnsureAudienceAsync(new AudienceRequest("spring", "Spring"), CancellationToken.None)).Target!;
        await DeliverAsync(Operation.AddMember);
        await _account.Client.CallAsync("DELETE", $"crm/v3/lists/{_spring.RemoteRef}");
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [TestCase(Operation.AddMember)]
    [TestCase(Operation.RemoveMember)]
    public async Task Should_say_so_when_members_are_changed(Operation operation)
        => Assert.That((await DeliverAsync(operation)).Condition, Is.EqualTo(Gone));

    [Test]
    public async Task Should_say_so_when_members_are_listed()
    {
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _connector.ListMembersAsync(_spring, CancellationToken.None).GetAsyncEnumerator().MoveNextAsync());

        Assert.That(thrown!.Condition, Is.EqualTo(Gone));
    }

    [Test]
    public async Task Should_say_so_when_members_are_looked_up()
    {
        var id = _account.HubSpot.People().Single().Keys["hs_object_id"];

        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _connector.LookUpMembersAsync(_spring, [new RemoteMember(id, "a")], CancellationToken.None));

        Assert.That(thrown!.Condition, Is.EqualTo(Gone));
    }

    [Test]
    public async Task Should_make_another_one_where_it_was_found_by_name()
    {
        var again = await _connector.EnsureAudienceAsync(new AudienceRequest("spring", "Spring"), CancellationToken.None);

        Assert.That(again.Target!.RemoteRef, Is.Not.EqualTo(_spring.RemoteRef));
    }

    [Test]
    public async Task Should_ask_where_the_configuration_gives_its_id()
    {
        var again = await _connector.EnsureAudienceAsync(new AudienceRequest("spring", "Spring", _spring.RemoteRef), CancellationToken.None);

        Assert.That(again, Is.EqualTo(new EnsureAudienceResult(null, Gone)));
    }

    [Test]
    public async Task Should_find_it_out_by_a_check()
    {
        var summer = (await _connector.EnsureAudienceAsync(new AudienceRequest("summer", "Summer"), CancellationToken.None)).Target!;

        var findings = await _connector.InspectAudiencesAsync([summer, _spring], CancellationToken.None);

        Assert.That(findings.Select(static finding => (finding.Name, finding.Code)), Is.EqualTo(new[] { (_spring.RemoteRef, ReasonCode.AudienceGone) }));
        Assert.That(findings[0].Problem, Does.Contain("spring").And.Contain("deleted"));
    }

    [Test]
    public async Task Should_find_a_list_out_that_HubSpot_fills_itself()
    {
        var list = await _account.Client.CreateListAsync("Computed", "DYNAMIC");

        var findings = await _connector.InspectAudiencesAsync([new AudienceTarget("computed", list)], CancellationToken.None);

        Assert.That(findings.Select(static finding => finding.Code), Is.EqualTo(new[] { "list_not_manual" }));
    }

    [Test]
    public async Task Should_wait_for_a_list_that_is_there_and_is_not_found_yet()
    {
        using var hubspot = new ScriptedHubSpot().Answer(404).Answer(200, """{"list":{"listId":"611","processingType":"MANUAL","objectTypeId":"0-1"}}""");

        var receipt = await hubspot.Connect().DeliverAsync(Batches.Of(Operation.AddMember, Batches.Item(1, "501")), CancellationToken.None);

        Assert.That((receipt.Condition, receipt.Record(1).Outcome, receipt.Record(1).RemoteId), Is.EqualTo(((DestinationCondition?)null, Outcome.RetryLater, "501")));
    }

    private Task<Receipt> DeliverAsync(Operation operation)
        => _connector.DeliverAsync(new Batch { Operation = operation, Audience = _spring, Items = [_account.Person("a", ("firstname", "Ann"))] }, CancellationToken.None);
}
