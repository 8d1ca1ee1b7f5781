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
        "audience" or "canary" or "goal" when diagnosis.Destination is { } destination => $"/destinations/{Uri.EscapeDataString(destination)}",
        _ => "/alerts",
    };
}
