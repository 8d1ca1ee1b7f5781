using System.Collections.Concurrent;
using System.Text.Json;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Approvals;

/// <summary>Approvals over real HTTP; what they set free is a note of the test.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_somebody_has_to_agree(StorageDatabase database)
{
    private readonly Noting _noting = new();
    private HubWithKeys _hub = null!;
    private string _anna = null!;
    private string _kim = null!;
    private string _robot = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await HubWithKeys.StartAsync(database, builder => builder.Services.AddSingleton<IApprovable>(_noting));
        (_, _anna) = await _hub.MakeAsync("person:anna", "approver", "operator");
        (_, _kim) = await _hub.MakeAsync("person:kim", "approver");
        (_, _robot) = await _hub.MakeAsync("service:robot", "approver");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_need_another_person_where_four_eyes_look()
    {
        var subject = $"test:{Guid.NewGuid()}";
        var id = await AskAsync("person:anna", fourEyes: true, subject: subject);
        ShouldRefuse(await SayAsync(_anna, id, "approve"), 403, "four-eyes");
        ShouldRefuse(await SayAsync(_robot, id, "approve"), 403, "person-needed");
        ShouldRefuse(await SayAsync(HubWithKeys.Key, id, "approve"), 403, "person-needed");
        Assert.That(_noting.Released, Has.No.Member(id));

        var (status, body) = await SayAsync(_kim, id, "approve", new { reason = "looked at it", plan_hash = "plan" });
        Assert.That((status, body.GetProperty("state").GetString()), Is.EqualTo((200, "approved")));
        Assert.That(body.GetProperty("decisions")[0].GetProperty("by").GetString(), Is.EqualTo("person:kim"));
        Assert.That(_noting.Released, Has.Member(id));
        ShouldRefuse(await SayAsync(_kim, id, "approve"), 409, "approval-over");
        Assert.That(await WhoAsync(subject, "reveal.approve"), Is.EqualTo("person:kim"));
    }

    [Test]
    public async Task Should_let_a_program_agree_where_no_four_eyes_are_asked_for()
    {
        var id = await AskAsync("person:anna", fourEyes: false);
        Assert.That((await SayAsync(_robot, id, "approve")).Body.GetProperty("state").GetString(), Is.EqualTo("approved"));
    }

    [Test]
    public async Task Should_count_one_person_once()
    {
        var id = await AskAsync("service:x", fourEyes: true, needed: 2);
        Assert.That((await SayAsync(_anna, id, "approve")).Body.GetProperty("missing").GetInt32(), Is.EqualTo(1));
        var (_, another) = await _hub.MakeAsync("person:anna");
        var (status, body) = await SayAsync(another, id, "approve");
        Assert.That((status, body.GetProperty("missing").GetInt32(), body.GetProperty("state").GetString()), Is.EqualTo((200, 1, "waiting")), "another key, the same person");
        Assert.That(_noting.Released, Has.No.Member(id));
        Assert.That((await SayAsync(_kim, id, "approve")).Body.GetProperty("state").GetString(), Is.EqualTo("approved"));
    }

    [Test]
    public async Task Should_end_what_was_refused_and_say_why()
    {
        var id = await AskAsync("person:anna", fourEyes: true);
        ShouldRefuse(await SayAsync(_kim, id, "refuse"), 400, "field-missing");
        Assert.That((await SayAsync(_anna, id, "refuse", new { reason = "asked by mistake" })).Body.GetProperty("state").GetString(), Is.EqualTo("refused"));
        Assert.That(_noting.Refused, Has.Member(id));
        ShouldRefuse(await SayAsync(_kim, id, "approve"), 409, "approval-over");
    }

    [Test]
    public async Task Should_hold_for_the_plan_that_was_looked_at_and_nothing_else()
    {
        var id = await AskAsync("person:anna", fourEyes: true);
        ShouldRefuse(await SayAsync(_kim, id, "approve", new { reason = "looked at it", plan_hash = "another plan" }), 409, "plan-changed");
        ShouldRefuse(await SayAsync(_kim, id, "approve", new { reason = "looked at it" }), 400, "field-missing");
        Assert.That((await SayAsync(_kim, id, "approve", new { plan_hash = "plan" })).Body.GetProperty("field").GetString(), Is.EqualTo("reason"));
        Assert.That(_noting.Released, Has.No.Member(id));

        var moved = await AskAsync("person:anna", fourEyes: true, plan: Noting.Moved);
        ShouldRefuse(await SayAsync(_kim, moved, "approve", new { reason = "looked at it", plan_hash = Noting.Moved }), 409, "plan-changed");
        var (_, body, _) = await _hub.CallAsync(_kim, $"GET /v1/approvals/{moved}");
        Assert.That((body.GetProperty("state").GetString(), body.GetProperty("decisions").GetArrayLength()), Is.EqualTo(("withdrawn", 0)));
    }

    [Test]
    public async Task Should_ask_once_and_anew_when_the_plan_has_changed()
    {
        var subject = $"test:{Guid.NewGuid()}";
        var first = await AskAsync("person:anna", true, subject: subject);
        Assert.That(await AskAsync("person:anna", true, subject: subject), Is.EqualTo(first));
        var second = await AskAsync("person:anna", true, subject: subject, plan: "new plan");
        Assert.That(second, Is.Not.EqualTo(first));
        ShouldRefuse(await SayAsync(_kim, first, "approve"), 409, "approval-over");
        var (_, list, _) = await _hub.CallAsync(_kim, "GET /v1/approvals?state=waiting&kind=reveal");
        Assert.That(list.GetProperty("items").EnumerateArray().Select(row => row.GetProperty("approval_id").GetGuid()), Has.Member(second).And.No.Member(first));
    }

    [Test]
    public async Task Should_be_too_late_one_day()
    {
        var id = await AskAsync("person:anna", true, expires: DateTimeOffset.UtcNow.AddMinutes(-1));
        ShouldRefuse(await SayAsync(_kim, id, "approve"), 409, "approval-expired");
        var sweeper = _hub.Services.GetRequiredService<ApprovalExpiry>();
        await Task.WhenAll(sweeper.SweepAsync(CancellationToken.None), sweeper.SweepAsync(CancellationToken.None));
        Assert.That(_noting.Refused.Count(refused => refused == id), Is.EqualTo(1), "once, whoever sweeps");
        var (_, body, _) = await _hub.CallAsync(_kim, $"GET /v1/approvals/{id}");
        Assert.That(body.GetProperty("state").GetString(), Is.EqualTo("expired"));
    }

    /// <summary>Two people agree in the same moment to what needs one: it is set free once.</summary>
    [Test]
    public async Task Should_be_set_free_once()
    {
        var id = await AskAsync("service:x", fourEyes: true);
        var said = await Task.WhenAll(SayAsync(_anna, id, "approve"), SayAsync(_kim, id, "approve"));
        Assert.That(said.Select(answer => answer.Status).Order(), Is.EqualTo(new[] { 200, 409 }));
        Assert.That(_noting.Released.Count(released => released == id), Is.EqualTo(1));
    }

    private Task<Guid> AskAsync(string by, bool fourEyes, int needed = 1, string plan = "plan", string? subject = null, DateTimeOffset? expires = null) =>
        _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                var asked = new ApprovalRequest(ApprovalKind.Reveal, subject ?? $"test:{Guid.NewGuid()}", plan, by, DateTimeOffset.UtcNow, expires, needed, fourEyes, "12 people");
                return await ApprovalDesk.RequestAsync(db, asked, CancellationToken.None);
            },
            CancellationToken.None);

    private async Task<(int Status, JsonElement Body)> SayAsync(string key, Guid id, string word, object? body = null)
    {
        var (status, answer, _) = await _hub.CallAsync(key, $"POST /v1/approvals/{id}/{word}", body ?? (word == "approve" ? new { reason = "looked at it", plan_hash = "plan" } : null));
        return (status, answer);
    }

    private async Task<string?> WhoAsync(string subject, string action)
    {
        var (_, rows, _) = await _hub.CallAsync(HubWithKeys.Key, $"GET /v1/audit?action={action}&subject={subject}");
        return rows.GetProperty("items").EnumerateArray().Single().GetProperty("principal").GetString();
    }

    private static void ShouldRefuse((int Status, JsonElement Body) answer, int status, string type) =>
        Assert.That((answer.Status, answer.Body.GetProperty("type").GetString()), Is.EqualTo((status, $"urn:integrationhub:problem:{type}")), answer.Body.ToString());

    private sealed class Noting : IApprovable
    {
        public const string Moved = "a plan that has moved";

        public ConcurrentQueue<Guid> Released { get; } = new();

        public ConcurrentQueue<Guid> Refused { get; } = new();

        public string Kind => ApprovalKind.Reveal;

        public Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
        {
            if (approval.Request.PlanHash == Moved)
            {
                throw new PlanChangedException("It is another plan by now.");
            }

            Released.Enqueue(approval.ApprovalId);
            return Task.CompletedTask;
        }

        public Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
        {
            Refused.Enqueue(approval.ApprovalId);
            return Task.CompletedTask;
        }
    }
}
