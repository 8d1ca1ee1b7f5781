using System.Collections.Frozen;
using IntegrationHub.Hub.Diagnosis;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Codes of alerts that are no diagnosis: goals that are missed.</summary>
internal static class AlertCode
{
    public const string FreshnessMissed = "freshness_missed";
    public const string LagHigh = "lag_high";
    public const string ErrorShareHigh = "error_share_high";
    public const string BacklogHigh = "backlog_high";
    public const string Test = "test";

    private const string Goals = "goals-missed";

    /// <summary>Name of the runbook below <c>Hub/Docs/runbooks</c>, by code; of every alert.</summary>
    public static FrozenDictionary<string, string> Runbooks { get; } = new Dictionary<string, string>(DiagnosisCode.Runbooks)
    {
        [FreshnessMissed] = Goals,
        [LagHigh] = Goals,
        [ErrorShareHigh] = Goals,
        [BacklogHigh] = Goals,
        [Test] = Goals,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
