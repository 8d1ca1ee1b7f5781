using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>Several destinations by one id, windows, rates and loud backfills over real HTTP, in a whole hub with the sandboxes of its process.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_a_backfill_goes_to_several_destinations(StorageDatabase database)
{
    private static readonly string[] _two = ["braze", "hubspot"];
    private static readonly string[] _people = ["s-1", "s-2"];
    private static readonly string[] _attributes = ["first_name"];
    private HubWithKeys _hub = null!;
    private string _anna = null!;
    private string _kim = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await HubWithKeys.StartAsync(database, approvals: "backfill: { above_people: 5 }\nloud: { needed: 2 }\n");
        (_, _anna) = await _hub.MakeAsync("person:anna", "approver", "operator");
        (_, _kim) = await _hub.MakeAsync("person:kim", "approver");
        foreach (var person in _people)
        {
            await StateAsync("consent_updated", person, new { purpose = "email_marketing", status = "granted", source = "preference-center" });
            await StateAsync("profile_updated", person, new { attributes = new { first_name = "Kim" } });
        }
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_be_planned_approved_and_shown_by_one_id()
    {
        var planned = await PlanAsync(new { destinations = _two, people = _people, attributes = _attributes });
        var id = planned.GetProperty("group_id").GetGuid();
        Assert.That(Runs(planned).Select(run => run.GetProperty("destination").GetString()), Is.EqualTo(_two));
        Assert.That(planned.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("plan").GetProperty("to_write").GetInt32()), Is.All.EqualTo(2));
        Assert.That(await AskedAsync(), Is.SupersetOf(Runs(planned).Select(run => run.GetProperty("run_id").GetGuid())), "who asked is not forgotten before the run stands");
        var hash = planned.GetProperty("plan_hash").GetString();
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("runs")[0].GetProperty("plan_hash").GetString(), reason = "as planned" }), 409, "plan-changed");
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = hash, reason = "as planned" })).Status, Is.EqualTo(202));
        var ended = await WaitAsync(id, run => run.GetProperty("state").GetString() == "Completed");
        Assert.That(Runs(ended).SelectMany(run => run.GetProperty("reasons").EnumerateArray()).Select(reason => reason.GetProperty("code").GetString()), Is.All.EqualTo("no_match"), "nobody is there, and nobody is created");
        var (_, listed, _) = await _hub.CallAsync(_anna, $"GET /v1/backfills?group={id}");
        Assert.That(listed.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("group_id").GetGuid()), Is.EqualTo(new[] { id, id }));
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = hash, reason = "as planned" }), 409, "run-not-waiting");
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/pause"), 409, "run-over");
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/rollback", new { reason = "a wrong list" }), 409, "nothing-to-roll-back");
    }

    [Test]
    public async Task Should_be_started_with_one_word_where_no_approval_is_needed()
    {
        var id = (await PlanAsync(new { destinations = _two, people = _people, attributes = _attributes })).GetProperty("group_id").GetGuid();
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/start", new { reason = "two people" })).Status, Is.EqualTo(202));
        await WaitAsync(id, run => run.GetProperty("state").GetString() == "Completed");
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/start", new { reason = "once more" }), 409, "run-over");

        ShouldRefuse(await CallAsync("POST /v1/backfills", new { destinations = _two, people = _people, attributes = _attributes, loud = true }), 400, "field-missing");
        var loud = (await PlanAsync(new { destinations = _two, people = _people, attributes = _attributes, loud = true, reason = "new people too" })).GetProperty("group_id").GetGuid();
        var refused = await CallAsync($"POST /v1/backfills/{loud}/start", new { reason = "at once" });
        ShouldRefuse(refused, 409, "approval-needed");
        Assert.That(refused.Body.GetProperty("detail").GetString(), Does.Contain($"backfill approve {loud} --plan"));
        Assert.That((await CallAsync($"POST /v1/backfills/{loud}/cancel")).Status, Is.EqualTo(202));
    }

    /// <summary>The plan of the second destination is another one since it was looked at: the first one is not agreed to either, and who looks again can agree to what is left.</summary>
    [Test]
    public async Task Should_be_approved_at_all_destinations_or_at_none()
    {
        var planned = await PlanAsync(new { destinations = _two, people = _people, attributes = _attributes });
        var id = planned.GetProperty("group_id").GetGuid();
        var (first, last) = (Runs(planned).First().GetProperty("run_id").GetGuid(), Runs(planned).Last().GetProperty("run_id").GetGuid());
        await SetPlanVersionAsync(last, "another");
        var refused = await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        ShouldRefuse(refused, 409, "plan-changed");
        Assert.That(refused.Body.GetProperty("detail").GetString(), Does.StartWith("Nothing is agreed to, at no destination. hubspot: The mapping or the consent policy of hubspot changed").And.Contain($"'backfill cancel {last}'"));
        Assert.That(await ApprovalsAsync(first, last), Is.EqualTo(new[] { "waiting", "withdrawn" }));
        Assert.That((await CallAsync($"POST /v1/backfills/{last}/cancel")).Status, Is.EqualTo(202));
        await WaitAsync(last, run => run.GetProperty("state").GetString() == "Canceled");
        var left = (await CallAsync($"GET /v1/backfills/{id}")).Body.GetProperty("plan_hash").GetString();
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = left, reason = "as planned" })).Status, Is.EqualTo(202), "the one that can go on is agreed to by the same id");
        await WaitAsync(first, run => run.GetProperty("state").GetString() == "Completed");
    }

    /// <summary>Of the two, one needs the word of somebody else: whoever asked for both cannot agree to the other one alone by their id.</summary>
    [Test]
    public async Task Should_be_agreed_to_nowhere_by_whom_one_destination_does_not_accept()
    {
        var planned = await PlanAsync(new { destinations = _two, people = _people, attributes = _attributes });
        var id = planned.GetProperty("group_id").GetGuid();
        Guid[] runs = [.. Runs(planned).Select(run => run.GetProperty("run_id").GetGuid())];
        await Poll.Until(async () => (await ApprovalsAsync(runs)).All(state => state == "waiting"), "both to be asked for");
        await _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync("UPDATE approvals SET four_eyes = @yes WHERE subject = @subject", CancellationToken.None, ("yes", true), ("subject", $"backfill:{runs[1]}"));
            },
            CancellationToken.None);
        var refused = await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        ShouldRefuse(refused, 403, "four-eyes");
        Assert.That(refused.Body.GetProperty("detail").GetString(), Does.StartWith("Nothing is agreed to, at no destination. hubspot: "));
        Assert.That(await ApprovalsAsync(runs), Is.All.EqualTo("waiting"));
        var (status, body, _) = await _hub.CallAsync(_kim, $"POST /v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        Assert.That(status, Is.EqualTo(202), body.ToString());
        await WaitAsync(id, run => run.GetProperty("state").GetString() == "Completed");
    }

    [Test]
    public async Task Should_begin_nowhere_when_one_destination_refuses_and_say_which_and_why()
    {
        var before = (await _hub.CallAsync(_anna, "GET /v1/backfills?limit=500")).Body.GetProperty("items").GetArrayLength();
        var refused = await CallAsync("POST /v1/backfills", new { destinations = new[] { "braze", "pigeon" }, people = _people });
        ShouldRefuse(refused, 404, "destination-unknown");
        Assert.That(refused.Body.GetProperty("detail").GetString(), Does.StartWith("Nothing is planned, at no destination. pigeon: There is no destination 'pigeon'.").And.Not.Contain("braze:"));
        Assert.That((await _hub.CallAsync(_anna, "GET /v1/backfills?limit=500")).Body.GetProperty("items").GetArrayLength(), Is.EqualTo(before));
    }

    [Test]
    public async Task Should_be_held_gone_on_with_and_canceled_by_one_id()
    {
        var planned = await PlanAsync(new { destinations = _two, people = _people, attributes = _attributes });
        var id = planned.GetProperty("group_id").GetGuid();
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/pause")).Status, Is.EqualTo(202));
        await WaitAsync(id, run => run.GetProperty("state").GetString() == "Paused");
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" }), 409, "run-not-waiting");
        var one = Runs(planned).First().GetProperty("run_id").GetGuid();
        Assert.That((await CallAsync($"POST /v1/backfills/{one}/resume")).Status, Is.EqualTo(202), "one of them alone as well");
        await WaitAsync(one, run => run.GetProperty("state").GetString() == "AwaitingApproval");
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/resume")).Status, Is.EqualTo(202), "who is not held is left");
        await WaitAsync(id, run => run.GetProperty("state").GetString() == "AwaitingApproval");
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/resume"), 409, "run-not-waiting");
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/cancel")).Status, Is.EqualTo(202));
        await WaitAsync(id, run => run.GetProperty("state").GetString() == "Canceled");
    }

    [Test]
    public async Task Should_wait_for_its_window_say_so_and_go_on_in_it()
    {
        var closed = InThreeDays();
        var planned = await PlanAsync(new { destination = "braze", people = _people, attributes = _attributes, windows = new[] { closed }, rate = "20/min" });
        var id = planned.GetProperty("run").GetProperty("run_id").GetGuid();
        var plan = planned.GetProperty("plan");
        Assert.That((plan.GetProperty("seconds").GetDouble(), plan.GetProperty("limited_by").GetString(), planned.GetProperty("rate").GetString()), Is.EqualTo((6.0, "rate", "20/min")));
        Assert.That(plan.GetProperty("done_at").GetDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UtcNow.AddDays(2)));
        await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        var waiting = await WaitAsync(id, run => run.GetProperty("state").GetString() == "Delivering");
        var run = waiting.GetProperty("run");
        Assert.That(run.GetProperty("waiting_for").GetString(), Does.StartWith("Window opens at ").And.Contain(closed));
        Assert.That((run.GetProperty("waiting_code").GetString(), run.GetProperty("counts").GetProperty("pending").GetInt32()), Is.EqualTo(("window_closed", 2)));
        Assert.That(waiting.GetProperty("progress").GetProperty("percent").GetInt32(), Is.Zero);
        await _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync($"UPDATE backfill_plans SET opens_at = {session.Clock} - @ago WHERE run_id = @run", CancellationToken.None, ("run", id), ("ago", TimeSpan.FromMinutes(1)));
            },
            CancellationToken.None);
        var ended = await WaitAsync(id, shown => shown.GetProperty("state").GetString() == "Completed");
        Assert.That(ended.GetProperty("run").GetProperty("waiting_for").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Should_be_held_gone_on_with_and_canceled_while_it_is_delivered()
    {
        var planned = await PlanAsync(new { destination = "hubspot", people = _people, attributes = _attributes, windows = new[] { InThreeDays() } });
        var id = planned.GetProperty("run").GetProperty("run_id").GetGuid();
        await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        foreach (var (verb, state) in new[] { ("", "Delivering"), ("pause", "Paused"), ("resume", "Delivering"), ("cancel", "Canceled") })
        {
            Assert.That(verb.Length == 0 ? 202 : (await CallAsync($"POST /v1/backfills/{id}/{verb}", new { reason = "a try" })).Status, Is.EqualTo(202));
            await WaitAsync(id, run => run.GetProperty("state").GetString() == state);
        }

        var ended = await CallAsync($"GET /v1/backfills/{id}");
        var counts = ended.Body.GetProperty("run").GetProperty("counts");
        Assert.That((counts.GetProperty("suppressed").GetInt32(), counts.GetProperty("pending").GetInt32()), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task Should_be_loud_only_by_the_words_that_its_own_rule_asks_for()
    {
        var planned = await PlanAsync(new { destination = "hubspot", people = new[] { "s-1" }, loud = true, reason = "new people too" });
        var (id, hash, plan) = (planned.GetProperty("run").GetProperty("run_id").GetGuid(), planned.GetProperty("plan_hash").GetString(), planned.GetProperty("plan"));
        Assert.That((plan.GetProperty("may_create").GetInt32(), planned.GetProperty("loud").GetBoolean()), Is.EqualTo((1, true)));
        Assert.That(plan.GetProperty("automation").EnumerateArray().Select(sentence => sentence.GetString()), Has.Some.StartsWith("It is loud: whom HubSpot does not know is created there, up to 1 people"));
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/approve", new { plan_hash = hash, reason = "as planned" }), 403, "four-eyes");
        var (status, body, _) = await _hub.CallAsync(_kim, $"POST /v1/backfills/{id}/approve", new { plan_hash = hash, reason = "as planned" });
        Assert.That((status, body.GetProperty("approval").GetProperty("kind").GetString(), body.GetProperty("approval").GetProperty("missing").GetInt32()), Is.EqualTo((202, "loud", 1)), "two have to agree");
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/cancel")).Status, Is.EqualTo(202));
        await WaitAsync(id, run => run.GetProperty("state").GetString() == "Canceled");
    }

    [Test]
    public async Task Should_owe_the_state_of_people_again_of_whom_the_log_tells()
    {
        var planned = await PlanAsync(new { kind = "redeliver", destinations = _two, types = new[] { "profile_updated" }, people = _people });
        Assert.That(Runs(planned).Select(run => run.GetProperty("kind").GetString()), Is.All.EqualTo("backfill_attributes"));
        Assert.That(planned.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("plan").GetProperty("to_write").GetInt32()), Is.All.EqualTo(2));
        Assert.That((await CallAsync($"POST /v1/backfills/{planned.GetProperty("group_id").GetGuid()}/cancel")).Status, Is.EqualTo(202));
    }

    [TestCase("types-mixed", "profile_updated,order_completed", false)]
    [TestCase("type-goes-its-own-way", "audience_membership_changed", false)]
    [TestCase("type-goes-its-own-way", "profile_updated,consent_updated", false)]
    [TestCase("field-unexpected", "profile_updated", true)]
    public async Task Should_refuse_what_is_no_state_to_be_owed_again(string type, string types, bool repeats) =>
        ShouldRefuse(await CallAsync("POST /v1/backfills", new { kind = "redeliver", destination = "braze", types = types.Split(','), allow_repeat = repeats, reason = "once more" }), 400, type);

    [Test]
    public async Task Should_take_a_decision_with_its_reason_and_only_about_what_was_seen()
    {
        var planned = await PlanAsync(new { destination = "hubspot", people = _people, attributes = _attributes, reason = "first names were wrong" });
        var run = planned.GetProperty("run");
        var (id, seen) = (run.GetProperty("run_id").GetGuid(), run.GetProperty("version").GetString());
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/pause", new { expected_version = seen, reason = "not today" })).Status, Is.EqualTo(202));
        await WaitAsync(id, shown => shown.GetProperty("state").GetString() == "Paused");
        ShouldRefuse(await CallAsync($"POST /v1/backfills/{id}/cancel", new { expected_version = seen }), 409, "plan-changed");
        Assert.That((await CallAsync($"POST /v1/backfills/{id}/cancel", new { reason = "never" })).Status, Is.EqualTo(202));
        await WaitAsync(id, shown => shown.GetProperty("state").GetString() == "Canceled");
        var (_, audit, _) = await _hub.CallAsync(HubWithKeys.Key, $"GET /v1/audit?subject=backfill:{id}");
        Assert.That(
            audit.GetProperty("items").EnumerateArray().Select(entry => (entry.GetProperty("action").GetString(), entry.GetProperty("reason").GetString())),
            Is.EquivalentTo(new[] { ("backfill.plan", "first names were wrong"), ("backfill.pause", "not today"), ("backfill.cancel", "never") }));
    }

    [TestCase("window-malformed", "windows", "Mon 20:00-21:00", null)]
    [TestCase("rate-malformed", "rate", null, "fast")]
    public async Task Should_refuse_terms_that_cannot_be_read(string type, string field, string? window, string? rate)
    {
        var refused = await CallAsync("POST /v1/backfills", new { destinations = _two, people = _people, windows = window is null ? null : new[] { window }, rate });
        ShouldRefuse(refused, 400, type);
        Assert.That(refused.Body.GetProperty("field").GetString(), Is.EqualTo(field));
    }

    private Task<IReadOnlyList<Guid>> AskedAsync() => _hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync<IReadOnlyList<Guid>>(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync("SELECT run_id FROM asked_runs WHERE command = 'backfill'", row => row.GetGuid(0), CancellationToken.None);
    });

    private Task SetPlanVersionAsync(Guid run, string version) => _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE backfill_plans SET plan_version = @version WHERE run_id = @run", CancellationToken.None, ("run", run), ("version", version));
        },
        CancellationToken.None);

    private async Task<IReadOnlyList<string?>> ApprovalsAsync(params Guid[] runs)
    {
        var (_, listed, _) = await _hub.CallAsync(_anna, "GET /v1/approvals?limit=500");
        return [.. runs.Select(run => listed.GetProperty("items").EnumerateArray().FirstOrDefault(approval => approval.GetProperty("subject").GetString() == $"backfill:{run}"))
            .Select(approval => approval.ValueKind == JsonValueKind.Undefined ? null : approval.GetProperty("state").GetString())];
    }

    private static string InThreeDays() => $"{DateTimeOffset.UtcNow.AddDays(3).ToString("ddd", CultureInfo.InvariantCulture)} 03:00-04:00 UTC";

    private async Task<JsonElement> PlanAsync(object body)
    {
        var (status, planned) = await CallAsync("POST /v1/backfills", body);
        Assert.That(status, Is.EqualTo(202), planned.ToString());
        var id = planned.TryGetProperty("runs", out _) ? planned.GetProperty("group_id").GetGuid() : planned.GetProperty("run").GetProperty("run_id").GetGuid();
        return await WaitAsync(id, run => run.GetProperty("state").GetString() == "AwaitingApproval");
    }

    private Task<JsonElement> WaitAsync(Guid id, Func<JsonElement, bool> isThere) =>
        Poll.For(async () => (await CallAsync($"GET /v1/backfills/{id}")).Body, shown => Runs(shown).All(isThere), "the backfill to be there");

    private static IEnumerable<JsonElement> Runs(JsonElement shown) =>
        shown.TryGetProperty("runs", out var runs) ? runs.EnumerateArray().Select(run => run.GetProperty("run")) : [shown.GetProperty("run")];

    private async Task<(int Status, JsonElement Body)> CallAsync(string route, object? body = null)
    {
        var (status, answer, _) = await _hub.CallAsync(_anna, route, body);
        return (status, answer);
    }

    private async Task StateAsync(string type, string person, object payload)
    {
        var (status, body, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", new
        {
            event_id = Guid.CreateVersion7(), event_type = type, schema_version = 1, occurred_at = DateTimeOffset.UtcNow, producer = "test", tenant_id = "default", subject = new { external_id = person }, payload,
        });
        Assert.That((status, body.GetProperty("accepted").GetInt32()), Is.EqualTo((202, 1)), body.ToString());
    }

    private static void ShouldRefuse((int Status, JsonElement Body) answer, int status, string type) =>
        Assert.That((answer.Status, answer.Body.GetProperty("type").GetString()), Is.EqualTo((status, $"urn:integrationhub:problem:{type}")), answer.Body.ToString());
}
