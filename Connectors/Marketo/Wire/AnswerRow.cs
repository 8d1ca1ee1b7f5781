namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>One element of <c>result</c>: a lead, a membership or a list.</summary>
/// <param name="Id"><c>id</c>, or 0 when the vendor left it out, as it may for a skipped record.</param>
/// <param name="Status"><c>status</c>.</param>
/// <param name="Reason">First <c>reasons[].code</c>, for activities <c>errors[].code</c>, or null.</param>
/// <param name="Text">The field that the caller asked for, or null.</param>
/// <param name="Fields">Further values as JSON text by name, where the caller asked for them; else null.</param>
internal readonly record struct AnswerRow(
    long Id, RowStatus Status, string? Reason, string? Text, IReadOnlyDictionary<string, string>? Fields = null);
