using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.HubSpot.HubSpotSandboxClient;

namespace Connectors.Tests.HubSpot;

/// <summary>Communication preferences of both versions, custom events and the wider list calls of the sandbox, call by call.</summary>
public sealed class When_hubspot_sandbox_consent_and_events_are_called
{
    private const string V3 = "communication-preferences/v3";
    private const string V4 = "communication-preferences/v4";
    private const string Ann = "ann%40b.test";
    private const string Events = "events/v3/send/batch";

    private readonly FakeTimeProvider _clock = Clock.AtNoon();
    private HubSpotSandboxClient _client = null!;

    [SetUp]
    public async Task StartAsync() => _client = await HubSpotSandboxClient.StartAsync(new SandboxOptions { Time = _clock, Quotas = false });

    [TearDown]
    public async Task StopAsync() => await _client.DisposeAsync();

    [Test]
    public async Task Should_answer_repeats_and_opt_outs_of_version_3_with_400()
    {
        const string Body = """{"emailAddress":"Ann@b.test","subscriptionId":"39644612"}""";
        var answers = new List<SandboxAnswer>();
        foreach (var verb in new[] { "subscribe", "subscribe", "unsubscribe", "unsubscribe", "subscribe" })
        {
            answers.Add(await _client.CallAsync("POST", $"{V3}/{verb}", Body));
        }

        Assert.That(answers.Select(static answer => answer.Status), Is.EqualTo(new[] { 200, 400, 200, 400, 400 }));
        Assert.That((string)answers[1].Body!["message"]!, Does.Contain("is already subscribed to subscription"));
        Assert.That((string)answers[3].Body!["message"]!, Does.Contain("already unsubscribed"));
        Assert.That((string)answers[4].Body!["message"]!, Does.Contain("cannot be updated because they have unsubscribed"));
    }

    [Test]
    public async Task Should_subscribe_again_by_version_4_only()
    {
        const string Off = """{"subscriptionId":39644612,"statusState":"UNSUBSCRIBED","channel":"EMAIL"}""";
        await _client.CallAsync("POST", $"{V4}/statuses/{Ann}", Off);
        var again = await _client.CallAsync("POST", $"{V4}/statuses/{Ann}", Off);
        var back = await _client.CallAsync("POST", $"{V4}/statuses/{Ann}", Off.Replace("UNSUBSCRIBED", "SUBSCRIBED", StringComparison.Ordinal));

        Assert.That((string)again.Rows.Single()["setStatusSuccessReason"]!, Is.EqualTo("NO_STATUS_CHANGE"));
        Assert.That(((string)back.Rows.Single()["setStatusSuccessReason"]!, (string)back.Rows.Single()["status"]!), Is.EqualTo(("RESUBSCRIBE_OCCURRED", "SUBSCRIBED")));
    }

