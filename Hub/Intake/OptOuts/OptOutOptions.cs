using System.ComponentModel.DataAnnotations;

namespace IntegrationHub.Hub.Intake.OptOuts;

/// <summary>How vendors are asked who opted out there; section <c>Hub:OptOuts</c>.</summary>
internal sealed class OptOutOptions
{
    /// <summary>Time between two readings of a feed. A feed that is new is first read after as long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How far back the first reading of a feed goes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan FirstReading { get; set; } = TimeSpan.FromDays(90);
}
