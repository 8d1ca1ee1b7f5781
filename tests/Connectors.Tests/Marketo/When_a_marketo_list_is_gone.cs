using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.Marketo.People;

namespace Connectors.Tests.Marketo;

/// <summary>Somebody deleted the static list at Marketo: it is said, and made anew where the configuration gives a name.</summary>
public sealed class When_a_marketo_list_is_gone
{
    private static readonly DestinationCondition Gone = new(DestinationTrouble.Misconfigured, ReasonCode.AudienceGone);

    private SandboxClient _marketo = null!;
    private AudienceTarget _list = null!;

    [SetUp]
    public async Task DeleteAsync()
    {
        _marketo = await SandboxClient.StartAsync();
        _list = new("spring", $"{await _marketo.CreateListAsync()}");
        await _marketo.CallAsync("POST", $"/rest/asset/v1/staticList/{_list.RemoteRef}/delete.json", "", "application/x-www-form-urlencoded");
    }

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [TestCase(Operation.AddMember)]
    [TestCase(Operation.RemoveMember)]
    public async Task Should_be_said_by_a_delivery_and_cost_no_attempt(Operation operation)
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"}""");
        var receipt = await _marketo.Connect().DeliverAsync(Of(operation, Known(1, "1")) with { Audience = _list }, default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent audience_gone #1" }));
        Assert.That(receipt.Condition, Is.EqualTo(Gone));
    }

    [Test]
    public async Task Should_be_said_by_the_start_of_an_import()
    {
        var start = await _marketo.Connect().StartBulkAsync(Of(Operation.AddMember, Person(1)) with { Audience = _list }, default);
        Assert.That((start.Job, start.Receipt?.Told(), start.Receipt?.Condition), Is.EqualTo(((string?)null, new[] { "1 NotSent audience_gone" }, Gone)));
    }

    [Test]
    public void Should_be_said_by_a_read_back()
    {
        var connector = _marketo.Connect();
        Assert.That(async () => await connector.LookUpMembersAsync(_list, [new("1", null)], default), Throws.TypeOf<DestinationException>().With.Property("Condition").EqualTo(Gone));
        Assert.That(async () => await connector.ListMembersAsync(_list, default).ToListAsync(), Throws.TypeOf<DestinationException>().With.Property("Condition").EqualTo(Gone));
    }

    [Test]
    public async Task Should_be_said_where_the_configuration_gives_its_id_and_be_made_anew_where_it_gives_a_name()
    {
        var connector = _marketo.Connect("email", null, null, ("folder_id", "1001"));
        Assert.That((await connector.EnsureAudienceAsync(new("spring", "Hub: spring", _list.RemoteRef), default)).Condition, Is.EqualTo(Gone));
        var ensured = await connector.EnsureAudienceAsync(new("spring", "Hub: spring"), default);
        Assert.That(ensured.Target?.RemoteRef, Is.Not.Null.And.Not.EqualTo(_list.RemoteRef));
    }

    [Test]
    public async Task Should_be_found_by_an_inspection_beside_lists_that_are_there()
    {
        var there = new AudienceTarget("summer", $"{await _marketo.CreateListAsync("Hub: summer")}");
        var findings = await _marketo.Connect().InspectAudiencesAsync([there, _list], default);
        Assert.That(findings.Select(finding => (finding.Name, finding.Code)), Is.EqualTo(new[] { (_list.RemoteRef, ReasonCode.AudienceGone) }));
        Assert.That(findings.Single().Fix, Is.Not.Empty);
    }
}
