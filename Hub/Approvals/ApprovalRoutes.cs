using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Approvals;

/// <summary>Approvals over HTTP.</summary>
internal static class ApprovalRoutes
{
    private const int MostApprovals = 500;
    private const int LongestReason = 500;

    public static IServiceCollection AddApprovals(this IServiceCollection services) => services
        .AddSingleton<ApprovalRules>().AddSingleton<ApprovalCourt>().AddSingleton<HeldReminder>()
        .AddSingleton<SyncApproval>().AddSingleton<IApprovable>(provider => provider.GetRequiredService<SyncApproval>())
        .AddSingleton<MergeApproval>().AddSingleton<IApprovable>(provider => provider.GetRequiredService<MergeApproval>());

    public static void MapApprovals(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/approvals", ListAsync).WithName("listApprovals").ProducesPage<ApprovalJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/approvals/{approvalId:guid}", async (Guid approvalId, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            await transactions.ReadAsync(db => ApprovalDesk.FindAsync(db, approvalId, cancellationToken)) is { } approval
                ? Results.Json(ApprovalJson.From(approval))
                : Problems.Of(404, "approval-unknown", "approval_id", $"There is no approval {approvalId}. GET /v1/approvals lists them."))
            .WithName("showApproval").Produces<ApprovalJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        MapVerdict(routes, "approve", approves: true);
        MapVerdict(routes, "refuse", approves: false);
    }

    private static void MapVerdict(IEndpointRouteBuilder routes, string word, bool approves) =>
        routes.MapPost($"/v1/approvals/{{approvalId:guid}}/{word}", async (Guid approvalId, VerdictJson? said, HttpContext http, ApprovalCourt court, CancellationToken cancellationToken) =>
        {
            if (said?.Reason is { Length: > LongestReason })
            {
                return Problems.Of(400, "field-too-long", "reason", $"Say in 'reason', in at most {LongestReason} characters, why; it stays with the decision.");
            }

            if (approves && string.IsNullOrEmpty(said?.PlanHash))
            {
                return Problems.Of(
                    400, "field-missing", "plan_hash",
                    $"Name in 'plan_hash' what you looked at: 'approvals show {approvalId}' tells its hash. In a terminal: approvals approve {approvalId} --plan HASH --reason TEXT. Nothing was decided.");
            }

            var (approval, refusal) = await court.DecideAsync(approvalId, new Verdict(http.Caller(), http.Via(), approves, said?.Reason?.Trim(), said?.PlanHash), cancellationToken);
            return refusal is null ? Results.Json(ApprovalJson.From(approval!)) : Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail);
        }).WithName($"{word}Approval").Produces<ApprovalJson>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsApprove)
            .Takes(new CommandTerms { WhyNeeded = CommandTerms.Always, Seen = "plan_hash", SeenNeeded = approves ? CommandTerms.Always : null });

    private static async Task<IResult> ListAsync(string? kind, string? state, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        if (kind is not null && !ApprovalKind.All.Contains(kind))
        {
            return Problems.Of(400, "kind-unknown", "kind", $"'{kind}' is no kind of approval. Use one of: {string.Join(", ", ApprovalKind.All)}.");
        }

        if (state is not null && !ApprovalState.All.Contains(state))
        {
            return Problems.Of(400, "state-unknown", "state", $"'{state}' is no state of an approval. Use one of: {string.Join(", ", ApprovalState.All)}.");
        }

        return Results.Json(PageJson.Of(
            await transactions.ReadAsync(db => ApprovalDesk.ListAsync(db, kind, state, ListRoutes.Ask(after, limit, 100, MostApprovals), cancellationToken)), ApprovalJson.From));
    }
}
