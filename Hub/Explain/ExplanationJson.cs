using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Explain;

/// <summary>Why somebody is where they are, or are not, step by step. Values and keys are masked unless they were asked for in full.</summary>
/// <param name="Found">True when the person is known.</param>
/// <param name="ProfileId">The hub's number of the person, or null.</param>
/// <param name="Key">A key of the person; of somebody who is not known null.</param>
/// <param name="At">The time that is spoken of.</param>
/// <param name="IsPast">True when that is not now.</param>
/// <param name="Headline">The first no; of several destinations that of the first which has one.</param>
/// <param name="Steps">What is the same for every destination: facts and identity.</param>
/// <param name="Destinations">The rest, by destination.</param>
/// <param name="Tried">Of somebody who is not known: which keys were looked for.</param>
/// <param name="NotKnown">What cannot be told, and why; sentences.</param>
internal sealed record ExplanationJson(
    [property: JsonPropertyName("found")] bool Found,
    [property: JsonPropertyName("profile_id")] long? ProfileId,
    [property: JsonPropertyName("key")] string? Key,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("is_past")] bool IsPast,
    [property: JsonPropertyName("headline")] HeadlineJson Headline,
    [property: JsonPropertyName("steps")] IReadOnlyList<StepJson> Steps,
    [property: JsonPropertyName("destinations")] IReadOnlyList<DestinationExplanationJson> Destinations,
    [property: JsonPropertyName("tried")] IReadOnlyList<TriedKeyJson> Tried,
    [property: JsonPropertyName("not_known")] IReadOnlyList<string> NotKnown);

/// <summary>The answer in one sentence.</summary>
/// <param name="Result"><c>yes</c>, <c>no</c> or <c>waits</c>.</param>
/// <param name="Step">The step that says so.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="Destination">The destination, or null where it is the same for all.</param>
/// <param name="Sentence">What is so and why.</param>
/// <param name="Fix">What to do; null when nothing is to be done.</param>
internal sealed record HeadlineJson(
    [property: JsonPropertyName("result")] string Result,
    [property: JsonPropertyName("step")] string Step,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("destination")] string? Destination,
    [property: JsonPropertyName("sentence")] string Sentence,
    [property: JsonPropertyName("fix")] string? Fix);

/// <summary>A step: what it comes to and what that rests on.</summary>
/// <param name="Step">Its name.</param>
/// <param name="Result"><c>yes</c>, <c>no</c>, <c>waits</c> or <c>unknown</c>.</param>
/// <param name="Reason">Why, one sentence.</param>
internal sealed record StepJson([property: JsonPropertyName("step")] string Step, [property: JsonPropertyName("result")] string Result, [property: JsonPropertyName("reason")] string Reason)
{
    /// <summary>Reason code, or null.</summary>
    [JsonPropertyName("code")]
    public string? Code { get; init; }

    /// <summary>What to do; null when nothing is to be done.</summary>
    [JsonPropertyName("fix")]
    public string? Fix { get; init; }

    /// <summary>False when an earlier step said no: then this is what it would come to.</summary>
    [JsonPropertyName("reached")]
    public bool IsReached { get; init; } = true;

    /// <summary>What it rests on.</summary>
    [JsonPropertyName("inputs")]
    public IReadOnlyList<InputJson> Inputs { get; init; } = [];

    /// <summary>Version of the rules that were applied, or null.</summary>
    [JsonPropertyName("version")]
    public string? Version { get; init; }

    /// <summary>When what it says became so, or null.</summary>
    [JsonPropertyName("at")]
    public DateTimeOffset? At { get; init; }
}

/// <summary>Something that a step rests on.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">Its value, without personal data.</param>
internal sealed record InputJson([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("value")] string Value);

/// <summary>A key that was looked for in vain.</summary>
/// <param name="Kind">Kind of key.</param>
/// <param name="Key">Its normal form. Personal data.</param>
internal sealed record TriedKeyJson([property: JsonPropertyName("kind")] string Kind, [property: JsonPropertyName("key")] string Key);

/// <summary>Why somebody is at a destination, or is not.</summary>
/// <param name="Destination">Its name.</param>
/// <param name="Headline">The first no.</param>
/// <param name="Steps">From the audience to what the vendor was seen to have.</param>
/// <param name="Audiences">How the person stands in each audience that goes there.</param>
/// <param name="Fields">The fields that are, or would be, sent.</param>
/// <param name="Pending">What is owed and not sent yet.</param>
/// <param name="Outcomes">What became of the person there, the latest first.</param>
/// <param name="Letters">Numbers of dead letters, the latest first.</param>
internal sealed record DestinationExplanationJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("headline")] HeadlineJson Headline,
    [property: JsonPropertyName("steps")] IReadOnlyList<StepJson> Steps,
    [property: JsonPropertyName("audiences")] IReadOnlyList<AudienceStandingJson> Audiences,
    [property: JsonPropertyName("fields")] IReadOnlyList<ExplainedFieldJson> Fields,
    [property: JsonPropertyName("pending")] IReadOnlyList<PendingJson> Pending,
    [property: JsonPropertyName("outcomes")] IReadOnlyList<ExplainedOutcomeJson> Outcomes,
    [property: JsonPropertyName("letters")] IReadOnlyList<long> Letters);

