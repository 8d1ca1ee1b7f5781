namespace IntegrationHub.Storage.Alerts;

/// <summary>Something that somebody has to know now.</summary>
/// <param name="Cause">What it is about; one alert is open per cause.</param>
/// <param name="Severity">One of <see cref="AlertSeverity"/>.</param>
/// <param name="Code">Stable code, as in the runbook.</param>
/// <param name="Sentence">What is wrong and what to do. Nothing personal.</param>
/// <param name="Runbook">Name of the runbook.</param>
/// <param name="Since">Since when.</param>
public sealed record AlertInput(string Cause, string Severity, string Code, string Sentence, string Runbook, DateTimeOffset Since)
{
    /// <summary>The destination, or null.</summary>
    public string? Destination { get; init; }

    /// <summary>The lane, or null.</summary>
    public string? Lane { get; init; }

    /// <summary>The command that is safe to give first, or null.</summary>
    public string? Action { get; init; }

    /// <summary>Records that it concerns; 0 when nobody counted.</summary>
    public long Records { get; init; }
}
