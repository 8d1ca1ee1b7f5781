using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Privacy;

/// <summary>Whether somebody may be sent something, by which rule and from what.</summary>
/// <param name="Allowed">True when it may be sent.</param>
/// <param name="Code">Why not, a reason code; null when it may.</param>
/// <param name="Purpose">The purpose that decided.</param>
/// <param name="Rule">The rule that decided, or null when there is none.</param>
/// <param name="Basis">Ground of the rule, or null when it names none.</param>
/// <param name="Region">Region of the rule, or null when it holds everywhere.</param>
/// <param name="Inputs">What the rule was asked about.</param>
/// <param name="ConfigVersion">Version of <c>consent.yaml</c>: another text is another version.</param>
/// <param name="Position">Everything in the ledger of consent up to it was heeded.</param>
/// <param name="ValidUntil">Until when the answer holds, unless something is decided; null when nothing ends by itself.</param>
internal sealed record PolicyAnswerJson(
    [property: JsonPropertyName("allowed")] bool Allowed,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("purpose")] string? Purpose,
    [property: JsonPropertyName("rule")] string? Rule,
    [property: JsonPropertyName("basis")] string? Basis,
    [property: JsonPropertyName("region")] string? Region,
    [property: JsonPropertyName("inputs")] PolicyInputsJson Inputs,
    [property: JsonPropertyName("config_version")] string ConfigVersion,
    [property: JsonPropertyName("position")] long Position,
    [property: JsonPropertyName("valid_until")] DateTimeOffset? ValidUntil);

/// <summary>What a rule was asked about.</summary>
/// <param name="Known">True when the ledger knows the person.</param>
/// <param name="Decisions">What the person decided, of the purposes that were asked for.</param>
/// <param name="Country">Where the person lives, as their attributes say it, or null.</param>
/// <param name="State">The same of the state, or null.</param>
internal sealed record PolicyInputsJson(
    [property: JsonPropertyName("known")] bool Known,
    [property: JsonPropertyName("decisions")] IReadOnlyList<PurposeStateJson> Decisions,
    [property: JsonPropertyName("country")] string? Country,
    [property: JsonPropertyName("state")] string? State);
