using System.ComponentModel.DataAnnotations;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>How soon hubs notice that something is wrong; section <c>Hub:Watch</c>.</summary>
internal sealed class WatchOptions : IValidatableObject
{
    /// <summary>How often a hub says that it is alive, and looks whether it reaches its database.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A hub that is not heard of for so long has ended without a word; a broker or database that is not reached for so long is away.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Silence { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often one hub of all looks for alarms; what is to be told is looked for fifteen times as often.</summary>
    [Range(typeof(TimeSpan), "00:00:00.3", "00:10:00")]
    public TimeSpan Look { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What a look does not find any more for so long is over: two looks, unless they are slow.</summary>
    public TimeSpan Patience => Look * 5 / 3;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Silence >= Heartbeat * 2
        ? []
        : [new ValidationResult("Hub:Watch:Silence has to be twice Hub:Watch:Heartbeat or more: a hub is missed after two heartbeats that did not come.", [nameof(Silence)])];
}
