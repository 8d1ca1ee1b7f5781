using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>facts.yaml</c> says of an event type.</summary>
/// <param name="Type">The event type, such as <c>behavior_tracked</c>.</param>
/// <param name="Owner">Team that answers for it, or null when nobody is named.</param>
/// <param name="Retention">How long its facts are kept.</param>
/// <param name="Slo">Name of the class of its service level, or null when it has none.</param>
internal sealed record FactTypeConfiguration(string Type, string? Owner, FactClass Retention, string? Slo)
{
    /// <summary>What becomes of such facts when they hold what their schema does not know; null when nothing is said.</summary>
    public UnplannedProperty? Unplanned { get; init; }
}
