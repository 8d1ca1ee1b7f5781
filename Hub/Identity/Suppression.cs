namespace IntegrationHub.Identity;

/// <summary>
/// Reasons to leave somebody alone whatever they agreed to: a hard bounce, a complaint, a legal hold. They stand in the ledger side by side, each as a purpose of its own that is denied,
/// and granted again when the reason is gone. Pure.
/// </summary>
public static class Suppression
{
    /// <summary>What their purposes begin with; no purpose of the rules holds a colon.</summary>
    public const string Prefix = "suppression:";

    /// <summary>The reason of a profile whose person another profile shows: two became one, and this one is sent nothing any more. The hub's own; nobody states it.</summary>
    public const string Merged = "merged";

    /// <summary>The reason of a profile that was emptied because its person was erased. The hub's own; nobody states it, and nothing lifts it.</summary>
    public const string Erased = "erased";

    /// <summary>
    /// The reason of a key that an erased person claimed and others claim too: whoever has it may be the erased person. The hub's own; it ends when somebody decides whose the key is, or that it
    /// is nobody's.
    /// </summary>
    public const string ErasureUndecided = "erasure_undecided";

    /// <summary>What stands with an emptied profile.</summary>
    public static PurposeConsent OfErased { get; } = new(ConsentWord.Denied, DateTimeOffset.UnixEpoch, "erasure");

    /// <summary>What stands with a profile for it.</summary>
    public static PurposeConsent OfMerged { get; } = new(ConsentWord.Denied, DateTimeOffset.UnixEpoch, "identity");

    /// <summary>The reason of a profile of which a fact said that it is deleted.</summary>
    public const string Deleted = "profile_deleted";

    /// <summary>Mail to the address comes back for good. It is about the address, and over when the person has another.</summary>
    public const string HardBounce = "hard_bounce";

    /// <summary>The phone number takes no messages.</summary>
    public const string InvalidPhone = "invalid_phone";

    private const string Email = "email";

    /// <summary>True when a reason forbids what goes by a channel. Where a purpose names no channel every reason does.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="channel">The purpose's channel, or null.</param>
    public static bool Concerns(string reason, string? channel) => channel is null || reason switch
    {
        HardBounce => Email.Equals(channel, StringComparison.OrdinalIgnoreCase),
        InvalidPhone => !Email.Equals(channel, StringComparison.OrdinalIgnoreCase),
        _ => true,
    };

    /// <summary>True for a reason that ends with the address that it was stated of: whoever has another now is not concerned.</summary>
    /// <param name="purpose">The purpose that the reason stands under.</param>
    public static bool IsOfAddressAlone(string purpose) => purpose.StartsWith(Prefix, StringComparison.Ordinal) && purpose.AsSpan(Prefix.Length).SequenceEqual(HardBounce);

    /// <summary>The purpose that a reason stands under.</summary>
    /// <param name="reason">For example <c>hard_bounce</c>.</param>
    public static string PurposeOf(string reason) => Prefix + reason;
}
