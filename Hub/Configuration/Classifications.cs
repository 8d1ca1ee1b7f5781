namespace IntegrationHub.Hub.Configuration;

/// <summary>How sensitive attributes are. Pure.</summary>
internal sealed class Classifications
{
    private readonly Dictionary<string, FieldClassification> _said;

    private Classifications(Dictionary<string, FieldClassification> said) => _said = said;

    /// <summary>What a configuration says; where <c>policy.yaml</c> and mappings differ, which validation refuses, the most sensitive counts.</summary>
    public static Classifications Of(HubConfiguration configuration)
    {
        var said = configuration.Policy?.Attributes.ToDictionary(StringComparer.Ordinal) ?? new Dictionary<string, FieldClassification>(StringComparer.Ordinal);
        foreach (var field in configuration.Mappings.Values.SelectMany(static mapping => mapping.Fields))
        {
            if (field.Classification is { } classification)
            {
                foreach (var source in field.Sources)
                {
                    said[source] = said.TryGetValue(source, out var known) && known > classification ? known : classification;
                }
            }
        }

        return new Classifications(said);
    }

    /// <summary>How sensitive an attribute is; what nobody classified is taken to be personal.</summary>
    public FieldClassification Of(string attribute) => Said(attribute) ?? FieldClassification.Personal;

    /// <summary>What is said of an attribute, or null when nobody classified it.</summary>
    public FieldClassification? Said(string attribute) => _said.TryGetValue(attribute, out var classification) ? classification : null;
}
