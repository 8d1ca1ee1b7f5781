namespace IntegrationHub.Hub.Configuration;

/// <summary>What policy decides of one attribute at one destination, and why.</summary>
/// <param name="Handling">What becomes of it; <see cref="FieldHandling.Drop"/> where nothing is decided.</param>
/// <param name="Code">Why, a code of <see cref="PolicyCode"/>.</param>
/// <param name="Classification">How sensitive it is taken to be.</param>
/// <param name="Purpose">The purpose whose line decided, the strictest of the destination's; null where no line did.</param>
internal sealed record FieldDecision(FieldHandling Handling, string Code, FieldClassification Classification, string? Purpose)
{
    /// <summary>True where no line lets it leave or says that it shall not: it stays here, and the record says so.</summary>
    public bool IsWithheld => Code is PolicyCode.NotNamed or PolicyCode.Sensitive;
}
