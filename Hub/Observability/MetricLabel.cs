namespace IntegrationHub.Hub.Observability;

/// <summary>A label of metrics. Its values are bounded: by the configuration, or by words of the hub.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bound">What bounds its values.</param>
/// <param name="Words">The values where they are words of the hub; empty where the configuration names them.</param>
internal sealed record MetricLabel(string Name, string Bound, params string[] Words)
{
    /// <summary>A label whose values are words of the hub.</summary>
    public static MetricLabel Of(string name, params IEnumerable<string> words) => new(name, string.Join(", ", words.Select(word => $"`{word}`")), [.. words]);
}
