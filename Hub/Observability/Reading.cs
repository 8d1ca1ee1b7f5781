namespace IntegrationHub.Hub.Observability;

/// <summary>What a gauge shows at a place.</summary>
/// <param name="Metric">The gauge.</param>
/// <param name="Value">What it shows; not a number when nobody knows.</param>
/// <param name="Labels">The place: a value per label, in their order.</param>
internal sealed record Reading(HubMetric Metric, double Value, params string?[] Labels);
