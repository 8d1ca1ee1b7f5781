using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Why an action on dead letters does not go on though nothing of it waits in a queue: it says so itself. Pure.</summary>
internal static class LettersDiagnoser
{
    /// <summary>A hub that is just started, or a moment's trouble, is no failure yet.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Null when it says nothing, or only just.</summary>
    public static Verdict? Of(OpenRun run, Situation situation) => run switch
    {
        { WaitingFor: null } => null,
        { StalledSince: { } since } => since > situation.At - _patience ? null : new Verdict(DiagnosisCode.LettersFailing, run.WaitingFor) { Action = Commands.Look(run), Since = since },
        _ => new Verdict(DiagnosisCode.ReadBackBudget, run.WaitingFor) { Action = Commands.Look(run) },
    };
}
