using System.Collections.Immutable;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>The lanes of the delivery queue. An earlier one goes first, always; every later one that waits keeps a floor.</summary>
public static class Lane
{
    /// <summary>Withdrawals and whatever a person is owed at once.</summary>
    public const string Urgent = "urgent";

    /// <summary>Single changes as they happen.</summary>
    public const string Live = "live";

    /// <summary>Audience syncs.</summary>
    public const string Bulk = "bulk";

    /// <summary>Dead letters that are sent again.</summary>
    public const string Replay = "replay";

    /// <summary>Historical loads.</summary>
    public const string Backfill = "backfill";

    /// <summary>All of them, the most pressing first.</summary>
    public static ImmutableArray<string> InOrder { get; } = [Urgent, Live, Bulk, Replay, Backfill];

    /// <summary>True for lanes that wait for nobody: their work is small, and a person notices the delay.</summary>
    public static bool IsPressing(string lane) => lane is Urgent or Live;

    /// <summary>True for lanes that hold no runs but a destination's <see cref="LiveStream"/>.</summary>
    public static bool HoldsStream(string lane) => IsPressing(lane) || lane == Replay;
}
