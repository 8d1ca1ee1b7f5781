using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>Why nothing was planned or applied.</summary>
/// <param name="Status">HTTP status that says the same.</param>
/// <param name="Type">Stable problem type, kebab-case.</param>
/// <param name="Field">Field of the request.</param>
/// <param name="Detail">What is wrong and what to do.</param>
internal sealed record ConfigurationRefusal(int Status, string Type, string Field, string Detail)
{
    /// <summary>What is wrong with the files; empty when they are not meant.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; init; } = [];
}
