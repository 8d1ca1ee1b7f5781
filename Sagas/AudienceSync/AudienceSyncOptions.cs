namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>How patient a run is.</summary>
public sealed class AudienceSyncOptions
{
    /// <summary>
    /// How long a run may stand still before the hub is asked why and the pending step is asked for again; default 2 minutes, longer than the
    /// longest pause that a vendor's per-minute quota makes.
    /// </summary>
    public TimeSpan ProgressTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many times the members are read back while the vendor has not caught up; default 10, about six minutes in all.</summary>
    public int VerificationRounds { get; set; } = 10;

    /// <summary>Longest pause between two read-backs; default 60 seconds. Pauses double from one second.</summary>
    public TimeSpan LongestVerificationDelay { get; set; } = TimeSpan.FromSeconds(60);
}
