using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>A fact that was set aside as the API and the CLI show it: what is wrong with it, never whom it is about.</summary>
internal sealed record QuarantinedFactJson
{
    [JsonPropertyName("quarantine_id")]
    public required Guid QuarantineId { get; init; }

    [JsonPropertyName("received_at")]
    public required DateTimeOffset ReceivedAt { get; init; }

    [JsonPropertyName("event_type")]
    public string? EventType { get; init; }

    [JsonPropertyName("event_id")]
    public string? EventId { get; init; }

    [JsonPropertyName("producer")]
    public string? Producer { get; init; }

    /// <summary>The failing field; empty for the fact as a whole.</summary>
    [JsonPropertyName("path")]
    public required string Path { get; init; }

    [JsonPropertyName("code")]
    public required string Code { get; init; }

    /// <summary>What is wrong and what to write instead; continues a sentence that begins with the path.</summary>
    [JsonPropertyName("problem")]
    public required string Problem { get; init; }

    /// <summary><c>waiting</c>, <c>replayed</c>, <c>fixed</c> or <c>discarded</c>.</summary>
    [JsonPropertyName("state")]
    public required string State { get; init; }

    [JsonPropertyName("settled_at")]
    public DateTimeOffset? SettledAt { get; init; }

    [JsonPropertyName("settled_by")]
    public string? SettledBy { get; init; }

    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    [JsonPropertyName("next_step")]
    public required string NextStep { get; init; }

    /// <summary>The fact as it came, masked; null in a list, and when it is no JSON object.</summary>
    [JsonPropertyName("fact")]
    public JsonObject? Fact { get; init; }

    /// <summary>The fact as it was corrected, masked; null when it was not.</summary>
    [JsonPropertyName("corrected")]
    public JsonObject? Corrected { get; init; }

    /// <summary>Shows a fact; its bodies when they were read.</summary>
    public static QuarantinedFactJson From(QuarantinedFact fact) => new()
    {
        QuarantineId = fact.QuarantineId,
        ReceivedAt = fact.ReceivedAt,
        EventType = fact.EventType,
        EventId = fact.EventId,
        Producer = fact.Producer,
        Path = fact.Path,
        Code = fact.Code,
        Problem = fact.Problem,
        State = fact.Settlement?.Outcome ?? QuarantineFilter.Waiting,
        SettledAt = fact.Settlement?.At,
        SettledBy = fact.Settlement?.By,
        Reason = fact.Settlement?.Reason,
        NextStep = QuarantineAdvice.For(fact),
        Fact = fact.Body.IsEmpty ? null : MaskedFact.Of(fact.Body),
        Corrected = fact.Settlement is { Corrected: { IsEmpty: false } corrected } ? MaskedFact.Of(corrected) : null,
    };
}
