using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>What putting files in force would do to people, as far as a full run of each audience brings it about.</summary>
internal sealed record ConfigurationEffectsJson
{
    /// <summary><c>sample</c> or <c>exact</c>.</summary>
    [JsonPropertyName("scope")]
    public required string Scope { get; init; }

    /// <summary>People of the audiences and destinations below; somebody who is in two is counted twice.</summary>
    [JsonPropertyName("people")]
    public required long People { get; init; }

    /// <summary>How many of them were looked at.</summary>
    [JsonPropertyName("looked_at")]
    public required long LookedAt { get; init; }

    /// <summary>Audiences at destinations that are decided on as before; nothing more is told of them.</summary>
    [JsonPropertyName("unchanged")]
    public required int Unchanged { get; init; }

    /// <summary>The audiences at destinations that are decided on by other rules.</summary>
    [JsonPropertyName("syncs")]
    public required IReadOnlyList<SyncEffectJson> Syncs { get; init; }
}

/// <summary>What changes for one audience at one destination.</summary>
internal sealed record SyncEffectJson
{
    [JsonPropertyName("audience")]
    public required string Audience { get; init; }

    [JsonPropertyName("destination")]
    public required string Destination { get; init; }

    /// <summary>Members, and whom the destination has as one.</summary>
    [JsonPropertyName("people")]
    public required long People { get; init; }

    [JsonPropertyName("looked_at")]
    public required long LookedAt { get; init; }

    /// <summary>Whom the next full run would add.</summary>
    [JsonPropertyName("add")]
    public required EstimateJson Add { get; init; }

    /// <summary>Whom it would write anew.</summary>
    [JsonPropertyName("update")]
    public required EstimateJson Update { get; init; }

    /// <summary>Whom it would take out.</summary>
    [JsonPropertyName("remove")]
    public required EstimateJson Remove { get; init; }

    /// <summary>Whom it would not send anything about, by outcome and reason.</summary>
    [JsonPropertyName("settled")]
    public required IReadOnlyList<SettledEffectJson> Settled { get; init; }

    /// <summary>Members who may be sent, and might not before.</summary>
    [JsonPropertyName("newly_sent")]
    public required EstimateJson NewlySent { get; init; }

    /// <summary>Members who might be sent, and may not any more.</summary>
    [JsonPropertyName("no_longer_sent")]
    public required EstimateJson NoLongerSent { get; init; }

    /// <summary>Vendor fields that are filled for people for whom they were not, the most people first.</summary>
    [JsonPropertyName("leaves_anew")]
    public required IReadOnlyList<FieldEffectJson> LeavesAnew { get; init; }

    /// <summary>Vendor fields whose values differ.</summary>
    [JsonPropertyName("changes")]
    public required IReadOnlyList<FieldEffectJson> Changes { get; init; }

    /// <summary>Vendor fields that are not written any more for people for whom they were; what is there stays.</summary>
    [JsonPropertyName("stops")]
    public required IReadOnlyList<FieldEffectJson> Stops { get; init; }

    /// <summary>Vendor calls that the run takes in full batches.</summary>
    [JsonPropertyName("calls")]
    public required long Calls { get; init; }

    /// <summary>Seconds that these calls take at the pace of the quota, nothing else under way; null where nothing limits it.</summary>
    [JsonPropertyName("seconds")]
    public double? Seconds { get; init; }

    /// <summary>What takes the longest: <c>quota</c> or <c>daily_quota</c>; null with <see cref="Seconds"/>.</summary>
    [JsonPropertyName("limited_by")]
    public string? LimitedBy { get; init; }
}

/// <summary>People about whom nothing would be sent, for one reason.</summary>
internal sealed record SettledEffectJson(
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("people")] EstimateJson People);

/// <summary>What changes in one vendor field.</summary>
/// <param name="Field">The vendor's name.</param>
/// <param name="From">What it is made of.</param>
/// <param name="Classification"><c>public</c>, <c>personal</c> or <c>sensitive</c>.</param>
/// <param name="People">For how many.</param>
/// <param name="Differences">With values that differ: how, and for how many; else empty.</param>
/// <param name="Samples">A few of them, masked.</param>
internal sealed record FieldEffectJson(
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("from")] string From,
    [property: JsonPropertyName("classification")] string Classification,
    [property: JsonPropertyName("people")] EstimateJson People,
    [property: JsonPropertyName("differences")] IReadOnlyDictionary<string, EstimateJson> Differences,
    [property: JsonPropertyName("samples")] IReadOnlyList<ValueSampleJson> Samples);

/// <summary>One person's value, masked.</summary>
/// <param name="Before">By the version in force; null when there is none.</param>
/// <param name="After">By the plan; null when there is none.</param>
/// <param name="Difference">How they differ, a word of <see cref="ValueDifference"/>; null when only one of them is there.</param>
internal sealed record ValueSampleJson(
    [property: JsonPropertyName("before")] string? Before,
    [property: JsonPropertyName("after")] string? After,
    [property: JsonPropertyName("difference"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Difference);
