using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Body of <c>POST /v1/backfills</c>.</summary>
internal sealed record BackfillBody : WhyJson
{
    /// <summary>What it does: <c>attributes</c>, when it is not said, writes attributes; <c>redeliver</c> owes events of the log again, or the state of the people whom it tells of; <c>rebuild</c> brings state to what the log says.</summary>
    [JsonPropertyName("kind")]
    public string? Kind { get; init; }

    /// <summary>Name of the destination; none with <c>rebuild</c>.</summary>
    [JsonPropertyName("destination")]
    public string? Destination { get; init; }

    /// <summary>Names of several destinations, instead of <see cref="Destination"/>: a run for each, joined by one id.</summary>
    [JsonPropertyName("destinations")]
    public IReadOnlyList<string>? Destinations { get; init; }

    /// <summary>Key of the audience whose members it is about.</summary>
    [JsonPropertyName("audience")]
    public string? Audience { get; init; }

    /// <summary>The company's ids of the people whom it is about; with an audience: of the members among them.</summary>
    [JsonPropertyName("people")]
    public IReadOnlyList<string>? People { get; init; }

    /// <summary>Canonical attributes to write; all that the mapping writes when absent.</summary>
    [JsonPropertyName("attributes")]
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>With <c>redeliver</c>: names of events, all that the destination is told when absent; or <c>profile_updated</c>, so that the people of whom such facts tell are written as they are now, which is a run of kind <c>attributes</c>. With <c>rebuild</c>: types of facts, <c>profile_updated</c> or <c>audience_membership_changed</c>; both when absent.</summary>
    [JsonPropertyName("types")]
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>With <c>redeliver</c> and <c>rebuild</c>: only what happened then or later.</summary>
    [JsonPropertyName("from")]
    public DateTimeOffset? From { get; init; }

    /// <summary>With <c>redeliver</c> and <c>rebuild</c>: only what happened before.</summary>
    [JsonPropertyName("to")]
    public DateTimeOffset? To { get; init; }

    /// <summary>With <c>redeliver</c> and <c>rebuild</c>: only what one of these producers or sources stated.</summary>
    [JsonPropertyName("producers")]
    public IReadOnlyList<string>? Producers { get; init; }

    /// <summary>With <c>redeliver</c> and <c>rebuild</c>: only facts with this correlation id, or those that this earlier replay told of.</summary>
    [JsonPropertyName("run")]
    public string? Run { get; init; }

    /// <summary>With <c>redeliver</c> and <c>rebuild</c>: a key of the only person whom it is about, such as <c>email:kim@example.org</c>.</summary>
    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    /// <summary>With <c>redeliver</c>: send also what nobody knows any more whether it was sent, though the vendor would count it twice.</summary>
    [JsonPropertyName("allow_repeat")]
    public bool AllowRepeat { get; init; }

    /// <summary>When it may be delivered, each as <c>Mon-Fri 20:00-06:00 Europe/Berlin</c>; at any time when absent.</summary>
    [JsonPropertyName("windows")]
    public IReadOnlyList<string>? Windows { get; init; }

    /// <summary>People that each run may write per second, minute or hour, as <c>50/s</c>; what the destination's file says when absent.</summary>
    [JsonPropertyName("rate")]
    public string? Rate { get; init; }

    /// <summary>True when people whom the vendor does not know are created and what starts there for them may start; with <c>redeliver</c>, when events go under their own names, by which things start there. Quiet when absent.</summary>
    [JsonPropertyName("loud")]
    public bool Loud { get; init; }
}
