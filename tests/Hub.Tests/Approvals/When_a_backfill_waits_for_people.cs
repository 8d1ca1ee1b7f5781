using System.Text.Json;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Approvals;

/// <summary>Plans of backfills over real HTTP: nothing is written before the words stand that <c>approvals.yaml</c> asks for.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_a_backfill_waits_for_people(StorageDatabase database)
{
    private static readonly string[] _two = ["b-1", "b-2"];
    private HubWithKeys _hub = null!;
    private string _anna = null!;
    private string _kim = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await HubWithKeys.StartAsync(database, approvals: "backfill: { above_people: 1, four_eyes: true }\n");
        (_, _anna) = await _hub.MakeAsync("person:anna", "approver", "operator");
        (_, _kim) = await _hub.MakeAsync("person:kim", "approver");
        foreach (var person in _two)
        {
            await StateAsync("consent_updated", person, new { purpose = "email_marketing", status = "granted", source = "preference-center" });
            await StateAsync("profile_updated", person, new { attributes = new { first_name = "Kim" } });
        }
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_be_written_only_by_the_word_of_another_person()
    {
        var (run, hash, approval) = await PlanAsync(_two);
        Assert.That((approval.GetProperty("kind").GetString(), approval.GetProperty("plan_hash").GetString(), approval.GetProperty("requested_by").GetString()), Is.EqualTo(("backfill", hash, "person:anna")));
        ShouldRefuse(await SayAsync(_anna, run, hash), 403, "four-eyes");
        ShouldRefuse(await SayAsync(HubWithKeys.Key, run, hash), 403, "person-needed");
        ShouldRefuse(await SayAsync(_kim, run, "another"), 409, "plan-changed");
        Assert.That(await StateOfAsync(run), Is.EqualTo("AwaitingApproval"));

        var (status, body) = await SayAsync(_kim, run, hash);
        Assert.That((status, body.GetProperty("approval").GetProperty("state").GetString()), Is.EqualTo((202, "approved")), body.ToString());
        await Poll.Until(async () => await StateOfAsync(run) is "Completed" or "CompletedWithIssues", "the backfill to end");
        Assert.That((await ShowAsync(run)).GetProperty("approved_by").GetString(), Is.EqualTo("person:kim"));
        ShouldRefuse(await SayAsync(_kim, run, hash), 409, "run-not-waiting");
    }

    [Test]
    public async Task Should_be_written_by_the_word_of_whoever_planned_it_when_it_is_about_few()
    {
        var (run, hash, approval) = await PlanAsync("b-1");
        Assert.That((approval.GetProperty("four_eyes").GetBoolean(), approval.GetProperty("needed").GetInt32()), Is.EqualTo((false, 1)));
        Assert.That((await SayAsync(_anna, run, hash)).Status, Is.EqualTo(202));
        await Poll.Until(async () => await StateOfAsync(run) is "Completed" or "CompletedWithIssues", "the backfill to end");
    }

    /// <summary>Each of the two is about one person, which is no more than one word needs; what was asked for at once is about two.</summary>
    [Test]
    public async Task Should_count_what_was_planned_at_once_as_one()
    {
        var (status, planned, _) = await _hub.CallAsync(_anna, "POST /v1/backfills", new { destinations = new[] { "braze", "hubspot" }, people = new[] { "b-1" }, attributes = new[] { "first_name" } });
        Assert.That(status, Is.EqualTo(202), planned.ToString());
        var group = planned.GetProperty("group_id").GetGuid();
        var both = await Poll.For(
            async () => (await _hub.CallAsync(_kim, "GET /v1/approvals?state=waiting")).Body.GetProperty("items").EnumerateArray().Where(waiting => waiting.GetProperty("summary").GetString()!.Contains("other destinations", StringComparison.Ordinal)).ToList(),
            found => found.Count == 2, "both to be asked for");
        Assert.That(both.Select(approval => approval.GetProperty("four_eyes").GetBoolean()), Is.All.True);
        var alone = await _hub.CallAsync(_anna, $"POST /v1/backfills/{group}/start", new { reason = "one person each" });
        ShouldRefuse((alone.Status, alone.Body), 409, "approval-needed");
        var hash = (await ShowAsync(group)).GetProperty("plan_hash").GetString()!;
        ShouldRefuse(await SayAsync(_anna, group, hash), 403, "four-eyes");
        Assert.That((await SayAsync(_kim, group, hash)).Status, Is.EqualTo(202));
        await Poll.Until(async () => (await ShowAsync(group)).GetProperty("runs").EnumerateArray().All(run => run.GetProperty("run").GetProperty("state").GetString() is "Completed" or "CompletedWithIssues"), "both to end");
    }

    [Test]
    public async Task Should_be_canceled_when_somebody_refuses()
    {
        var (run, hash, approval) = await PlanAsync(_two);
        var (status, _, _) = await _hub.CallAsync(_kim, $"POST /v1/approvals/{IdOf(approval)}/refuse", new { reason = "not on a Friday" });
        Assert.That(status, Is.EqualTo(200));
        await Poll.Until(async () => await StateOfAsync(run) == "Canceled", "the backfill to be canceled");
        ShouldRefuse(await SayAsync(_kim, run, hash), 409, "run-not-waiting");
    }

    [Test]
    public async Task Should_ask_nobody_any_more_when_it_is_canceled()
    {
        var (run, _, approval) = await PlanAsync(_two);
        Assert.That((await _hub.CallAsync(_anna, $"POST /v1/backfills/{run}/cancel")).Status, Is.EqualTo(202));
        Assert.That(await ApprovalStateAsync(approval), Is.EqualTo("withdrawn"));
        await Poll.Until(async () => await StateOfAsync(run) == "Canceled", "the backfill to be canceled");
    }

    /// <summary>However a run ends, as by a command that came another way: whoever is asked in vain would wait for nothing.</summary>
    [Test]
    public async Task Should_ask_nobody_any_more_when_it_is_over()
    {
        var (run, _, approval) = await PlanAsync(_two);
        await _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            (_, bus) => bus.Publish(new IntegrationHub.Contracts.Backfills.CancelBackfill { RunId = run, By = "test", At = DateTimeOffset.UtcNow }), CancellationToken.None);
        await Poll.Until(async () => await ApprovalStateAsync(approval) == "withdrawn", "the approval to be withdrawn");
    }

    [Test]
    public async Task Should_not_be_written_by_a_word_to_what_has_changed_since()
    {
        var (run, hash, approval) = await PlanAsync(_two);
        await _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync("UPDATE backfill_plans SET plan_version = 'of before' WHERE run_id = @run", CancellationToken.None, ("run", run));
            },
            CancellationToken.None);
        ShouldRefuse(await SayAsync(_kim, run, hash), 409, "plan-changed");
        Assert.That((await ApprovalStateAsync(approval), await StateOfAsync(run)), Is.EqualTo(("withdrawn", "AwaitingApproval")));
    }

    /// <summary>Plans as anna, and waits until somebody is asked.</summary>
    private async Task<(Guid Run, string Hash, JsonElement Approval)> PlanAsync(params string[] people)
    {
        var (status, planned, _) = await _hub.CallAsync(_anna, "POST /v1/backfills", new { destination = "braze", people, attributes = new[] { "first_name" } });
        Assert.That(status, Is.EqualTo(202), planned.ToString());
        var run = planned.GetProperty("run").GetProperty("run_id").GetGuid();
        var approval = await Poll.For(
            async () => (await _hub.CallAsync(_kim, "GET /v1/approvals?state=waiting")).Body.GetProperty("items").EnumerateArray().FirstOrDefault(waiting => waiting.GetProperty("subject").GetString() == $"backfill:{run}"),
            found => found.ValueKind == JsonValueKind.Object, "somebody to be asked");
        var shown = await ShowAsync(run);
        Assert.That(shown.GetProperty("plan").GetProperty("to_write").GetInt32(), Is.EqualTo(people.Length), shown.ToString());
        return (run, shown.GetProperty("plan_hash").GetString()!, approval);
    }

    private async Task<(int Status, JsonElement Body)> SayAsync(string key, Guid run, string hash)
    {
        var (status, body, _) = await _hub.CallAsync(key, $"POST /v1/backfills/{run}/approve", new { plan_hash = hash, reason = "as planned" });
        return (status, body);
    }

    private async Task<string?> StateOfAsync(Guid run) => (await ShowAsync(run)).GetProperty("run").GetProperty("state").GetString();

    private async Task<JsonElement> ShowAsync(Guid run) => (await _hub.CallAsync(_kim, $"GET /v1/backfills/{run}")).Body;

    private async Task<string?> ApprovalStateAsync(JsonElement approval) => (await _hub.CallAsync(_kim, $"GET /v1/approvals/{IdOf(approval)}")).Body.GetProperty("state").GetString();

    private static Guid IdOf(JsonElement approval) => approval.GetProperty("approval_id").GetGuid();

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
