using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Hub.Tests.Delivery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IntegrationHub.Hub.Tests.Destinations;

public sealed class When_a_destination_is_checked : DeliveryFixture
{
    private AcmeConnector _connector = null!;
    private string _name = null!;
    private string _audience = null!;

    [SetUp]
    public void Connect() => (_connector, _name, _audience) = (new AcmeConnector(), Unique("d"), Unique("a"));

    [Test]
    public async Task Should_look_at_every_mapped_field()
    {
        IReadOnlyList<FieldUse> looked = [];
        _connector.Inspect = fields =>
        {
            looked = fields;
            return [];
        };
        Assert.That(await CheckAsync(), Has.Property("Ok").True.And.Property("FieldsInspected").EqualTo(2).And.Property("Findings").Empty);
        Assert.That(looked, Is.EqualTo(new[] { new FieldUse("id", FieldKind.Text), new FieldUse("town", FieldKind.Text) }));
    }

    [TestCase(true, true, "Export them.")]
    [TestCase(false, true, null)]
    [TestCase(true, false, null)]
    public async Task Should_say_which_opt_outs_do_not_come_back(bool hasTopics, bool asks, string? said)
    {
        var vendor = new AcmeConnector { Descriptor = Acme.Descriptor with { TopicOptOutsNotTold = "Export them." } };
        await using var destination = Acme.Destination(vendor, name: _name, audience: _audience, topics: hasTopics ? Acme.Texts : null, change: file => file with { AsksForOptOuts = asks });
        Assert.That(destination.OptOutsNotTold, Is.EqualTo(said));
    }

    [TestCase(DestinationTrouble.Unauthorized, "credentials")]
    [TestCase(DestinationTrouble.Misconfigured, "configuration")]
    [TestCase(DestinationTrouble.Throttled, "quota")]
    [TestCase(DestinationTrouble.Unavailable, "connection")]
    public async Task Should_fail_on_trouble_with_the_vendor_and_look_no_further(DestinationTrouble trouble, string what)
    {
        _connector.Check = new DestinationCondition(trouble, "code");
        _connector.Inspect = _ => throw new InvalidOperationException("not to be asked");
        await ShouldFindAsync(what, "code");
    }

    [Test]
    public async Task Should_name_the_thing_and_the_fix_that_the_connector_knows_of_a_code()
    {
        _connector.Check = new DestinationCondition(DestinationTrouble.Misconfigured, Acme.FolderMissing);
        Assert.That((await CheckAsync()).Findings, Is.EqualTo(new[] { new FindingJson("settings", null, Acme.FolderMissing, "There is no folder.", "Set folder.") }));
    }

    [Test]
    public async Task Should_name_an_audience_that_a_delivery_could_not_find_or_make()
    {
        await Health().ReportAudienceAsync(_name, _audience, new DestinationCondition(DestinationTrouble.Misconfigured, Acme.FolderMissing), null, CancellationToken.None);
        var finding = (await CheckAsync()).Findings.Single();
        Assert.That((finding.Check, finding.Field, finding.Code), Is.EqualTo(("audience", _audience, Acme.FolderMissing)));
        Assert.That(finding.Fix, Is.EqualTo($"Set folder. Then say: destinations resume {_name}."));
        await Health().ResumeAsync(_name, CancellationToken.None);
        Assert.That((await CheckAsync()).Ok, Is.True, "the advice was followed");
    }

