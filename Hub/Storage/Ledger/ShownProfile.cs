namespace IntegrationHub.Storage.Ledger;

/// <summary>Who shows a profile since people became one: the end of the chain of <c>profiles.person_id</c>, itself where nobody else does. The same SQL on both dialects.</summary>
internal static class ShownProfile
{
    /// <summary>The id of whoever shows a profile, in SQL; null for an id that is nobody's.</summary>
    /// <param name="profileId">Id of the profile, in SQL.</param>
    public static string Of(string profileId) =>
        $"""
        (WITH RECURSIVE up(id, next) AS (
            SELECT profile_id, person_id FROM profiles WHERE profile_id = {profileId}
            UNION SELECT t.profile_id, t.person_id FROM up JOIN profiles t ON t.profile_id = up.next)
        SELECT id FROM up WHERE next IS NULL)
        """;
}
