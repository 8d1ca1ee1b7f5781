using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Runs;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Runs;

/// <summary>Commands to runs over HTTP, with saga, bus and database: who, why, and what was seen.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_a_run_is_decided_about(StorageDatabase database)
{
    private HubWithKeys _hub = null!;
    private string _anna = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await HubWithKeys.StartAsync(database);
        (_, _anna) = await _hub.MakeAsync("person:anna", "operator", "approver");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_let_a_held_run_go_by_the_word_of_a_person()
    {
        var run = await HoldAsync("customers", "braze");
        var (status, shown, _) = await _hub.CallAsync(_anna, $"GET /v1/runs/{run}");
        var version = shown.GetProperty("version").GetString()!;
        Assert.That((status, version), Is.EqualTo((200, RunVersion.Of((await FindAsync(run))!))));

        var stale = await _hub.CallAsync(_anna, $"POST /v1/runs/{run}/approve", new { reason = "a big list" }, ("If-Match", "\"another\""));
        Assert.That((stale.Status, stale.Body.GetProperty("type").GetString()), Is.EqualTo((409, "urn:integrationhub:problem:plan-changed")));
        Assert.That((await _hub.CallAsync(_anna, $"POST /v1/runs/{run}/approve", new { expected_version = "another", reason = "a big list" })).Status, Is.EqualTo(409));
        var unseen = await _hub.CallAsync(_anna, $"POST /v1/runs/{run}/approve", new { reason = "a big list" });
        Assert.That((unseen.Status, unseen.Body.GetProperty("field").GetString()), Is.EqualTo((400, "expected_version")));
        Assert.That((await FindAsync(run))!.State, Is.EqualTo("AwaitingApproval"));

        Assert.That((await _hub.CallAsync(_anna, $"POST /v1/runs/{run}/approve", new { reason = "a big list" }, ("If-Match", $"\"{version}\""))).Status, Is.EqualTo(202));
        await Poll.Until(async () => (await FindAsync(run))!.State != "AwaitingApproval", "the run to go on");
        Assert.That(await ReadAsync(db => db.Set<AudienceSyncState>().Where(row => row.CorrelationId == run).Select(row => row.ApprovedBy).SingleAsync()), Is.EqualTo("person:anna"));
        await ShouldBeAuditedAsync(run, "sync.approve", "a big list");
        var approval = (await ApprovalsAsync(run)).Single();
        Assert.That((approval.GetProperty("state").GetString(), approval.GetProperty("plan_hash").GetString()), Is.EqualTo(("approved", version)));
    }

    [Test]
    public async Task Should_cancel_and_withdraw_what_was_asked()
    {
        var run = await HoldAsync("customers", "hubspot");
        await AskAsync(run);
        Assert.That((await _hub.CallAsync(_anna, $"POST /v1/runs/{run}/cancel", new { reason = "wrong list" })).Status, Is.EqualTo(202));
        await Poll.Until(async () => (await FindAsync(run))!.FinishedAt is not null, "the run to end");
        await ShouldBeAuditedAsync(run, "run.cancel", "wrong list");
        Assert.That((await ApprovalsAsync(run)).Single().GetProperty("state").GetString(), Is.EqualTo("withdrawn"));
    }

    [Test]
    public async Task Should_cancel_what_was_refused()
    {
        var run = await HoldAsync("customers", "marketo");
        var approval = await AskAsync(run);
        Assert.That((await _hub.CallAsync(_anna, $"POST /v1/approvals/{approval}/refuse", new { reason = "too many" })).Status, Is.EqualTo(200));
        await Poll.Until(async () => (await FindAsync(run))!.State == "Canceled", "the run to be canceled");
        await ShouldBeAuditedAsync(run, "sync.refuse", "too many");
    }

    /// <summary>Approved by its approval, after the run has gone: nothing is done, and the approval says so.</summary>
    [Test]
    public async Task Should_not_let_go_a_run_that_is_another_by_now()
    {
        var run = await HoldAsync("customers", "other");
        var approval = await AskAsync(run);
        await WriteAsync(db => db.Set<AudienceSyncState>().Where(row => row.CorrelationId == run).ExecuteUpdateAsync(row => row.SetProperty(state => state.CurrentState, "Paused")));
        var (status, body, _) = await ApproveAsync(approval);
        Assert.That((status, body.GetProperty("type").GetString()), Is.EqualTo((409, "urn:integrationhub:problem:plan-changed")));
        Assert.That((await ApprovalsAsync(run)).Single().GetProperty("state").GetString(), Is.EqualTo("withdrawn"));
    }

    /// <summary>Its counts moved, as when somebody who was planned is erased: who approved saw another plan, and somebody has to be asked about this one.</summary>
    [Test]
    public async Task Should_be_asked_about_anew_when_its_plan_has_changed()
    {
        var run = await HoldAsync("customers", "moved");
        var approval = await AskAsync(run);
        await WriteAsync(db => db.Database.ExecuteSqlAsync($"INSERT INTO run_tallies (run_id, outcome, code, count) VALUES ({run}, 'suppressed', 'erased', 1)"));
        var (status, _, _) = await ApproveAsync(approval);
        Assert.That(status, Is.EqualTo(409));
        Assert.That((await ApprovalsAsync(run)).Select(asked => asked.GetProperty("state").GetString()).Order(), Is.EqualTo(new[] { "waiting", "withdrawn" }));
    }

    /// <summary>Before a run delivers nothing was done; afterwards whoever gives up what is left says why.</summary>
    [Test]
    public async Task Should_want_to_know_why_a_run_that_has_begun_is_given_up()
    {
        var run = await HoldAsync("customers", "begun");
        await WriteAsync(db => db.Set<AudienceSyncState>().Where(row => row.CorrelationId == run).ExecuteUpdateAsync(row => row.SetProperty(state => state.CurrentState, "Paused")));
        var (status, body, _) = await _hub.CallAsync(_anna, $"POST /v1/runs/{run}/cancel");
        Assert.That((status, body.GetProperty("field").GetString()), Is.EqualTo((400, "reason")));
        Assert.That((await FindAsync(run))!.State, Is.EqualTo("Paused"));
        await WriteAsync(db => db.Set<AudienceSyncState>().Where(row => row.CorrelationId == run).ExecuteUpdateAsync(row => row.SetProperty(state => state.CurrentState, "AwaitingApproval")));
        Assert.That((await _hub.CallAsync(_anna, $"POST /v1/runs/{run}/cancel")).Status, Is.EqualTo(202));
    }

    private async Task<(int Status, System.Text.Json.JsonElement Body, HttpResponseMessage Answer)> ApproveAsync(Guid approval) => await _hub.CallAsync(
        _anna, $"POST /v1/approvals/{approval}/approve",
        new { plan_hash = (await _hub.CallAsync(_anna, $"GET /v1/approvals/{approval}")).Body.GetProperty("plan_hash").GetString(), reason = "a big list" });

    private async Task<Guid> HoldAsync(string audience, string destination)
    {
        var run = Guid.NewGuid();
        await WriteAsync(db =>
        {
            db.Add(new AudienceSyncState
            {
                CorrelationId = run, CurrentState = "AwaitingApproval", Audience = audience, Destination = destination, Mode = "full", Lane = "bulk", RequestedBy = "schedule:nightly",
                RequestedAt = DateTimeOffset.UtcNow, PlannedAt = DateTimeOffset.UtcNow, LastProgressAt = DateTimeOffset.UtcNow, Planned = 0, ToAdd = 0, ToRemove = 0, ToUpdate = 0, CurrentMembers = 0, MaxRemovalShare = 1,
            });
            return Task.CompletedTask;
        });
        return run;
    }

    private Task<Guid> AskAsync(Guid run) => _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        async (db, _) => await _hub.Services.GetRequiredService<SyncApproval>().RequestAsync(db, (await _hub.Services.GetRequiredService<IRunStore>().FindAsync(db, run, CancellationToken.None))!, CancellationToken.None),
        CancellationToken.None);

    private Task<RunView?> FindAsync(Guid run) => ReadAsync(db => _hub.Services.GetRequiredService<IRunStore>().FindAsync(db, run, CancellationToken.None));

    private async Task<IReadOnlyList<System.Text.Json.JsonElement>> ApprovalsAsync(Guid run) =>
        [.. (await _hub.CallAsync(_anna, "GET /v1/approvals")).Body.GetProperty("items").EnumerateArray().Where(row => row.GetProperty("subject").GetString() == $"run:{run}")];

    private async Task ShouldBeAuditedAsync(Guid run, string action, string reason)
    {
        var row = (await _hub.CallAsync(HubWithKeys.Key, $"GET /v1/audit?subject=run:{run}&action={action}")).Body.GetProperty("items").EnumerateArray().Single();
        Assert.That((row.GetProperty("principal").GetString(), row.GetProperty("reason").GetString()), Is.EqualTo(("person:anna", reason)));
    }

    private Task<T> ReadAsync<T>(Func<HubDbContext, Task<T>> read) => _hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(read);

    private Task WriteAsync(Func<HubDbContext, Task> write) => _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync((db, _) => write(db), CancellationToken.None);
}
