using System.Text.Json.Serialization;

namespace IntegrationHub.Storage.Canaries;

/// <summary>What is not as it should be about a canary at a destination. Never a value: one that leaked may be a real person's.</summary>
/// <param name="Kind">snake_case, one of the constants.</param>
/// <param name="What">Name of the field, key of the audience, or reason code.</param>
public sealed record CanaryFinding([property: JsonPropertyName("kind")] string Kind, [property: JsonPropertyName("what")] string What)
{
    /// <summary>A field has no value, and should.</summary>
    public const string Empty = "empty";

    /// <summary>A field has another value than was stated, an old one for example.</summary>
    public const string Different = "different";

    /// <summary>The vendor knows nobody by her key.</summary>
    public const string NotThere = "not_there";

    /// <summary>Several people at the vendor have her key.</summary>
    public const string Doubled = "doubled";

    /// <summary>She is no member of her audience there.</summary>
    public const string NotAMember = "not_a_member";

    /// <summary>She is shown as opted out, though she granted.</summary>
    public const string OptedOut = "opted_out";

    /// <summary>The vendor could not be asked.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Her record cannot be mapped, so that nothing is sent of her.</summary>
    public const string Unmappable = "unmappable";

    /// <summary>A field has a value that must not leave for the destination, or that no mapping writes.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>She is known there, though she denied what the destination needs.</summary>
    public const string MustNotBeThere = "must_not_be_there";

    /// <summary>She is a member of an audience there that she does not belong to, or must not be shown in.</summary>
    public const string MustNotBeAMember = "must_not_be_a_member";

    /// <summary>She is not shown as opted out, though she denied.</summary>
    public const string MustNotBeSubscribed = "must_not_be_subscribed";

    /// <summary>What she did is not there.</summary>
    public const string EventNotThere = "event_not_there";

    /// <summary>True when more is shown than policy allows; false when less is.</summary>
    [JsonIgnore]
    public bool IsLeak => Kind is NotAllowed or MustNotBeThere or MustNotBeAMember or MustNotBeSubscribed;
}