    [Test]
    public async Task Should_let_the_opt_out_of_everything_stand_above_all_types()
    {
        Assert.That((await _client.CallAsync("GET", $"{V4}/statuses/{Ann}/unsubscribe-all?channel=EMAIL")).Rows, Is.Empty);
        Assert.That((await _client.CallAsync("POST", $"{V4}/statuses/{Ann}/unsubscribe-all?channel=EMAIL")).Rows, Is.Empty, "Only verbose answers have rows.");
        Assert.That((string)(await _client.CallAsync("GET", $"{V4}/statuses/{Ann}/unsubscribe-all?channel=EMAIL")).Rows.Single()["wideStatusType"]!, Is.EqualTo("PORTAL_WIDE"));

        await _client.CallAsync("POST", $"{V4}/statuses/{Ann}", """{"subscriptionId":39644612,"statusState":"SUBSCRIBED","channel":"EMAIL"}""");
        Assert.That((await _client.CallAsync("GET", $"{V4}/statuses/{Ann}?channel=EMAIL")).Rows.Select(static row => (string)row["status"]!), Is.All.EqualTo("UNSUBSCRIBED"));
        Assert.That((await _client.CallAsync("GET", $"{V3}/status/email/{Ann}")).Body!["subscriptionStatuses"]!.AsArray().Select(static row => (string)row!["sourceOfStatus"]!),
            Is.All.EqualTo("PORTAL_WIDE_STATUS"));
        Assert.That((await _client.CallAsync("GET", $"{V4}/definitions")).Rows.Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_need_a_legal_basis_while_privacy_settings_are_on()
    {
        _client.HubSpot.NeedsLegalBasis = true;
        const string Body = """{"subscriptionId":39644612,"statusState":"SUBSCRIBED","channel":"EMAIL"}""";
        Assert.That((await _client.CallAsync("POST", $"{V4}/statuses/{Ann}", Body)).Status, Is.EqualTo(400));
        Assert.That((await _client.CallAsync("POST", $"{V4}/statuses/{Ann}", Body.Replace("}", ",\"legalBasis\":\"NON_GDPR\",\"legalBasisExplanation\":\"form\"}", StringComparison.Ordinal))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Should_take_many_addresses_with_the_enterprise_tier_only()
    {
        const string Write = """{"inputs":[{"subscriberIdString":"ann@b.test","subscriptionId":39644612,"statusState":"SUBSCRIBED","channel":"EMAIL"},{"subscriberIdString":"bob@b.test","subscriptionId":5,"statusState":"SUBSCRIBED","channel":"EMAIL"}]}""";
        var written = await _client.CallAsync("POST", $"{V4}/statuses/batch/write", Write);
        Assert.That((written.Status, written.Rows.Count(), written.Errors.Count()), Is.EqualTo((207, 1, 1)));
        await _client.CallAsync("POST", $"{V4}/statuses/batch/unsubscribe-all?channel=EMAIL", """{"inputs":["bob@b.test"]}""");
        var read = await _client.CallAsync("POST", $"{V4}/statuses/batch/unsubscribe-all/read?channel=EMAIL", """{"inputs":["ann@b.test","bob@b.test"]}""");
        Assert.That(read.Rows.ToDictionary(static row => (string)row["subscriberIdString"]!, static row => row["wideStatuses"]!.AsArray().Count),
            Is.EquivalentTo(new Dictionary<string, int> { ["ann@b.test"] = 0, ["bob@b.test"] = 1 }));

        _client.HubSpot.IsEnterprise = false;
        Assert.That((await _client.CallAsync("POST", $"{V4}/statuses/batch/write", Write)).Status, Is.EqualTo(403));
        Assert.That((await _client.CallAsync("GET", $"{V4}/statuses/{Ann}?channel=EMAIL")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Should_keep_consent_when_the_contact_is_gone()
    {
        var id = (string)(await _client.UpsertAsync(Input("email", "ann@b.test", "{}", "1"))).Row("1")["id"]!;
        await _client.CallAsync("POST", $"{V4}/statuses/{Ann}/unsubscribe-all?channel=EMAIL");
        await _client.CallAsync("DELETE", $"crm/v3/objects/contacts/{id}");
        Assert.That(_client.HubSpot.ConsentOf("ann@b.test")["*"], Is.EqualTo("UNSUBSCRIBED"));
    }

    [Test]
    public async Task Should_keep_the_first_event_of_a_uuid_and_kind_for_a_year_and_say_nothing()
    {
        var id = (await _client.CreateAsync("a"))[0];
        string Event(string name, string uuid, string whose) => $$"""{"eventName":"pe62515_{{name}}","objectId":"{{whose}}","uuid":"{{uuid}}","properties":{"k":"v"} }""";
        var answer = await SendAsync(Event("purchase", "1", id), Event("purchase", "1", id), Event("page_view", "1", id), Event("purchase", "2", "5"));
        Assert.That((answer.Status, answer.Body), Is.EqualTo((204, default(System.Text.Json.Nodes.JsonNode))));
        Assert.That(_client.HubSpot.Events().Select(static happened => happened.Name), Is.EqualTo(new[] { "pe62515_purchase", "pe62515_page_view" }));

        _clock.Advance(TimeSpan.FromDays(366));
        await SendAsync(Event("purchase", "1", id));
        Assert.That(_client.HubSpot.Events().Count(), Is.EqualTo(3));
        Assert.That((await _client.CallAsync("GET", $"events/v3/events?objectType=contact&objectId={id}")).Rows.Count(), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_refuse_a_whole_call_for_one_event_beyond_its_limits()
    {
        var id = (await _client.CreateAsync("a"))[0];
        var fine = $$"""{"eventName":"pe62515_purchase","objectId":"{{id}}"}""";
        var many = JsonSerializer.Serialize(Enumerable.Range(0, 51).ToDictionary(static n => $"p{n}", static _ => "v"));
        foreach (var bad in new[]
        {
            fine.Replace("purchase", "unknown", StringComparison.Ordinal),
            fine.Replace($"\"objectId\":\"{id}\"", "\"other\":1", StringComparison.Ordinal),
            fine.Replace("}", $",\"properties\":{many}}}", StringComparison.Ordinal),
            fine.Replace("}", $",\"properties\":{{\"k\":\"{new string('x', 257)}\"}}}}", StringComparison.Ordinal),
            fine.Replace("}", ",\"occurredAt\":\"yesterday\"}", StringComparison.Ordinal),
        })
        {
            Assert.That((await SendAsync(fine, bad)).Status, Is.EqualTo(400), bad);
        }

        Assert.That((await SendAsync([.. Enumerable.Repeat(fine, 501)])).Status, Is.EqualTo(400));
        Assert.That(_client.HubSpot.Events(), Is.Empty);
        Assert.That((await SendAsync([.. Enumerable.Repeat(fine, 500)])).Status, Is.EqualTo(204));
    }

    [Test]
    public async Task Should_allow_1250_event_calls_of_any_second()
    {
        _client.Room.Knobs.Quotas = true;
        _client.Room.Knobs.QuotaScale = 0.004;
        _client.HubSpot.CallsPerTenSeconds = 100_000;
        var fine = $$"""{"eventName":"pe62515_purchase","objectId":"1"}""";
        var statuses = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            statuses.Add((await SendAsync(fine)).Status);
        }

        Assert.That(statuses, Is.EqualTo(Enumerable.Repeat(204, 5).Append(429)));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await SendAsync(fine)).Status, Is.EqualTo(204));
    }

    [Test]
    public async Task Should_add_and_remove_copy_and_empty()
    {
        var ids = await _client.CreateAsync("a", "b");
        var (list, copy) = (await _client.CreateListAsync(), await _client.CreateListAsync("Copy", "SNAPSHOT"));
        await _client.CallAsync("PUT", $"{Lists}/{list}/memberships/add", $"[\"{ids[0]}\"]");

        var changed = await _client.CallAsync("PUT", $"{Lists}/{list}/memberships/add-and-remove", $$"""{"recordIdsToAdd":["{{ids[1]}}","9"],"recordIdsToRemove":["{{ids[0]}}"]}""");
        Assert.That((changed.Ids("recordsIdsAdded"), changed.Ids("recordIdsRemoved"), changed.Ids("recordIdsMissing")), Is.EqualTo((new[] { ids[1] }, new[] { ids[0] }, new[] { "9" })));

        Assert.That((await _client.CallAsync("PUT", $"{Lists}/{copy}/memberships/add-from/{list}")).Status, Is.EqualTo(204));
        Assert.That((await _client.CallAsync("DELETE", $"{Lists}/{list}/memberships")).Status, Is.EqualTo(204));
        Assert.That((await _client.CallAsync("GET", $"{Lists}/{list}/memberships")).Rows, Is.Empty);
        Assert.That((await _client.CallAsync("GET", $"{Lists}/{copy}/memberships")).Rows.Count(), Is.EqualTo(1));
    }

    private Task<SandboxAnswer> SendAsync(params string[] events) => _client.CallAsync("POST", Events, $$"""{"inputs":[{{string.Join(',', events)}}]}""");
}
