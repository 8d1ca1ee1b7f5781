using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>What proves a decision on consent. All of it is kept for whoever asks later.</summary>
public sealed record ConsentEvidence
{
    /// <summary>How it was expressed, for example <c>double_opt_in</c> or <c>phone_call</c>, or null; up to 64 characters.</summary>
    [JsonPropertyName("method")]
    public string? Method { get; init; }

    /// <summary>The producer's own reference to the record of it, or null; up to 255 characters.</summary>
    [JsonPropertyName("ref")]
    public string? Ref { get; init; }

    /// <summary>Name or address of the privacy notice that was shown, or null; up to 255 characters.</summary>
    [JsonPropertyName("notice")]
    public string? Notice { get; init; }

    /// <summary>Version of that notice, or null; up to 64 characters.</summary>
    [JsonPropertyName("notice_version")]
    public string? NoticeVersion { get; init; }

    /// <summary>Language of that notice as an IETF tag, for example <c>de-AT</c>, or null; up to 35 characters.</summary>
    [JsonPropertyName("language")]
    public string? Language { get; init; }

    /// <summary>A signal or consent string as it was received, kept and not decoded, or null; up to 4096 characters.</summary>
    [JsonPropertyName("signal")]
    public string? Signal { get; init; }
}
