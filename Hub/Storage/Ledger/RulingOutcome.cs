namespace IntegrationHub.Storage.Ledger;

/// <summary>What became of a ruling.</summary>
public enum RulingOutcome
{
    /// <summary>It is written down and holds.</summary>
    Decided,

    /// <summary>It held already; nothing was written.</summary>
    Unchanged,

    /// <summary>Nobody ever stated the key that is to be somebody's.</summary>
    KeyUnknown,

    /// <summary>Keys of its kind tell nobody: <c>identity.yaml</c> has no rule for them.</summary>
    TellsNobody,

    /// <summary>One of the keys is of somebody who was erased: a decision would keep it.</summary>
    Erased,

    /// <summary>Nobody is known by the primary key.</summary>
    PersonUnknown,

    /// <summary>A key that joins nobody cannot be somebody's: unblock it first.</summary>
    KeyBlocked,

    /// <summary>The two were never joined, so they cannot be parted.</summary>
    NotJoined,

    /// <summary>The two stay one person by other merges, which have to be undone.</summary>
    JoinedByOthers,

    /// <summary>About one of the people there is a decision that this version cannot read: nobody decides over it unread.</summary>
    Unreadable,
}