    [Test]
    public async Task Should_fail_on_trouble_that_comes_while_fields_are_looked_at()
    {
        _connector.Inspect = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "http_503"));
        await ShouldFindAsync("connection", "http_503");
    }

    [Test]
    public async Task Should_fail_on_a_field_that_is_not_as_it_should_be()
    {
        _connector.Inspect = _ => [new FieldFinding("town", "field_missing", "There is none.", "Create it.")];
        await ShouldFindAsync("field", "field_missing");
    }

    [Test]
    public async Task Should_look_at_the_kinds_of_event_with_the_properties_that_may_be_told()
    {
        IReadOnlyList<EventUse> looked = [];
        _connector.InspectEvents = events =>
        {
            looked = events;
            return [new FieldFinding("bought", "event_type_unknown", "There is none.", "Make it.")];
        };
        var events = new Dictionary<string, EventSection>
        {
            ["purchase"] = new("bought", "what", new Dictionary<string, string> { ["colour"] = "hue" }) { BackfillName = "bought_before" },
            ["refund"] = new("bought", null, new Dictionary<string, string> { ["size"] = "length" }) { BackfillFlag = "of_the_past" },
        };
        await using var destination = Acme.Destination(_connector, name: _name, audience: _audience, events: events);
        var check = await CheckAsync(destination);
        Assert.That(looked.Select(use => $"{use.Name}: {string.Join(' ', use.Properties)}"), Is.EqualTo(new[] { "bought: what hue length of_the_past", "bought_before: what hue" }));
        Assert.That((check.Ok, check.EventsInspected, check.Findings.Single()), Is.EqualTo((false, 2, new FindingJson("event", "bought", "event_type_unknown", "There is none.", "Make it."))));
    }

    [Test]
    public async Task Should_tell_what_it_could_not_compare_and_find_nothing_wrong_with_it()
    {
        _connector.InspectEvents = events => [new FieldFinding("events.read", FieldFinding.PermissionMissing, "They could not be checked.", "Give it.") { FieldsNotInspected = events.Count, IsUnknown = true }];
        await using var destination = Acme.Destination(_connector, name: _name, audience: _audience, events: new Dictionary<string, EventSection> { ["purchase"] = new("bought", null, new Dictionary<string, string>()) });
        var check = await CheckAsync(destination);
        Assert.That((check.Ok, check.EventsInspected), Is.EqualTo((true, 0)));
        Assert.That(check.Findings, Is.Empty);
        Assert.That(check.NotChecked, Is.EqualTo(new[] { "They could not be checked. Give it." }));
    }

    [Test]
    public async Task Should_ask_the_vendor_although_our_books_say_that_nothing_is_left_and_end_the_waits_that_are_over()
    {
        var time = new FakeTimeProvider();
        var limits = QuotaLimits.For(Acme.Descriptor, new Dictionary<string, int>(), new Dictionary<string, double>());
        var books = new StoredQuotaExchange(_name, limits, Transactions, Quotas);
        await using var gate = new QuotaGate(_name, "instance", limits, books, time, NullLogger.Instance);
        var quota = DestinationQuota.Counted(limits, gate, books);
        ICallGate? asked = null;
        var destination = Acme.Destination(_connector, name: _name, audience: _audience, quota: quota, connect: behind => new AcmeConnector { CheckNow = () => asked = behind });
        await Health().ReportAsync(_name, Lane.Bulk, new DestinationCondition(DestinationTrouble.Throttled, "quota_daily", TimeSpan.FromHours(9)), CancellationToken.None);
        Assert.That((await CheckAsync(destination)).Ok, Is.True);
        Assert.That(asked, Is.EqualTo(quota.GateFor(Lane.Urgent, insists: true)).And.Not.EqualTo(quota.GateFor(Lane.Urgent)));
        Assert.That(await Health().FindBlockAsync(_name, Lane.Bulk, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Should_leave_waits_alone_while_the_vendor_refuses()
    {
        _connector.Check = new DestinationCondition(DestinationTrouble.Throttled, "hubspot_DAILY", TimeSpan.FromHours(9));
        await Health().ReportAsync(_name, Lane.Bulk, _connector.Check, CancellationToken.None);
        Assert.That((await CheckAsync()).Findings.Single().Fix, Does.Contain("32400 s"));
        Assert.That(await Health().FindBlockAsync(_name, Lane.Bulk, CancellationToken.None), Is.Not.Null);
    }

    [Test]
    public async Task Should_find_a_list_that_was_deleted_and_make_its_advice_true()
    {
        using var targets = Targets();
        await targets.FindAsync(Destination(), _audience, Lane.Bulk, CancellationToken.None);
        _connector.InspectLists = lists => [.. lists.Select(list => new FieldFinding(list.RemoteRef, ReasonCode.AudienceGone, "Deleted.", "Restore."))];
        var finding = (await CheckAsync()).Findings.Single();
        Assert.That((finding.Check, finding.Field, finding.Code), Is.EqualTo(("audience", _audience, ReasonCode.AudienceGone)));
        Assert.That(finding.Fix, Does.Contain($"sync start {_audience} --destination {_name}"));

        _connector.Ensure = request => new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-2"), null);
        using var next = Targets();
        Assert.That((await next.FindAsync(Destination(), _audience, Lane.Bulk, CancellationToken.None)).Target!.RemoteRef, Is.EqualTo("list-2"), "the next sync makes it anew");
    }

    [Test]
    public async Task Should_find_a_given_list_that_was_deleted_and_end_its_wait_once_it_is_restored()
    {
        using var targets = Targets();
        await targets.FindAsync(Destination("list-1"), _audience, Lane.Bulk, CancellationToken.None);
        _connector.InspectLists = lists => [.. lists.Select(list => new FieldFinding(list.Audience, ReasonCode.AudienceGone, "Deleted.", "Restore."))];
        Assert.That((await CheckAsync("list-1")).Findings.Single().Fix, Does.Contain("Restore it at the vendor").And.Contain($"destinations/{_name}.yaml"));
        Assert.That((await BlockOfAudienceAsync())?.Code, Is.EqualTo(ReasonCode.AudienceGone));

        _connector.InspectLists = _ => [];
        Clock.Now += TimeSpan.FromSeconds(1);
        Assert.That((await CheckAsync("list-1")).Ok, Is.True);
        Assert.That(await BlockOfAudienceAsync(), Is.Null);
    }

    [Test]
    public async Task Should_say_what_another_list_in_the_configuration_will_change_before_it_is_done()
    {
        using var targets = Targets();
        await targets.FindAsync(Destination(), _audience, Lane.Bulk, CancellationToken.None);
        var check = await CheckAsync("list-9");
        Assert.That((check.Ok, check.Moves!.Single()), Is.EqualTo((true,
            $"Audience {_audience} stands as list-1 at the vendor and the configuration asks for id list-9: with the next sync all its members are added there; list-1 keeps the members that it has, and nobody is removed from it by the hub any more.")));
    }

    private Destination Destination(string? listId = null) => Acme.Destination(
        _connector, name: _name, audience: _audience, audiences: listId is null ? null : new Dictionary<string, AudienceRepresentation> { [_audience] = new(null, listId) });

    private Task<CheckJson> CheckAsync(string? listId = null) => CheckAsync(Destination(listId));

    private async Task<CheckJson> CheckAsync(Destination destination)
    {
        var health = Health();
        using var targets = Targets();
        return await new DestinationCheck(targets, health).RunAsync(destination, CancellationToken.None);
    }

    private async Task<StoredCondition?> BlockOfAudienceAsync()
    {
        await using var pass = await Health().EnterAsync(_name, Lane.Bulk, _audience, CancellationToken.None);
        return pass.Block;
    }

    private async Task ShouldFindAsync(string what, string code)
    {
        var check = await CheckAsync();
        Assert.That(check.Ok, Is.False);
        Assert.That(check.Findings.Select(finding => (finding.Check, finding.Code, finding.Fix.Length > 0)), Is.EqualTo(new[] { (what, code, true) }));
    }
}
