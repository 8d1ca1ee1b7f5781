using System.Text.Json;

namespace IntegrationHub.Hub.Mapping;

/// <summary>What a source holds, until all that a field is made of is known. Holds personal data.</summary>
/// <param name="Text">As it is written; null when there is nothing.</param>
/// <param name="Kind"><see cref="JsonValueKind.String"/>, <see cref="JsonValueKind.Number"/>, <see cref="JsonValueKind.True"/>, <see cref="JsonValueKind.False"/>; <see cref="JsonValueKind.Object"/> for what is no single value.</param>
internal readonly record struct SourceText(string? Text, JsonValueKind Kind);
