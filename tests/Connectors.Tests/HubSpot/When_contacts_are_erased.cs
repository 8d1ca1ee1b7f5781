using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.HubSpot.HubSpotAccount;

namespace Connectors.Tests.HubSpot;

public sealed class When_contacts_are_erased
{
    private const string Archive = "crm/v3/objects/contacts/batch/archive";

    private HubSpotAccount _account = null!;
    private HubSpotConnector _connector = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await HubSpotAccount.StartAsync();
        _connector = _account.Connect();
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task Should_erase_for_good_and_prove_it()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("email", "a@example.test")), _account.Person("b", ("email", "b@example.test")));
        Assert.That((await ReadAsync("a", "b")).Select(static p => p.Key), Is.EqualTo(new[] { "a", "b" }));

        var first = await DeliverAsync(_connector, Operation.DeleteProfile, _account.Person("a"), _account.Person("nobody"));
        var repeat = await DeliverAsync(_connector, Operation.DeleteProfile, _account.Person("a"));

        Assert.That(first.Select(static o => o.Outcome), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Unchanged }));
        Assert.That(repeat[0].Outcome, Is.EqualTo(Outcome.Unchanged));
        Assert.That((await ReadAsync("a", "b")).Select(static p => p.Key), Is.EqualTo(new[] { "b" }));
        Assert.That(_account.HubSpot.BlockedEmails, Is.EqualTo(new[] { "a@example.test" }));
    }

    [Test]
    public async Task Should_erase_who_lies_in_the_recycle_bin_beside_who_came_back()
    {
        var first = (await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A"))))[0];
        await _account.Client.CallAsync("POST", Archive, $$"""{"inputs":[{"id":"{{first}}"}]}""");
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));

        await DeliverAsync(_connector, Operation.DeleteProfile, _account.Person("a"));

        Assert.That(await ReadAsync("a"), Is.Empty);
    }

    [Test]
    public async Task Should_not_take_the_recycle_bin_for_an_erasure()
    {
        var id = (await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A"))))[0];
        await _account.Client.CallAsync("POST", Archive, $$"""{"inputs":[{"id":"{{id}}"}]}""");

        var profile = (await ReadAsync("a")).Single();

        Assert.That((profile.RemoteId, profile.Fields.Count), Is.EqualTo((id, 0)));
    }

    [Test]
    public async Task Should_not_erase_another_contact_that_has_the_email_as_a_further_one()
    {
        _connector = _account.Connect("email");
        var id = (await _account.CreateAsync(_connector, _account.Person("main@example.test", ("firstname", "A"))))[0];
        _account.HubSpot.AddFurtherEmail(long.Parse(id, System.Globalization.CultureInfo.InvariantCulture), "old@example.test");

        var outcome = await DeliverAsync(_connector, Operation.DeleteProfile, _account.Person("old@example.test"));

        Assert.That((outcome[0].Outcome, outcome[0].Code), Is.EqualTo((Outcome.Rejected, "hubspot_email_of_another_contact")));
        Assert.That(_account.Find(id), Is.Not.Null);
        Assert.That((await ReadAsync("old@example.test")).Single().RemoteId, Is.EqualTo(id), "The address is still there.");
    }

    [Test]
    public async Task Should_find_an_erasure_done_whose_answer_was_lost()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));
        _account.Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Endpoint = "crm/v3/objects/contacts/gdpr-delete", Calls = 1 });
        var batch = new Batch { Operation = Operation.DeleteProfile, Items = [_account.Person("a")] };

        var lost = await _connector.DeliverAsync(batch, CancellationToken.None);
        var again = await _connector.DeliverAsync(batch, CancellationToken.None);

        Assert.That((lost.Outcomes[0].Outcome, again.Outcomes[0].Outcome), Is.EqualTo((Outcome.NotSent, Outcome.Unchanged)));
    }

    [Test]
    public async Task Should_read_back_the_fields_that_have_a_value_as_HubSpot_spells_them()
    {
        var id = (await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "Zoë \"Z\""), ("annual_income", "90000.50"))))[0];

        var profile = (await _connector.ReadProfilesAsync(["a", "b"], ["firstname", "annual_income", "city"], CancellationToken.None)).Single();

        Assert.That((profile.Key, profile.RemoteId), Is.EqualTo(("a", id)));
        Assert.That(profile.Fields.Keys, Is.EquivalentTo(new[] { "firstname", "annual_income" }));
        Assert.That(System.Text.Json.JsonSerializer.Deserialize<string>(profile.Fields["firstname"]), Is.EqualTo("Zoë \"Z\""));
        Assert.That(profile.Fields["annual_income"], Is.EqualTo("\"90000.50\""));
    }

    /// <summary>Definitions as on https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide; that of the opt-out with the label and the type that Hull's connector recorded.</summary>
    [Test]
    public async Task Should_show_every_property_of_the_account_that_has_a_value_and_whose_it_is()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"name":"hs_email_optout","label":"Unsubscribed from all email","groupName":"emailinformation","type":"bool","fieldType":"booleancheckbox","hubspotDefined":true,"modificationMetadata":{"readOnlyValue":true}},{"name":"notes","type":"string","hubspotDefined":false},{"name":"city","type":"string","hubspotDefined":true},{"name":"old","type":"string"}]}""")
            .Answer(200, """{"status":"COMPLETE","results":[{"id":"7","properties":{"hub_external_id":"a","hs_email_optout":"true","notes":"x","city":"","old":"y"}}]}""");
        var shown = (await hubspot.Connect().ReadWholeAsync("a", CancellationToken.None)).Single();
        Assert.That((shown.RemoteId, shown.IsOptedOut), Is.EqualTo(("7", (bool?)true)));
        Assert.That(shown.Fields, Is.EquivalentTo(new[] { new ShownField("hs_email_optout", "\"true\"", true), new ShownField("notes", "\"x\"", false), new ShownField("old", "\"y\"", true) }));

        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "Ann"), ("annual_income", "5")));
        shown = (await _connector.ReadWholeAsync("a", CancellationToken.None)).Single();
        Assert.That(shown.IsOptedOut, Is.Null, "an account without the property does not say");
        Assert.That(shown.Fields.Where(field => !field.IsVendorsOwn).Select(field => field.Name), Is.EquivalentTo(new[] { "hub_external_id", "annual_income" }));
        Assert.That(await _connector.ReadWholeAsync("nobody", CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Should_prove_nothing_by_an_answer_that_leaves_a_key_out()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[]}""");
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await hubspot.Connect().ReadProfilesAsync(["a"], [], CancellationToken.None));
        Assert.That(thrown!.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, "hubspot_not_mentioned")));

        _account.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 429 });
        thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _connector.ReadProfilesAsync(["a"], [], CancellationToken.None));
        Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
    }

    private Task<IReadOnlyList<RemoteProfile>> ReadAsync(params string[] keys) => _connector.ReadProfilesAsync(keys, ["firstname"], CancellationToken.None);
}
