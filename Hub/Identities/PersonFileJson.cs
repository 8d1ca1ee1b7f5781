using System.Text.Json.Serialization;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Identities;

/// <summary>What the hub knows of who somebody is: keys masked unless they were asked for in full, values never.</summary>
/// <param name="Asked">The key that was asked for, and where it stands.</param>
/// <param name="Keys">Every key of the person, and of whoever else claims the one that was asked for.</param>
/// <param name="Claims">What was stated together, and when first and last.</param>
/// <param name="Decisions">What people decided, oldest first.</param>
/// <param name="Profiles">The person's profiles, with consent in brief.</param>
/// <param name="Parts">What was stated under single keys and is kept apart.</param>
/// <param name="Destinations">Destinations that hold one of the profiles.</param>
internal sealed record PersonFileJson(
    [property: JsonPropertyName("asked")] KeyStandJson Asked,
    [property: JsonPropertyName("keys")] IReadOnlyList<KeyStandJson> Keys,
    [property: JsonPropertyName("claims")] IReadOnlyList<ClaimJson> Claims,
    [property: JsonPropertyName("decisions")] IReadOnlyList<DecisionJson> Decisions,
    [property: JsonPropertyName("profiles")] IReadOnlyList<PersonProfileJson> Profiles,
    [property: JsonPropertyName("parts")] IReadOnlyList<PartJson> Parts,
    [property: JsonPropertyName("destinations")] IReadOnlyList<HeldProfileJson> Destinations)
{
    /// <summary>That a decision about the person cannot be read by this version, so that nothing is sent for the person, and what to do; null when all can.</summary>
    [JsonPropertyName("unreadable"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unreadable { get; init; }

    /// <summary>Shows it.</summary>
    /// <param name="file">What is known.</param>
    /// <param name="reveal">True for keys in full.</param>
    public static PersonFileJson From(PersonFile file, bool reveal)
    {
        Func<PersonKey, string> show = reveal ? key => key.ToString() : KeyText.Mask;
        return new PersonFileJson(
            KeyStandJson.From(file.Asked, file.Stand, show),
            [.. file.Keys.Select(key => KeyStandJson.From(key.Key, key.Stand, show))],
            [.. file.Claims.Select(claim => new ClaimJson(show(claim.A), show(claim.B), Day(claim.FirstDay), Day(claim.LastDay)))],
            [.. file.Decisions.Select(ruling => DecisionJson.From(ruling, show))],
            [.. file.Profiles.Select(profile => new PersonProfileJson(
                profile.ProfileId, profile.ShownBy, profile.Attributes, [.. StoredConsent.Read(profile.ConsentJson).Select(state => PurposeStateJson.From(state.Key, state.Value))]))],
            [.. file.Parts.Select(part => new PartJson([.. part.Keys.Select(show)], part.ProfileId, part.StatedAt))],
            [.. file.Held.Select(held => new HeldProfileJson(held.Destination, held.ProfileId, held.ConfirmedAt, held.Audiences))])
        {
            Unreadable = file.Unreadable.Count == 0 ? null : UnreadableRow.Say("identity_decisions", file.Unreadable[0], "verdict, key_a or key_b"),
        };
    }

    private static DateOnly Day(int day) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day));
}

/// <summary>That facts named two keys together.</summary>
/// <param name="A">One key.</param>
/// <param name="B">The other.</param>
/// <param name="First">Day of the first such fact.</param>
/// <param name="Last">Day of the last one.</param>
internal sealed record ClaimJson(
    [property: JsonPropertyName("a")] string A, [property: JsonPropertyName("b")] string B, [property: JsonPropertyName("first")] DateOnly First, [property: JsonPropertyName("last")] DateOnly Last);

/// <summary>What somebody decided.</summary>
/// <param name="Verdict"><c>merge</c>, <c>unmerge</c>, <c>block</c>, <c>unblock</c> or <c>assign</c>.</param>
/// <param name="Keys">The keys that it is about.</param>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
internal sealed record DecisionJson(
    [property: JsonPropertyName("verdict")] string Verdict,
    [property: JsonPropertyName("keys")] IReadOnlyList<string> Keys,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("reason")] string Reason)
{
    /// <summary>Shows a decision.</summary>
    public static DecisionJson From(DecidedRuling ruling, Func<PersonKey, string> show) => new(
        IdentityDecision.WordOf(ruling.Decision.Verdict), [.. new[] { ruling.Decision.A, ruling.Decision.B }.Distinct().Select(show)], ruling.Decision.At, ruling.By, ruling.Reason);
}

/// <summary>A profile of the person.</summary>
/// <param name="ProfileId">The hub's id.</param>
/// <param name="ShownBy">The profile that shows the person instead, or null.</param>
/// <param name="Attributes">How many attributes are known.</param>
/// <param name="Consents">What counts of the person's decisions.</param>
internal sealed record PersonProfileJson(
    [property: JsonPropertyName("profile_id")] long ProfileId,
    [property: JsonPropertyName("shown_by")] long? ShownBy,
    [property: JsonPropertyName("attributes")] int Attributes,
    [property: JsonPropertyName("consents")] IReadOnlyList<PurposeStateJson> Consents);

/// <summary>What was stated under single keys.</summary>
/// <param name="Keys">Under which.</param>
/// <param name="ProfileId">The profile that shows it; null while nobody does.</param>
/// <param name="StatedAt">When last.</param>
internal sealed record PartJson(
    [property: JsonPropertyName("keys")] IReadOnlyList<string> Keys, [property: JsonPropertyName("profile_id")] long? ProfileId, [property: JsonPropertyName("stated_at")] DateTimeOffset StatedAt);

/// <summary>A destination that holds a profile.</summary>
/// <param name="Destination">Which.</param>
/// <param name="ProfileId">The profile.</param>
/// <param name="ConfirmedAt">When its content was confirmed last, or null.</param>
/// <param name="Audiences">Audiences that it is a member of there.</param>
internal sealed record HeldProfileJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("profile_id")] long ProfileId,
    [property: JsonPropertyName("confirmed_at")] DateTimeOffset? ConfirmedAt,
    [property: JsonPropertyName("audiences")] IReadOnlyList<string> Audiences);
