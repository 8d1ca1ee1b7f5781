namespace IntegrationHub.Hub.Console.Api;

/// <summary>What the API answered: a value, or why there is none.</summary>
/// <param name="Value">The value; null when there is none.</param>
/// <param name="Problem">Why there is none, one sentence and what to do; null when there is a value.</param>
/// <param name="Status">HTTP status.</param>
internal sealed record Answer<T>(T? Value, string? Problem, int Status)
    where T : class;
