namespace IntegrationHub.Sagas.Runs;

/// <summary>How patient a run is, whatever it does.</summary>
public sealed class RunOptions
{
    /// <summary>
    /// How long a run may stand still before the hub is asked why and the pending step is asked for again; default 2 minutes, longer than the
    /// longest pause that a vendor's per-minute quota makes.
    /// </summary>
    public TimeSpan ProgressTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long the vendor may take to show what was delivered; default 2 hours, counted from the last delivery. The read-back at its end is the last.
    /// Vendors process what they accepted in their own time: minutes as a rule, more on a busy day.
    /// </summary>
    public TimeSpan VerificationPatience { get; set; } = TimeSpan.FromHours(2);

    /// <summary>
    /// How long fields that a sync wrote may show something else; default 1 minute, counted from the last delivery. Shorter than for members: vendors apply fields within seconds, and somebody there
    /// may have meant another value.
    /// </summary>
    public TimeSpan FieldPatience { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest pause between two read-backs; default 10 minutes. Pauses double from one second.</summary>
    public TimeSpan LongestVerificationDelay { get; set; } = TimeSpan.FromMinutes(10);
}
