namespace IntegrationHub.Storage.DeadLetters;

/// <summary>Which dead letters of a destination; null for all.</summary>
/// <param name="Destination">Their destination.</param>
/// <param name="Operation">Operation in snake_case.</param>
/// <param name="Code">Reason code.</param>
/// <param name="RunId">Of this run.</param>
/// <param name="LetterIds">These and no others.</param>
public sealed record LetterFilter(string Destination, string? Operation = null, string? Code = null, Guid? RunId = null, IReadOnlyList<long>? LetterIds = null);
