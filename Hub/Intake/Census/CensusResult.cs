using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Census;

/// <summary>What became of a record.</summary>
/// <param name="Identifier">What tells the record at Census; null when it has none.</param>
/// <param name="Problem">Why it was not taken in; null when it was.</param>
internal sealed record CensusResult(JsonElement? Identifier, string? Problem)
{
    /// <summary>In Census's words.</summary>
    public object ToJson() =>
        Problem is null ? new { identifier = Identifier, success = true } : new { identifier = Identifier, success = false, error_message = Problem.Trim() };
}
