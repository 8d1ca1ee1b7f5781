namespace IntegrationHub.Hub.Approvals;

/// <summary>Who has to agree to things of one kind.</summary>
/// <param name="Kind">One of <see cref="ApprovalKind"/>.</param>
/// <param name="Needed">How many have to agree, from 1.</param>
/// <param name="FourEyes">Whether whoever agrees has to be a person, and another one than asked.</param>
/// <param name="AbovePeople">Nobody is asked about things that concern so many people or fewer; of backfills and rollbacks, which wait in any case, one word is enough then.</param>
/// <param name="Expires">After so long it is too late to agree; null for never.</param>
internal sealed record ApprovalRule(string Kind, int Needed, bool FourEyes, long AbovePeople, TimeSpan? Expires)
{
    /// <summary>Whether somebody has to be asked.</summary>
    /// <param name="people">How many people it concerns.</param>
    public bool IsNeededFor(long people) => people > AbovePeople;
}
