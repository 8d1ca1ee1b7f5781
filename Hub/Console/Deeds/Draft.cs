namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>A form as it came back: why nothing was done, and what was typed.</summary>
/// <param name="Problem">Why nothing was done.</param>
/// <param name="Typed">What stood in the fields.</param>
internal sealed record Draft(string Problem, IReadOnlyDictionary<string, string> Typed);
