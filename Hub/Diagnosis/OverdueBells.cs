using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Schedules whose bell should have rung, and nobody noted anything of it. Pure.</summary>
internal static class OverdueBells
{
    /// <summary>Those that are overdue. One that never rang counts from the start of the hub that started last, which hung it.</summary>
    public static IEnumerable<Verdict> Explain(Situation situation, IEnumerable<ScheduleConfiguration> schedules)
    {
        var hung = situation.Hubs.Where(hub => hub.IsAlive).Select(hub => (DateTimeOffset?)hub.StartedAt).Max();
        foreach (var schedule in schedules)
        {
            var last = situation.Bells.FirstOrDefault(bell => bell.Schedule == schedule.Name);
            if (last?.Outcome != JobOutcome.Missed && (last?.DueAt ?? hung) is { } from && schedule.OverdueSince(from, situation.At) is { } due)
            {
                yield return new Verdict(
                    DiagnosisCode.ScheduleMissed,
                    FormattableString.Invariant($"The schedule {schedule.Name} should have rung at {due:u}, and no hub noted what became of it. 'schedules ring {schedule.Name}' starts its runs now; look into the logs of the hubs for errors of their scheduler."))
                {
                    Kind = "schedule",
                    Subject = schedule.Name,
                    Since = due,
                    Action = $"schedules ring {schedule.Name}",
                    Evidence = [last is null ? "it never rang" : FormattableString.Invariant($"it rang last for {last.DueAt:u}"), .. HubDiagnoser.Evidence(situation)],
                };
            }
        }
    }
}
