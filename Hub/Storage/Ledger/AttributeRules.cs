using System.Text.Json;

namespace IntegrationHub.Storage.Ledger;

/// <summary>The attributes of which not simply the latest statement counts. Immutable and thread-safe.</summary>
/// <param name="rules">The rules, by name of the attribute.</param>
public sealed class AttributeRules(IReadOnlyDictionary<string, AttributeRule> rules)
{
    /// <summary>Of every attribute the latest statement counts.</summary>
    public static readonly AttributeRules None = new(new Dictionary<string, AttributeRule>());

    /// <summary>Truth values that are held while they go back and forth, by name of the attribute.</summary>
    public IReadOnlyDictionary<string, FlappingRule> Flapping { get; init; } = new Dictionary<string, FlappingRule>();

    /// <summary>The destinations whose vendors speak as producers, by name of the producer.</summary>
    public IReadOnlyDictionary<string, string> Vendors { get; init; } = new Dictionary<string, string>();

    private readonly string[] _quoted = [.. rules.Keys.Select(name => $"\"{name}\"")];

    /// <summary>The rule of a value; that of an attribute of which nothing is said for all others.</summary>
    internal AttributeRule Of(string name) => rules.TryGetValue(name, out var rule) ? rule : AttributeRule.Latest;

    /// <summary>True when a flat JSON object may name an attribute that has a rule; what is escaped may be any name.</summary>
    internal bool Concern(string? attributesJson) =>
        _quoted.Length > 0 && attributesJson is not null && (attributesJson.Contains('\\', StringComparison.Ordinal) || Array.Exists(_quoted, name => attributesJson.Contains(name, StringComparison.Ordinal)));

    /// <summary>What a statement says that is kept from being changed.</summary>
    /// <param name="statement">What is stated.</param>
    /// <param name="shown">What the profile shows after it.</param>
    internal IReadOnlyList<RefusedAttribute> RefusedOf(in ProfileStatement statement, ProfileContent shown)
    {
        if (!shown.IsReadable || !Concern(statement.AttributesJson))
        {
            return [];
        }

        using var stated = JsonDocument.Parse(statement.AttributesJson!);
        using var stands = JsonDocument.Parse(shown.AttributesJson);
        List<RefusedAttribute> refused = [];
        foreach (var attribute in stated.RootElement.EnumerateObject())
        {
            var rule = Of(attribute.Name);
            JsonElement? value = attribute.Value.ValueKind == JsonValueKind.Null ? null : attribute.Value;
            if (rule.IsRefused(value, stands.RootElement.TryGetProperty(attribute.Name, out var known) ? known : null, statement.Producer ?? ""))
            {
                refused.Add(new RefusedAttribute(attribute.Name, rule.IsFlagged && statement.Producer != rule.Owner ? Violation.Conflict : Violation.NotMutable));
            }
        }

        return refused;
    }
}
