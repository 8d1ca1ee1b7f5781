using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>approvals …</c>: what waits for somebody's agreement.</summary>
internal static class ApprovalVerbTree
{
    private const string Refuse = "refuse";
    private const string Example = "0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a";
    private static readonly string[] _columns = ["Approval", "Kind", "About", "Asked by", "State", "Summary"];

    public static Verb Build(Terminal terminal) => new("approvals", "See what waits for somebody's agreement, and agree or refuse.", "approvals list")
    {
        List(terminal),
        Show(terminal),
        Decide("approve", "Agree to the plan that you looked at. When nobody else is needed, what waits goes on. A person at a terminal is shown it and asked.", $"approvals approve {Example} --plan 5d0c6b1f0a7e4b12a9c3d4e5f6a7b8c9 --reason 'the numbers are right'", terminal),
        Decide(Refuse, "Refuse: what waits is ended.", $"approvals refuse {Example} --reason 'not on a Friday'", terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var kind = new Option<string?>("--kind") { Description = $"Only of this kind: {string.Join(", ", ApprovalKind.All)}." };
        var state = new Option<string?>("--state") { Description = "Only in this state; those that wait when absent, 'all' for all.", DefaultValueFactory = _ => "waiting" };
        return new Verb("list", "List approvals, newest first.", "approvals list", "approvals list --state all --kind sync --json")
        { Options = { kind, state, hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/approvals", call => [("kind", call.Get(kind)), ("state", call.Get(state) is "all" ? null : call.Get(state))],
            (call, list) =>
            {
                var approvals = list.Of<ApprovalJson>();
                if (approvals.Count == 0)
                {
                    call.Terminal.Out.WriteLine("There are no such approvals.");
                    return;
                }

                call.WriteTable(_columns, approvals.Select(approval => (string[])[approval.ApprovalId.ToString(), approval.Kind, approval.Subject, approval.RequestedBy, approval.State, approval.Summary]));
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        return new Verb("show", "Show what is agreed to, who asked, and what was said.", $"approvals show {Example}")
        { Arguments = { id }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return Show(call, await client.GetAsync($"/v1/approvals/{call.Get(id)}", cancellationToken));
            },
            terminal);
    }

    private static Verb Decide(string word, string description, string example, Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        var reason = ReasonOption.Create();
        var plan = new Option<string?>("--plan") { Description = "Hash of the plan that you looked at, as 'approvals show' names it; with another plan nothing is decided. Needed to approve; at a terminal it is the one that you are shown.", HelpName = "HASH" };
        return new Verb(word, description, example)
        { Arguments = { id }, Options = { reason, plan, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var seen = call.Get(plan);
                if (seen is null && call.Terminal.In is not null && !call.Json)
                {
                    var waiting = await client.GetAsync($"/v1/approvals/{call.Get(id)}", cancellationToken);
                    Show(call, waiting);
                    call.Terminal.Confirm(word == Refuse ? "Refuse it?" : "Approve it?");
                    seen = Approval(waiting).PlanHash;
                }

                return Show(call, await client.PostAsync($"/v1/approvals/{call.Get(id)}/{word}", new VerdictJson { Reason = reason.Read(call), PlanHash = seen }, cancellationToken));
            },
            terminal);
    }

    private static Argument<Guid> Id() => new("APPROVAL") { Description = "Id of the approval." };

    private static int Show(VerbCall call, JsonElement answer)
    {
        if (call.Json)
        {
            call.Write(answer);
            return ExitCode.Done;
        }

        var approval = Approval(answer);
        var output = call.Terminal.Out;
        output.WriteLine($"{approval.Kind} {approval.Subject}: {approval.State}{(approval.Missing > 0 ? FormattableString.Invariant($", {approval.Missing} of {approval.Needed} still have to agree") : "")}{(approval.FourEyes ? "; persons only, and not who asked" : "")}");
        output.WriteLine($"  {approval.Summary}");
        output.WriteLine($"  asked by {approval.RequestedBy}, {Time(approval.RequestedAt)}{(approval.ExpiresAt is { } end && approval.State == ApprovalState.Waiting ? $", too late after {Time(end)}" : "")}");
        output.WriteLine($"  plan {approval.PlanHash}{(approval.State == ApprovalState.Waiting ? $"; agree to it with: approvals approve {approval.ApprovalId} --plan {approval.PlanHash} --reason TEXT" : "")}");
        foreach (var decision in approval.Decisions)
        {
            output.WriteLine($"  {(decision.Approves ? "approved" : "refused")} by {decision.By}, {Time(decision.At)}{(decision.Reason is { } reason ? $": {reason}" : "")}");
        }

        return ExitCode.Done;
    }

    private static ApprovalJson Approval(JsonElement element) => element.Deserialize<ApprovalJson>()!;

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
