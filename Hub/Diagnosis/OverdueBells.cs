using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Bells that should have rung, and nobody noted anything of it, and jobs of the hub's own that failed. Pure.</summary>
internal static class OverdueBells
{
    /// <summary>Those that are overdue or failed. One that never rang counts from the start of the hub that started last, which hung it.</summary>
    public static IEnumerable<Verdict> Explain(Situation situation, IEnumerable<BellPlan> schedules)
    {
        var hung = situation.Hubs.Where(hub => hub.IsAlive).Select(hub => (DateTimeOffset?)hub.StartedAt).Max();
        foreach (var schedule in schedules)
        {
            var last = situation.Bells.FirstOrDefault(bell => bell.Schedule == schedule.Name);
            if (last?.Outcome != JobOutcome.Missed && (last?.DueAt ?? hung) is { } from && schedule.OverdueSince(from, situation.At) is { } due)
            {
                yield return new Verdict(
                    DiagnosisCode.ScheduleMissed,
                    FormattableString.Invariant($"The schedule {schedule.Name} should have rung at {due:u}, and no hub noted what became of it. 'schedules ring {schedule.Name}' does it now; look into the logs of the hubs for errors of their scheduler."))
                {
                    Kind = "schedule",
                    Subject = schedule.Name,
                    Since = due,
                    Action = $"schedules ring {schedule.Name}",
                    Evidence = [last is null ? "it never rang" : FormattableString.Invariant($"it rang last for {last.DueAt:u}"), .. HubDiagnoser.Evidence(situation)],
                };
            }
            else if (last is { Outcome: JobOutcome.Failed })
            {
                yield return new Verdict(
                    DiagnosisCode.JobFailed,
                    FormattableString.Invariant($"The hub's own job {schedule.Name} of {last.DueAt:u} failed as often as it may: {last.Detail} Its next bell tries again; 'schedules ring {schedule.Name}' does it now."))
                {
                    Kind = "schedule",
                    Subject = schedule.Name,
                    Since = last.DueAt,
                    Action = $"schedules ring {schedule.Name}",
                    Evidence = last.Code is null ? [] : [last.Code],
                };
            }
        }
    }
}
