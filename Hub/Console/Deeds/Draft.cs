namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>A form as it came back: why nothing was done, and what was typed.</summary>
/// <param name="Problem">Why nothing was done.</param>
/// <param name="Typed">What stood in the fields.</param>
/// <param name="Wrong">The field that it is about; null when it is about none, or about all.</param>
internal sealed record Draft(string Problem, IReadOnlyDictionary<string, string> Typed, string? Wrong = null);
