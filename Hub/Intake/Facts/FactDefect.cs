namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>What is wrong with a fact. Never holds a value of it.</summary>
/// <param name="Path">The failing field, for example <c>payload.status</c>; empty for the fact as a whole.</param>
/// <param name="Code">Reason code, stable.</param>
/// <param name="Problem">What is wrong and what to write instead; continues a sentence that begins with the path.</param>
internal sealed record FactDefect(string Path, string Code, string Problem);
