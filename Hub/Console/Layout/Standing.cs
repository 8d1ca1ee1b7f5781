using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Alerts;

namespace IntegrationHub.Hub.Console.Layout;

/// <summary>How everything stands, by cause: what needs somebody, and what goes on by itself. Pure.</summary>
/// <param name="NeedsYou">What needs somebody, the most urgent first, then the oldest.</param>
/// <param name="Waits">What waits and goes on by itself, the oldest first.</param>
internal sealed record Standing(IReadOnlyList<DiagnosisJson> NeedsYou, IReadOnlyList<DiagnosisJson> Waits)
{
    /// <summary>One cause is one row, with all that waits for it: what waits is counted by the backlog, of which runs are parts.</summary>
    /// <param name="diagnoses">What stands still.</param>
    /// <param name="alerts">What somebody has to know of: beside what stands still, promises that are not kept.</param>
    public static Standing Of(IReadOnlyList<DiagnosisJson> diagnoses, IReadOnlyList<AlertJson> alerts)
    {
        var known = diagnoses.Select(one => one.Cause).ToHashSet(StringComparer.Ordinal);
        var missed = alerts.Where(alert => alert.ResolvedAt is null && alert.Code is AlertCode.FreshnessMissed or AlertCode.BacklogHigh or AlertCode.ErrorShareHigh or AlertCode.LagHigh && !known.Contains(alert.Cause)).Select(From);
        var causes = diagnoses.Concat(missed).GroupBy(one => one.Cause, StringComparer.Ordinal).Select(One).ToList();
        return new Standing(
            [.. causes.Where(one => one.Severity is not null).OrderBy(one => RankOf(one.Severity!)).ThenBy(one => one.Since)],
            [.. causes.Where(one => one.Severity is null).OrderBy(one => one.Since)]);
    }

    private static DiagnosisJson One(IEnumerable<DiagnosisJson> same)
    {
        var all = same.ToList();
        var first = all.OrderBy(one => one.Severity is null).ThenBy(one => one.Severity is null ? 0 : RankOf(one.Severity)).First();
        var backlog = all.Where(one => one.Kind == "backlog").Sum(one => one.Records);
        return first with
        {
            Since = all.Min(one => one.Since), Records = backlog > 0 ? backlog : all.Max(one => one.Records), RecordsCapped = all.Exists(one => one.RecordsCapped),
            Kind = all.Count > 1 && first.Destination is not null ? "destination" : first.Kind,
        };
    }

    private static DiagnosisJson From(AlertJson alert) =>
        new("goal", alert.Lane ?? "", alert.Destination, alert.Lane, alert.Code, alert.Sentence, alert.Since, alert.Records, [], alert.Action, alert.Runbook, false) { Severity = alert.Severity, Cause = alert.Cause };

    private static int RankOf(string severity) => severity switch
    {
        AlertSeverity.Critical => 0,
        AlertSeverity.High => 1,
        AlertSeverity.Medium => 2,
        _ => 3,
    };
}
