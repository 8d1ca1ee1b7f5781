using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using YamlDotNet.Core;

namespace IntegrationHub.Hub.Privacy;

/// <summary>Everything that decides whether somebody may be sent something: the text of consent.yaml, and what each destination is for. Kept word for word, so that decisions can be taken again.</summary>
/// <param name="Consent">Text of consent.yaml.</param>
/// <param name="Purposes">Purposes by destination.</param>
internal sealed record PolicyContent(
    [property: JsonPropertyName("consent")] string Consent,
    [property: JsonPropertyName("purposes")] IReadOnlyDictionary<string, IReadOnlyList<string>> Purposes)
{
    /// <summary>The policy of a configuration.</summary>
    public static PolicyContent Of(HubConfiguration configuration) => new(
        configuration.Consent.Text,
        new SortedDictionary<string, IReadOnlyList<string>>(configuration.Destinations.ToDictionary(destination => destination.Key, destination => destination.Value.Purposes), StringComparer.Ordinal));

    /// <summary>Reads what was written; null when it cannot be read.</summary>
    public static PolicyContent? Read(string content)
    {
        try
        {
            return JsonSerializer.Deserialize<PolicyContent>(content);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The content and its version.</summary>
    public (string Version, string Content) Write()
    {
        var content = JsonSerializer.Serialize(this);
        return (Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 8)), content);
    }

    /// <summary>The policy at work; null when this version of the hub cannot read it any more.</summary>
    public ConsentPolicy? Compile()
    {
        var errors = new List<ConfigurationError>();
        try
        {
            return ConfigurationFolder.Parse("consent.yaml", Consent, errors) is { } file && ConsentFileParser.Parse(file) is var rules && errors.Count == 0 ? new ConsentPolicy(rules) : null;
        }
        catch (YamlException)
        {
            return null;
        }
    }
}
