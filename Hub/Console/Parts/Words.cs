using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Alerts;

namespace IntegrationHub.Hub.Console.Parts;

/// <summary>How states are shown: a word and a glyph, never colour alone. The words are the glossary's.</summary>
internal static class Words
{
    private static readonly HashSet<string> _waits =
    [
        DiagnosisCode.Quota, DiagnosisCode.VendorLimit, DiagnosisCode.Retrying, DiagnosisCode.VendorJob, DiagnosisCode.VendorCatchingUp, DiagnosisCode.WindowClosed, DiagnosisCode.ReadBackBudget, DiagnosisCode.CircuitOpen,
    ];

    /// <summary>Glyph, words and tone of a run's state.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="code">Code of what it waits for, or null.</param>
    /// <param name="isStalled">True while it makes no progress.</param>
    /// <param name="needsSomebody">True when a person has to know of it.</param>
    public static Word OfRun(string state, string? code, bool isStalled, bool needsSomebody) => state switch
    {
        RunState.AwaitingApproval => new("◆", "Awaiting approval", "person"),
        RunState.Paused => new("‖", state, "quiet"),
        RunState.Canceling => new("◌", state, "quiet"),
        RunState.RollingBack => new("◌", "Rolling back", "quiet"),
        RunState.Canceled => new("⊘", state, "quiet"),
        RunState.RolledBack => new("⊘", "Rolled back", "quiet"),
        RunState.Completed => new("✓", state, "good"),
        RunState.CompletedWithIssues => new("▲", "Completed with issues", "warn"),
        RunState.Failed => new("✕", state, "bad"),
        _ when code is not null && _waits.Contains(code) && !needsSomebody => new("◔", $"{state} · waits: {OfCode(code)}", "warn"),
        _ when isStalled || (code is not null && needsSomebody) => new("✕", $"{state} · stalled", "bad"),
        RunState.Requested => new("○", state, "busy"),
        _ => new("◐", state, "busy"),
    };

    /// <summary>A severity: how soon somebody has to look.</summary>
    public static Word OfSeverity(string? severity) => severity switch
    {
        AlertSeverity.Critical => new("✕", "critical", "bad"),
        AlertSeverity.High => new("✕", "high", "bad"),
        AlertSeverity.Medium => new("▲", "medium", "warn"),
        AlertSeverity.Low => new("◆", "low", "person"),
        _ => new("◔", "waits", "quiet"),
    };

    /// <summary>A code in words.</summary>
    public static string OfCode(string code) => code switch
    {
        DiagnosisCode.Quota => "quota",
        DiagnosisCode.VendorLimit => "the vendor asks us to",
        DiagnosisCode.Retrying => "next try",
        DiagnosisCode.VendorJob => "the vendor's job",
        DiagnosisCode.VendorJobLate => "the vendor's job, too long",
        DiagnosisCode.CircuitOpen => "no answer",
        _ => code.Replace('_', ' '),
    };

    /// <summary>Status of a dead letter, or state of an action.</summary>
    public static Word OfStatus(string status) => status switch
    {
        "open" or "waiting" => new("○", status, "warn"),
        "replaying" or "freezing" or "stopping" or "working" or "running" or "queued" or "settling" => new("◐", status, "busy"),
        "delivered" or "done" or "approved" or "ok" or "active" or "finished" or "started" => new("✓", status, "good"),
        "came_back" or "failed" or "refused" or "missed" => new("✕", status.Replace('_', ' '), "bad"),
        _ => new("⊘", status.Replace('_', ' '), "quiet"),
    };
}
