namespace IntegrationHub.Storage.Reconciliations;

/// <summary>Causes of findings.</summary>
public static class FindingCause
{
    /// <summary>Somebody took the person off the list at the vendor.</summary>
    public const string RemovedThere = "removed_there";

    /// <summary>The vendor has nobody under the person's key any more. Made there again by <see cref="HealingWord.All"/> alone.</summary>
    public const string DeletedThere = "deleted_there";

    /// <summary>The vendor has the person under another id: it was merged there.</summary>
    public const string MergedThere = "merged_there";

    /// <summary>The person may be sent and was never made a member, or was sent and never seen there.</summary>
    public const string NeverDelivered = "never_delivered";

    /// <summary>Somebody changed the field at the vendor.</summary>
    public const string ChangedThere = "changed_there";

    /// <summary>The person's consent is withdrawn, the membership stands.</summary>
    public const string ConsentWithdrawn = "consent_withdrawn";

    /// <summary>The hub removed the person, who is there again or still.</summary>
    public const string AddedAgain = "added_again";

    /// <summary>Somebody else added a member of the audience before the hub did.</summary>
    public const string AddedByOthers = "added_by_others";

    /// <summary>Somebody else's member, of whom the audience knows nothing.</summary>
    public const string OwnedByOthers = "owned_by_others";

    /// <summary>Events were owed, and neither have an outcome nor wait for one.</summary>
    public const string NotAccounted = "not_accounted";

    /// <summary>The vendor counts fewer events than it confirmed.</summary>
    public const string FewerThere = "fewer_there";

    /// <summary>Two people at the vendor have one key.</summary>
    public const string SameKey = "same_key";
}
