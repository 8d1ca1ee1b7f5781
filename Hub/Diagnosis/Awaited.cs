using System.Collections.Frozen;
using System.Globalization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What waits for somebody's word: what it is, who asked, since when, and who has to agree. Pure.</summary>
internal static class Awaited
{
    /// <summary>What a run waits for; null when it says nothing of it and nobody was asked.</summary>
    public static Verdict? Of(OpenRun run, Situation situation)
    {
        var asked = situation.Approvals.FirstOrDefault(approval => IsOf(approval, run));
        if ((run.WaitingFor ?? asked?.Request.Summary) is not { } what)
        {
            return null;
        }

        var by = asked is not null ? $" {Words(asked)}" : run.RequestedBy is { Length: > 0 } person ? $" {person} asked for it at {run.RequestedAt:u}." : "";
        return new Verdict(DiagnosisCode.Approval, $"{(run.RollsBack is { } of ? $"It would take back what run {of} wrote. " : "")}{what}{by}")
        { Since = asked?.Request.At, Until = asked?.Request.ExpiresAt, Args = Args(asked), Action = asked is null ? Commands.Look(run) : $"approvals show {asked.ApprovalId}" };
    }

    /// <summary>What waits and is no run's: corrections of the configuration, merges, actions on letters and the like.</summary>
    public static IEnumerable<Verdict> Others(Situation situation) =>
        from approval in situation.Approvals
        where !situation.Runs.Any(run => IsOf(approval, run))
        select new Verdict(approval.Request.Kind == ApprovalKind.Config ? DiagnosisCode.ConfigPending : DiagnosisCode.Approval, $"{approval.Request.Summary} {Words(approval)}")
        {
            Kind = "approval",
            Subject = approval.ApprovalId.ToString(),
            Since = approval.Request.At,
            Until = approval.Request.ExpiresAt,
            Args = Args(approval),
            Action = $"approvals show {approval.ApprovalId}",
            Evidence = [$"{approval.Request.Kind} of {approval.Request.Subject}", .. HubDiagnoser.Evidence(situation)],
        };

    private static IReadOnlyDictionary<string, string> Args(Approval? asked) => asked is null ? FrozenDictionary<string, string>.Empty : new Dictionary<string, string>
    {
        ["approval"] = asked.ApprovalId.ToString(), ["requested_by"] = asked.Request.RequestedBy, ["missing"] = asked.Missing.ToString(CultureInfo.InvariantCulture),
    };

    private static bool IsOf(Approval approval, OpenRun run) =>
        run.State == RunState.AwaitingApproval && approval.Request.Subject.EndsWith($":{run.RunId}", StringComparison.Ordinal);

    private static string Words(Approval approval)
    {
        var request = approval.Request;
        var agreed = approval.Decisions.Where(said => said.Approves).Select(said => said.By).ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{request.RequestedBy} asked at {request.At:u}; {approval.Missing} of {request.Needed} {(request.FourEyes ? "other people" : "people")} still {(approval.Missing == 1 ? "has" : "have")} to agree{(agreed.Count == 0 ? "" : $" ({string.Join(", ", agreed)} did)")}{(request.ExpiresAt is { } end ? $", until {end:u}" : "")}: 'approvals show {approval.ApprovalId}'.");
    }
}
