namespace IntegrationHub.Storage.DeadLetters;

/// <summary>What people do with dead letters.</summary>
public static class LetterActionKind
{
    /// <summary>Owes the deliveries again.</summary>
    public const string Replay = "replay";

    /// <summary>Says that they are not wanted.</summary>
    public const string Discard = "discard";

    /// <summary>Takes a discard back.</summary>
    public const string Restore = "restore";

    /// <summary>Gives one letter a new version of what it sends.</summary>
    public const string Fix = "fix";

    /// <summary>Says of ambiguous ones that the vendor has them.</summary>
    public const string SettleDelivered = "settle_delivered";

    /// <summary>Says of ambiguous ones that the vendor does not have them.</summary>
    public const string SettleNotDelivered = "settle_not_delivered";

    /// <summary>Asks the vendor whether it has ambiguous ones.</summary>
    public const string SettleByVendor = "settle_by_vendor";

    /// <summary>True for what is done with the letters once they are marked; of the others each letter waits for an answer of its own.</summary>
    internal static bool IsDoneAtOnce(string kind) => kind is not (Replay or SettleByVendor);
}
