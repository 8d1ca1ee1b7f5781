using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Privacy;

/// <summary>May somebody be sent something?</summary>
/// <param name="Purpose">What for; null to ask for all purposes of the destination.</param>
/// <param name="Channel">Through which channel, or null; another one than the purpose's is refused.</param>
/// <param name="Destination">To which destination, or null.</param>
/// <param name="Subject">Whom.</param>
internal sealed record PolicyQuestionJson(
    [property: JsonPropertyName("purpose")] string? Purpose = null,
    [property: JsonPropertyName("channel")] string? Channel = null,
    [property: JsonPropertyName("destination")] string? Destination = null,
    [property: JsonPropertyName("subject")] SubjectJson? Subject = null);
