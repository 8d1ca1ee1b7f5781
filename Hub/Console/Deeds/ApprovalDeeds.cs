using System.Text.Json.Nodes;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What people say to what waits for them.</summary>
internal static class ApprovalDeeds
{
    public static IReadOnlyList<Deed> All { get; } = [Of("approve", "the approval is given", "Approve"), Of("refuse", "the refusal is given", "Refuse")];

    private static Deed Of(string verb, string said, string word) => new(verb, Scope.RunsApprove, said, async ask =>
    {
        var found = await ask.GetAsync<ApprovalJson>($"/v1/approvals/{Uri.EscapeDataString(ask["approval"])}");
        return found.Value is not { } approval
            ? Effect.Of(word, "/approvals", found.Problem)
            : new Effect($"{word} what {approval.RequestedBy} asks for", $"/v1/approvals/{approval.ApprovalId}/{verb}", word, $"/approvals/{approval.ApprovalId}")
            {
                Lines = [approval.Summary, verb == "approve" ? "It goes on once everybody who has to agree did." : "It does not go on. Whoever asked may ask again.", "A word that was given cannot be taken back."],
                Seen = new JsonObject { ["plan_hash"] = approval.PlanHash },
                NeedsReason = true,
                IsDangerous = verb == "refuse",
                Impossible = approval.State == ApprovalState.Waiting ? null : $"It is {approval.State} already.",
            };
    });
}
