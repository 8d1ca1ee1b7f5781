namespace IntegrationHub.Storage.Ledger;

/// <summary>What was stated of a profile's membership: of somebody who has several profiles each keeps its own, and the one that is shown has what they say together.</summary>
/// <param name="ProfileId">The profile that was meant.</param>
/// <param name="Audience">The audience.</param>
/// <param name="IsMember">What was stated.</param>
/// <param name="Since">Since when it is so.</param>
/// <param name="OccurredAt">When it was stated last.</param>
internal readonly record struct GroupedMembership(long ProfileId, string Audience, bool IsMember, DateTimeOffset Since, DateTimeOffset OccurredAt)
{
    /// <summary>What the profiles of one person say together, as the membership of the one that is shown: a member is who is one under any of the ids. Pure.</summary>
    /// <param name="shownBy">The profile that is shown.</param>
    /// <param name="stated">What was stated of the person's profiles, in any order.</param>
    public static IEnumerable<GroupedMembership> Fold(long shownBy, IEnumerable<GroupedMembership> stated) =>
        from membership in stated
        group membership by membership.Audience into audience
        let members = audience.Where(membership => membership.IsMember).ToList()
        select new GroupedMembership(
            shownBy,
            audience.Key,
            members.Count > 0,
            members.Count > 0 ? members.Min(membership => membership.Since) : audience.Max(membership => membership.Since),
            audience.Max(membership => membership.OccurredAt));
}
