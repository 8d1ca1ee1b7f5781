using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

/// <summary>The vendor's words for what the suite writes.</summary>
/// <param name="TextField">A plain text field of a person.</param>
/// <param name="Topic">A topic of consent.</param>
/// <param name="Behavior">A kind of event.</param>
public sealed record VendorWords(string TextField, string Topic, string Behavior)
{
    /// <summary>The field of a person's e-mail address.</summary>
    public string EmailField { get; init; } = "email";

    /// <summary>True when the first write to a field makes it, so that none is ever missing.</summary>
    public bool WritesMakeFields { get; init; }

    /// <summary>False when a good answer has no entry per record, and only what was refused is named.</summary>
    public bool AnswersPerRecord { get; init; } = true;

    /// <summary>Characters of the longest text that the vendor keeps in a field.</summary>
    public int MaxText { get; init; } = int.MaxValue;

    /// <summary>Properties without which the vendor takes no event of that kind.</summary>
    public IReadOnlyList<Field> Properties { get; init; } = [];
}
