using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>What shows that a person decided: kept with the decision, told to nobody but who asks for the person's consents.</summary>
public sealed record ConsentEvidence
{
    /// <summary>How it was given, for example <c>double_opt_in</c>, <c>checkbox</c>, <c>phone_call</c>; up to 64 characters, or null.</summary>
    [JsonPropertyName("method")]
    public string? Method { get; init; }

    /// <summary>Where the producer keeps the record, for example the id of a form's submission; up to 255 characters, or null.</summary>
    [JsonPropertyName("ref")]
    public string? Ref { get; init; }

    /// <summary>Name or address of the notice that was shown; up to 255 characters, or null.</summary>
    [JsonPropertyName("notice")]
    public string? Notice { get; init; }

    /// <summary>Version of the notice; up to 64 characters, or null.</summary>
    [JsonPropertyName("notice_version")]
    public string? NoticeVersion { get; init; }

    /// <summary>Language of the notice as BCP 47, for example <c>de-AT</c>; up to 35 characters, or null.</summary>
    [JsonPropertyName("language")]
    public string? Language { get; init; }

    /// <summary>The signal as it came, for example a TCF or GPP string, which the hub does not decode; up to 4096 characters, or null.</summary>
    [JsonPropertyName("signal")]
    public string? Signal { get; init; }
}
