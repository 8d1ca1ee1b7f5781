namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>consent.yaml</c> says.</summary>
/// <param name="Version">Hash of the file's text: another text is another version.</param>
/// <param name="Purposes">The rules by purpose, in the order of the file.</param>
internal sealed record ConsentRules(string Version, IReadOnlyList<ConsentPurpose> Purposes)
{
    /// <summary>The file's text, from which the rules can be read again; empty where they were read from none.</summary>
    public string Text { get; init; } = "";

    /// <summary>Reasons to leave somebody alone that lists may give; those that facts give count whatever they are called.</summary>
    public IReadOnlyList<string> Suppressions { get; init; } = [];

    /// <summary>What the Global Privacy Control denies; null when nothing goes by it.</summary>
    public ConsentSignal? Gpc { get; init; }

    /// <summary>Who answers for the data of people, as records of consent name them; none when the file does not say.</summary>
    public IReadOnlyList<string> Controllers { get; init; } = [];

    /// <summary>Whose grants count; null when the file does not say, and then everybody's do but those of destinations.</summary>
    public IReadOnlyList<ConsentSource>? Sources { get; init; }
}