/// <summary>How somebody stands in an audience.</summary>
/// <param name="Audience">Its key.</param>
/// <param name="IsMember">True when the person belongs to it; null when nobody ever said.</param>
/// <param name="Since">Since when, or null.</param>
/// <param name="IsRemoteMember">True when the destination confirmed the membership.</param>
/// <param name="ConfirmedAt">When, or null.</param>
/// <param name="InDoubt">True when nobody knows.</param>
/// <param name="RunId">The audience's latest run there, or null.</param>
/// <param name="RunState">Its state, or null.</param>
internal sealed record AudienceStandingJson(
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("is_member")] bool? IsMember,
    [property: JsonPropertyName("since")] DateTimeOffset? Since,
    [property: JsonPropertyName("is_remote_member")] bool IsRemoteMember,
    [property: JsonPropertyName("confirmed_at")] DateTimeOffset? ConfirmedAt,
    [property: JsonPropertyName("in_doubt")] bool InDoubt,
    [property: JsonPropertyName("run_id")] Guid? RunId,
    [property: JsonPropertyName("run_state")] string? RunState);

/// <summary>A field of the mapping for this person.</summary>
/// <param name="Source">What it is mapped from.</param>
/// <param name="Field">The vendor's field.</param>
/// <param name="Owner"><c>hub</c> or <c>vendor</c>: who writes it.</param>
/// <param name="Classification">What kind of value it is.</param>
/// <param name="Result"><c>sent</c>, <c>cleared</c>, <c>left_out</c>, <c>ended</c> (its last day is over), <c>key</c>, <c>not_ours</c>, <c>withheld</c> (no line of the policy decides), <c>kept_here</c> (a line says drop) or <c>refused</c>.</param>
/// <param name="Value">The value, masked unless it was asked for in full; null when there is none.</param>
/// <param name="Code">Why it is left out (<c>written_once</c>, <c>written_once_in_doubt</c>, <c>append_only</c>) or refused, or null.</param>
internal sealed record ExplainedFieldJson(
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("owner")] string Owner,
    [property: JsonPropertyName("classification")] string Classification,
    [property: JsonPropertyName("result")] string Result,
    [property: JsonPropertyName("value")] string? Value,
    [property: JsonPropertyName("code")] string? Code)
{
    /// <summary>The last day, in UTC, on which the field is written beside the one that replaces it; null when it is written for good.</summary>
    [JsonPropertyName("until")]
    public DateOnly? Until { get; init; }

    /// <summary>What the vendor holds, masked likewise; null when it was not asked, or holds nothing.</summary>
    [JsonPropertyName("at_vendor")]
    public string? AtVendor { get; init; }

    /// <summary>Whether the vendor holds the same; null when it was not asked.</summary>
    [JsonPropertyName("is_same")]
    public bool? IsSame { get; init; }
}

/// <summary>Something that a destination is owed.</summary>
/// <param name="Operation">What.</param>
/// <param name="Audience">The audience, or null.</param>
/// <param name="Lane">The lane that it waits in.</param>
/// <param name="RunId">The run, or null where it belongs to none.</param>
/// <param name="OwedSince">Since when.</param>
/// <param name="DueAt">When it is tried (again).</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="LastCode">Reason code of the last one, or null.</param>
internal sealed record PendingJson(
    [property: JsonPropertyName("operation")] string Operation,
    [property: JsonPropertyName("audience")] string? Audience,
    [property: JsonPropertyName("lane")] string Lane,
    [property: JsonPropertyName("run_id")] Guid? RunId,
    [property: JsonPropertyName("owed_since")] DateTimeOffset OwedSince,
    [property: JsonPropertyName("due_at")] DateTimeOffset DueAt,
    [property: JsonPropertyName("attempts")] int Attempts,
    [property: JsonPropertyName("last_code")] string? LastCode);

/// <summary>What became of somebody.</summary>
/// <param name="At">When.</param>
/// <param name="Outcome">What.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="Operation">What was sent or was to be, or null.</param>
/// <param name="Audience">The audience, or null.</param>
/// <param name="RunId">The run, or the destination's stream.</param>
/// <param name="PolicyVersion">Version of the policy that was decided by, or null.</param>
internal sealed record ExplainedOutcomeJson(
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("operation")] string? Operation,
    [property: JsonPropertyName("audience")] string? Audience,
    [property: JsonPropertyName("run_id")] Guid RunId,
    [property: JsonPropertyName("policy_version")] string? PolicyVersion)
{
    /// <summary>The version of the configuration that it was decided under, or null.</summary>
    [JsonPropertyName("config_version")]
    public long? ConfigVersion { get; init; }
}
