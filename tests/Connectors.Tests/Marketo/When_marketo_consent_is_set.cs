using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_consent_is_set
{
    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync() => _marketo = await SandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_opt_out_suspend_and_write_topics()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test","hubProductNews":true}""");
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.SetConsent, Deciding(1, marketing: false, suspended: true)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #1" }));

        var person = _marketo.Marketo.People().Single();
        Assert.That(person.Consent, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["unsubscribed"] = "true", ["marketingSuspended"] = "true", ["hubNewsletter"] = "true", ["hubProductNews"] = "false",
        }));
        Assert.That((person.Fields["unsubscribedReason"], person.Fields["marketingSuspendedCause"]), Is.EqualTo(("\"preference centre\"", "\"preference centre\"")));
    }

    [Test]
    public async Task Should_lift_an_opt_out_and_leave_what_is_not_named()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test","unsubscribed":true,"unsubscribedReason":"footer","marketingSuspended":true}""");
        await _marketo.Connect().DeliverAsync(Of(Operation.SetConsent, Deciding(1, marketing: true, topics: new TopicConsent("hubNewsletter", true))), default);

        var person = _marketo.Marketo.People().Single();
        Assert.That((person.Consent["unsubscribed"], person.Consent["marketingSuspended"], person.Consent["hubNewsletter"]), Is.EqualTo(("false", "true", "true")));
        Assert.That(person.Fields.Keys, Has.None.EqualTo("unsubscribedReason"));

        await _marketo.UpsertAsync("""{"email":"person1@example.test","hubExternalId":"twin"}""", "createDuplicate");
        Assert.That(_marketo.Marketo.People().Last().Fields.ContainsKey("unsubscribed"), Is.False, "The vendor's master status of the address is lifted too.");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_create_nobody(bool allowed)
    {
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.SetConsent, Deciding(1, marketing: allowed)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Rejected not_found" }));
        Assert.That(_marketo.Marketo.People(), Is.Empty);
    }

    [Test]
    public async Task Should_hold_for_everybody_who_shares_the_key()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person1@example.test"},{"email":"person2@example.test"}""", "createDuplicate");
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.SetConsent, Deciding(1, marketing: false), Deciding(2, suspended: true)), default);
        Assert.That(receipt.Outcomes.Select(one => one.Outcome), Is.All.EqualTo(Outcome.Delivered));
        Assert.That(
            _marketo.Marketo.People().Select(person => person.Consent.GetValueOrDefault("hubNewsletter")), Is.EqualTo(new[] { "true", "true", "true" }));
        Assert.That(
            _marketo.Marketo.People().Select(person => person.Consent.GetValueOrDefault("unsubscribed")), Is.EqualTo(new[] { "true", "true", null }));
    }

    [Test]
    public async Task Should_not_be_delivered_while_one_of_several_people_is_left()
    {
        using var marketo = new ScriptedMarketo()
            .Rows(Skipped("1007"))
            .Rows("""{"id":501,"email":"person1@example.test"}""", """{"id":502,"email":"person1@example.test"}""")
            .Rows(Row(501, "updated"), Skipped("719"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.SetConsent, Deciding(1, marketing: false)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 RetryLater marketo_719 #501" }));
    }

    [Test]
    public async Task Should_send_nothing_when_there_is_nothing_to_write()
    {
        using var marketo = new ScriptedMarketo();
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.SetConsent, Deciding(1), Known(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Unchanged", "2 Unchanged" }));
        Assert.That(marketo.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_say_that_a_topics_field_is_missing()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"}""");
        var receipt = await _marketo.Connect().DeliverAsync(
            Of(Operation.SetConsent, Deciding(1, topics: new TopicConsent("noSuchField", true)), Deciding(2, marketing: false)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent marketo_1006", "2 Delivered #2" }));
        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Misconfigured));
    }

    [Test]
    public async Task Should_be_the_same_after_a_lost_answer_and_a_repeat()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"}""");
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Endpoint = "rest/v1/leads.json", Calls = 1 });
        var batch = Of(Operation.SetConsent, Deciding(1, marketing: false));
        Assert.That((await _marketo.Connect().DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 NotSent connection_failed" }));
        Assert.That((await _marketo.Connect().DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 Delivered #1" }));
    }

    [Test]
    public async Task Should_upsert_without_creating_when_it_may_only_update()
    {
        await _marketo.UpsertAsync("""{"email":"person2@example.test"}""");
        var list = new AudienceTarget("spring", $"{await _marketo.CreateListAsync()}");
        var profiles = await _marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1), Person(2)) with { UpdateOnly = true }, default);
        var members = await _marketo.Connect().DeliverAsync(
            Of(Operation.AddMember, Person(1), Known(2), Known(3), Known(4, "99")) with { UpdateOnly = true, Audience = list }, default);
        Assert.That(profiles.Told(), Is.EqualTo(new[] { "1 Rejected not_found", "2 Delivered #1" }));
        Assert.That(members.Told(), Is.EqualTo(new[] { "1 Rejected not_found", "2 Delivered #1", "3 Rejected not_found", "4 Rejected not_found" }));
        Assert.That(_marketo.Marketo.People().Count(), Is.EqualTo(1));
    }
}
