namespace IntegrationHub.Hub.Console.Parts;

/// <summary>How something is shown.</summary>
/// <param name="Glyph">A sign before the words.</param>
/// <param name="Text">The words.</param>
/// <param name="Tone">good, busy, person, warn, bad or quiet.</param>
internal sealed record Word(string Glyph, string Text, string Tone);
