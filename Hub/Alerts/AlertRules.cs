using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Which diagnoses somebody has to know of, how soon, and what is one cause: a dead destination is one alert, not one per run. Pure.</summary>
internal static class AlertRules
{
    /// <summary>A destination that does not answer for a moment is tried again; for so long it is trouble.</summary>
    private static readonly TimeSpan _circuitPatience = TimeSpan.FromMinutes(5);

    /// <summary>Hubs change over within seconds; who does not for so long is kept by something.</summary>
    private static readonly TimeSpan _changeOver = TimeSpan.FromMinutes(1);

    /// <summary>A vendor that was asked to delete somebody takes its time; who holds an erasure for so long does not go on by itself.</summary>
    private static readonly TimeSpan _erasurePatience = TimeSpan.FromHours(6);

    /// <summary>An interface that ends is somebody's work for weeks, and trouble in its last days.</summary>
    private static readonly (TimeSpan Medium, TimeSpan High) _beforeAnEnd = (TimeSpan.FromDays(30), TimeSpan.FromDays(7));

    /// <summary>What the diagnoses are alarms of, one per cause.</summary>
    public static IReadOnlyList<AlertInput> Of(IReadOnlyList<Verdict> verdicts, DateTimeOffset now)
    {
        AlertInput[] alarms = [.. verdicts.Where(verdict => IsAlarm(verdict, now)).GroupBy(CauseOf, StringComparer.Ordinal).Select(cause => Of(cause.Key, [.. cause]))];
        var late = Late(alarms);
        // A canary who cannot arrive because of a known trouble is no cause of her own.
        return [.. alarms.Where(alarm => alarm.Code != DiagnosisCode.CanaryMissing || !late.Contains(alarm.Destination!))];
    }

    /// <summary>What these alarms make late anyway: destinations, and single lanes as <c>destination/lane</c>. What hinders one run, or nothing, explains no delay of others.</summary>
    public static IReadOnlySet<string> Late(IReadOnlyList<AlertInput> alarms) => alarms
        .Where(alarm => alarm is { Destination: not null, Code: not (DiagnosisCode.VendorDrift or DiagnosisCode.VendorDeprecation or DiagnosisCode.CanaryLeak or DiagnosisCode.CanaryMissing) })
        .Select(alarm => alarm is { Code: DiagnosisCode.Approval or DiagnosisCode.PoisonRecord or DiagnosisCode.Unanswered or DiagnosisCode.LettersFailing or DiagnosisCode.VendorJobLate or DiagnosisCode.Unknown, Lane: { } lane } ? $"{alarm.Destination}/{lane}" : alarm.Destination!)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>How soon somebody has to answer; null when nobody has to.</summary>
    public static string? SeverityOf(Verdict verdict) => verdict.Code switch
    {
        DiagnosisCode.NoConsumer or DiagnosisCode.BrokerUnreachable or DiagnosisCode.DatabaseUnreachable or DiagnosisCode.ConfigurationNotRun or DiagnosisCode.ErasureOverdue or DiagnosisCode.CanaryLeak => AlertSeverity.Critical,
        DiagnosisCode.Unauthorized or DiagnosisCode.Misconfigured => verdict.Lane is Lane.Urgent ? AlertSeverity.Critical : AlertSeverity.High,
        DiagnosisCode.CircuitOpen or DiagnosisCode.Unanswered or DiagnosisCode.WebhooksWait or DiagnosisCode.OutboxWaits or DiagnosisCode.RouteUnreachable or DiagnosisCode.ErasureIncomplete or DiagnosisCode.ErasureLate or DiagnosisCode.CanaryMissing
            or DiagnosisCode.IdentityUnreadable or DiagnosisCode.WorkUnreadable => AlertSeverity.High,
        DiagnosisCode.DeadProcess or DiagnosisCode.ConfigurationBehind or DiagnosisCode.ScheduleMissed or DiagnosisCode.JobFailed or DiagnosisCode.VendorDrift or DiagnosisCode.LettersFailing or DiagnosisCode.ErasureHeld or DiagnosisCode.VendorJobLate or DiagnosisCode.Unknown => AlertSeverity.Medium,
        DiagnosisCode.Approval or DiagnosisCode.ConfigPending or DiagnosisCode.PoisonRecord or DiagnosisCode.QuarantineWaits => AlertSeverity.Low,
        DiagnosisCode.VendorDeprecation => verdict.Left < _beforeAnEnd.High ? AlertSeverity.High : verdict.Left < _beforeAnEnd.Medium ? AlertSeverity.Medium : AlertSeverity.Low,
        _ => null, // it goes on by itself, or a person holds it; who waits too long misses a goal
    };

