namespace IntegrationHub.Storage.Watch;

/// <summary>Kinds of runs that may stand still.</summary>
public static class OpenRunKind
{
    /// <summary>An audience on its way to a destination.</summary>
    public const string AudienceSync = "audience_sync";

    /// <summary>A destination that is compared with what the hub believes.</summary>
    public const string Reconciliation = "reconciliation";

    /// <summary>Attributes that are written of people whom the vendor knows already.</summary>
    public const string Backfill = "backfill";

    /// <summary>A backfill that is taken back.</summary>
    public const string Rollback = "rollback";

    /// <summary>A person who is erased everywhere.</summary>
    public const string Erasure = "erasure";

    /// <summary>Something that somebody does with dead letters.</summary>
    public const string LetterAction = "letter_action";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [AudienceSync, Reconciliation, Backfill, Rollback, Erasure, LetterAction];
}
