namespace IntegrationHub.Storage.DeadLetters;

/// <summary>How a dead letter stands.</summary>
public static class LetterStatus
{
    /// <summary>Nobody did anything with it yet, or it was given back.</summary>
    public const string Open = "open";

    /// <summary>It belongs to a replay, or to a question to the vendor, that is under way; nobody else can do anything with it.</summary>
    public const string Replaying = "replaying";

    /// <summary>It was replayed and died again.</summary>
    public const string CameBack = "came_back";

    /// <summary>The destination took it.</summary>
    public const string Delivered = "delivered";

    /// <summary>The destination had what is current already, or what the letter wanted is wanted no more: nothing older was sent over it.</summary>
    public const string Superseded = "superseded";

    /// <summary>What is known of the person's will, or of the person, forbids it now.</summary>
    public const string Suppressed = "suppressed";

    /// <summary>Somebody said that it is not wanted; can be restored while it is kept.</summary>
    public const string Discarded = "discarded";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Open, Replaying, CameBack, Delivered, Superseded, Suppressed, Discarded];

    /// <summary>Of these a person may do something.</summary>
    internal const string Waiting = $"'{Open}', '{CameBack}'";
}
