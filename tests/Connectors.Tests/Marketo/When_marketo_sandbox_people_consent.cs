using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Marketo;

namespace Connectors.Tests.Marketo;

/// <summary>The vendor's durable unsubscribe, and partitions.</summary>
public sealed class When_marketo_sandbox_people_consent
{
    private const string Leads = "/rest/v1/leads.json";

    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync() => _marketo = await SandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_spread_an_opt_out_to_everybody_with_the_address()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test"},{"email":"A@b.test"},{"email":"c@b.test"}""", "createDuplicate");
        await _marketo.UpsertAsync("""{"id":1,"unsubscribed":true}""", "updateOnly", "id");
        Assert.That(Unsubscribed(), Is.EqualTo("true true -"));
        await _marketo.UpsertAsync("""{"id":2,"unsubscribed":false}""", "updateOnly", "id");
        Assert.That(Unsubscribed(), Is.EqualTo("false false -"));
    }

    [Test]
    public async Task Should_start_a_new_lead_with_the_opt_out_of_its_address_whatever_it_says()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test","unsubscribed":true}""");
        await _marketo.CallAsync("POST", "/rest/v1/leads/delete.json", """{"input":[{"id":1}]}""");
        await _marketo.UpsertAsync("""{"email":"a@b.test","unsubscribed":false}""");
        Assert.That(Unsubscribed(), Is.EqualTo("true"), "A deletion does not end it, a creation does not lift it.");
        await _marketo.UpsertAsync("""{"email":"a@b.test","unsubscribed":false}""");
        Assert.That(Unsubscribed(), Is.EqualTo("false"), "An update lifts it.");
    }

    [Test]
    public async Task Should_let_the_address_decide_when_it_changes()
    {
        await _marketo.UpsertAsync("""{"email":"out@b.test","unsubscribed":true},{"email":"in@b.test"}""");
        await _marketo.UpsertAsync("""{"id":1,"email":"new@b.test"},{"id":2,"email":"out@b.test"}""", "updateOnly", "id");
        Assert.That(Unsubscribed(), Is.EqualTo("false true"));
    }

    [Test]
    public async Task Should_set_what_a_bounce_sets()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test"},{"email":"c@b.test"}""");
        _marketo.Marketo.Bounce("a@b.test", isHard: true);
        _marketo.Marketo.Bounce("c@b.test", isHard: false);
        await _marketo.UpsertAsync("""{"email":"a@b.test","emailInvalid":false},{"email":"c@b.test","emailSuspended":false}""");
        Assert.That(
            _marketo.Marketo.People().Select(person => string.Join(' ', person.Consent.Select(state => $"{state.Key}={state.Value}"))),
            Is.EqualTo(new[] { "emailInvalid=false", "emailSuspended=true" }), "The suspension cannot be cleared.");
    }

    [Test]
    public async Task Should_show_consent_with_topics()
    {
        _marketo.Marketo.AddField(new MarketoField("partnerOffers", MarketoFieldType.Boolean) { IsTopic = true });
        await _marketo.UpsertAsync("""{"email":"a@b.test","hubNewsletter":true,"partnerOffers":false,"homeOwner":true,"doNotCall":true}""");
        Assert.That(
            _marketo.Marketo.People().Single().Consent,
            Is.EquivalentTo(new Dictionary<string, string> { ["hubNewsletter"] = "true", ["partnerOffers"] = "false", ["doNotCall"] = "true" }));
    }

    [Test]
    public async Task Should_keep_leads_in_their_partitions()
    {
        _marketo.Marketo.AddPartition("EU");
        _marketo.Marketo.AddPartition("Secret", isAllowed: false);
        Assert.That(await PutAsync("a@b.test", "EU"), Is.EqualTo("1 created"));
        Assert.That(await PutAsync("a@b.test", "Default"), Is.EqualTo("skipped 1010"));
        Assert.That(await _marketo.UpsertAsync("""{"email":"a@b.test"}"""), Is.EqualTo(new[] { "1 updated" }));
        Assert.That(await _marketo.CodeAsync("POST", Leads, """{"partitionName":"Secret","input":[{"email":"s@b.test"}]}"""), Is.EqualTo("1008"));

        var moved = await _marketo.CallAsync("POST", "/rest/v1/leads/partitions.json", """{"input":[{"id":1,"partitionName":"Default"},{"id":9,"partitionName":"EU"},{"id":1,"partitionName":"Moon"}]}""");
        Assert.That(SandboxClient.Rows(moved), Is.EqualTo(new[] { "1 updated", "skipped 1004", "skipped 1008" }));
        Assert.That(await PutAsync("a@b.test", "Default"), Is.EqualTo("1 updated"));
        Assert.That((await _marketo.CallAsync("GET", "/rest/v1/leads/partitions.json")).GetProperty("result").GetArrayLength(), Is.EqualTo(3));

        _marketo.Marketo.NeedsPartition = true;
        Assert.That(await _marketo.CodeAsync("POST", Leads, """{"input":[{"email":"n@b.test"}]}"""), Is.EqualTo("1009"));

        async Task<string> PutAsync(string email, string partition) =>
            SandboxClient.Rows(await _marketo.CallAsync("POST", Leads, $$"""{"partitionName":"{{partition}}","input":[{"email":"{{email}}"}]}""")).Single();
    }

    private string Unsubscribed() => string.Join(' ', _marketo.Marketo.People().Select(person => person.Consent.GetValueOrDefault("unsubscribed", "-")));
}