    /// <summary>True when somebody has to know of it by now.</summary>
    public static bool IsAlarm(Verdict verdict, DateTimeOffset now) => SeverityOf(verdict) is not null
        && (verdict.Code != DiagnosisCode.CircuitOpen || verdict.Since <= now - _circuitPatience)
        && (verdict.Code != DiagnosisCode.ConfigurationNotRun || verdict.Since <= now - _changeOver)
        && (verdict.Code != DiagnosisCode.ErasureHeld || verdict.Since <= now - _erasurePatience)
        && (verdict.Code != DiagnosisCode.DeadProcess || verdict.Kind == "hub");

    /// <summary>What is one cause is called the same.</summary>
    public static string CauseOf(Verdict verdict) => verdict.Code switch
    {
        DiagnosisCode.Approval or DiagnosisCode.LettersFailing or DiagnosisCode.Unknown => $"run:{verdict.Subject}:{verdict.Code}",
        DiagnosisCode.BrokerUnreachable or DiagnosisCode.ConfigurationBehind => $"hubs:{verdict.Code}",
        DiagnosisCode.ConfigurationNotRun => $"hubs:{DiagnosisCode.ConfigurationBehind}", // some are behind, then all: the same cause, more urgent
        DiagnosisCode.ConfigPending when verdict.Kind == "hub" => $"hubs:{verdict.Code}",
        DiagnosisCode.DeadProcess => $"hub:{verdict.Subject}:{verdict.Code}",
        DiagnosisCode.ScheduleMissed or DiagnosisCode.JobFailed => $"schedule:{verdict.Subject}:{verdict.Code}",
        DiagnosisCode.ErasureLate or DiagnosisCode.ErasureOverdue => $"run:{verdict.Subject}:deadline", // late, and then too late: the same cause, more urgent
        DiagnosisCode.VendorDrift or DiagnosisCode.VendorDeprecation or DiagnosisCode.CanaryLeak or DiagnosisCode.CanaryMissing => $"destination:{verdict.Destination}:{verdict.Code}:{verdict.Subject}",
        _ when verdict.Destination is null => $"{verdict.Kind}:{verdict.Subject}:{verdict.Code}",
        _ => $"destination:{verdict.Destination}:{verdict.Code}",
    };

    private static AlertInput Of(string cause, IReadOnlyList<Verdict> verdicts)
    {
        var severity = verdicts.Select(verdict => SeverityOf(verdict)!).Aggregate((one, other) => AlertSeverity.IsWorse(one, other) ? one : other);
        var first = verdicts.First(verdict => SeverityOf(verdict) == severity);
        return new AlertInput(cause, severity, first.Code, first.Sentence, first.Runbook, verdicts.Min(verdict => verdict.Since) ?? DateTimeOffset.UnixEpoch)
        {
            Destination = first.Destination,
            Lane = verdicts.Select(verdict => verdict.Lane).Distinct().Count() == 1 ? first.Lane : null,
            Action = first.Action,
            // What waits is counted by the backlog, of which the runs are parts.
            Records = verdicts.Where(verdict => verdict.Kind == "backlog").Sum(verdict => verdict.Records) is > 0 and var waiting ? waiting : verdicts.Sum(verdict => verdict.Records),
        };
    }
}
