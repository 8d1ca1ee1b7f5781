namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>policy.yaml</c> says: how sensitive attributes are, and what of a person may leave for whom and what for.</summary>
/// <param name="Attributes">How sensitive attributes are, by canonical name.</param>
/// <param name="Destinations">What becomes of attributes, by destination, purpose and canonical name, or <see cref="Others"/>; what is not named does not leave.</param>
internal sealed record PolicyRules(
    IReadOnlyDictionary<string, FieldClassification> Attributes,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>> Destinations)
{
    /// <summary>Stands for every attribute that has no line of its own and is not sensitive.</summary>
    public const string Others = "*";
}
