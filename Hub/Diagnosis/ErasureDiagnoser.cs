using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Why an erasure is not done yet, and whether the law's time is running out. Pure.</summary>
internal static class ErasureDiagnoser
{
    /// <summary>Longer than an erasure takes to ask again for a step that nobody answered.</summary>
    private static readonly TimeSpan _unanswered = TimeSpan.FromMinutes(15);

    /// <summary>What it waits for; null when it moves, or is only looked after.</summary>
    public static Verdict? Of(OpenRun erasure, Situation situation)
    {
        var held = Incomplete(erasure, situation) ?? Held(erasure, situation);
        if (erasure.State == ErasurePhase.Rechecking || erasure.Deadline is not { } deadline)
        {
            return held;
        }

        var (code, word) = situation.At >= deadline
            ? (DiagnosisCode.ErasureOverdue, FormattableString.Invariant($"It had to be done by {deadline:u}."))
            : situation.At >= erasure.RequestedAt + (deadline - erasure.RequestedAt) / 2
                ? (DiagnosisCode.ErasureLate, FormattableString.Invariant($"Half of its time is over: it has to be done by {deadline:u}."))
                : (held?.Code, FormattableString.Invariant($"It has to be done by {deadline:u}."));
        return code is null ? null : new Verdict(code, held is null ? $"{word} It is {erasure.State}." : $"{held.Sentence} {word}") { Since = held?.Since, Action = held?.Action ?? Commands.Look(erasure) };
    }

    /// <summary>A destination refuses, or cannot: somebody has to delete there by hand, or let the hub do it.</summary>
    private static Verdict? Incomplete(OpenRun erasure, Situation situation)
    {
        var refused = situation.RefusedErasures.Where(one => one.RequestId == erasure.RunId).ToList();
        return refused.Count == 0 ? null : new Verdict(
            DiagnosisCode.ErasureIncomplete,
            $"The person could not be deleted at {string.Join(", ", refused.Select(one => $"{one.Destination} ({one.Code})"))}; everywhere else the erasure goes on. Give the permission that is missing, or delete the person in the vendor's own screen; the hub looks again by itself after 7 and 30 days, and at once after 'erase retry {erasure.Subject} --reason TEXT'. 'erase show {erasure.Subject}' tells what each destination did.")
        { Action = Commands.Look(erasure) };
    }

    private static Verdict? Held(OpenRun erasure, Situation situation) => erasure.State == ErasurePhase.AwaitingApproval
        ? Awaited.Of(erasure, situation)
        : HubDiagnoser.WhyNobodyWorks(HubDiagnoser.Runs, "erasures", situation)
            ?? (erasure.WaitingFor is { } sentence ? new Verdict(DiagnosisCode.ErasureHeld, sentence) { Action = Commands.Look(erasure) } : null)
            ?? (erasure.State != ErasurePhase.Rechecking && erasure.LastProgressAt < situation.At - _unanswered
                ? new Verdict(DiagnosisCode.Unanswered, $"Hubs are there, and none has answered the step {erasure.State} yet; the erasure asks again every ten minutes. Look into their logs for errors of this erasure.") { Action = "status" }
                : null);
}
