using IntegrationHub.Hub.Diagnosis;

namespace IntegrationHub.Hub.Console.Layout;

/// <summary>The page where what a diagnosis is about can be seen, with what can be done about it.</summary>
internal static class Links
{
    /// <summary>The page.</summary>
    public static string Of(DiagnosisJson diagnosis) => diagnosis.Kind switch
    {
        "run" or "reconciliation" => $"/runs/{diagnosis.Subject}",
        "backfill" or "rollback" => $"/runs/{diagnosis.Subject}",
        "erasure" => $"/erasures/{diagnosis.Subject}",
        "letter_action" => $"/actions/{diagnosis.Subject}",
        "approval" => $"/approvals/{diagnosis.Subject}",
        "schedule" => "/schedules",
        "hub" => "/hubs",
        "route" => "/alerts",
        "backlog" or "destination" when diagnosis.Destination is { } destination => $"/destinations/{Uri.EscapeDataString(destination)}",
        "audience" or "canary" or "goal" or "fields" or "interface" when diagnosis.Destination is { } destination => $"/destinations/{Uri.EscapeDataString(destination)}",
        _ => "/alerts",
    };

    /// <summary>The page of what an entry of the audit log is about, where its effect can be seen; null where there is none.</summary>
    public static string? OfSubject(string subject) => subject.Split(':', 2) is not [var kind, { Length: > 0 } name] ? null : kind switch
    {
        "run" or "backfill" => $"/runs/{Uri.EscapeDataString(name)}",
        "letter-action" => $"/actions/{Uri.EscapeDataString(name)}",
        "letter" => $"/dead-letters/{Uri.EscapeDataString(name)}",
        "erasure" => $"/erasures/{Uri.EscapeDataString(name)}",
        "profile" => $"/people/{Uri.EscapeDataString(name)}",
        "destination" => $"/destinations/{Uri.EscapeDataString(name)}",
        "schedule" => "/schedules",
        "alert" => "/alerts",
        "shadow" => "/shadows",
        _ => null,
    };
}
