using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Versions;

/// <summary>What a change of the configuration means, in a sentence for whoever agrees to it. Names no person.</summary>
/// <param name="Code">Stable word for what it is.</param>
/// <param name="Subject">What it is about, as <c>braze</c> or <c>braze.dob</c>.</param>
/// <param name="Text">The sentence.</param>
internal sealed record ConfigurationFinding(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("text")] string Text);
