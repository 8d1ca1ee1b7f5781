namespace IntegrationHub.Storage.Runs;

/// <summary>Which dead letters; null for all.</summary>
/// <param name="Operation">Operation in snake_case.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Status">One of <see cref="DeadLetters.LetterStatus"/>.</param>
/// <param name="ActionId">Those whose latest action this is.</param>
public sealed record DeadLetterKind(string? Operation = null, string? Code = null, string? Status = null, long? ActionId = null);
