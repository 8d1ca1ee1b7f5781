namespace IntegrationHub.Storage.Deliveries;

/// <summary>Letters of changes of identity: they are owed where the changes themselves are, in the live stream, so that nothing else overtakes them. SQL of the claim, the same on both dialects.</summary>
internal static class LettersOfIdentity
{
    /// <summary>
    /// The letter, and true when what it would change is not the person's any more: the key that the destination had the person under is another one's, or the alias is, or is contested. Over the delivery
    /// <c>d</c> and its profile <c>p</c>; the destination is the parameter.
    /// </summary>
    public static string Columns(string destination) =>
        $"""
        d.letter_id,
               CASE WHEN d.letter_id IS NULL THEN false
                   WHEN d.operation = 6 THEN EXISTS (SELECT 1 FROM profiles q WHERE q.tenant_id = p.tenant_id AND q.email_key = lower(d.named_key) AND q.profile_id <> d.profile_id AND q.person_id IS NULL
                       AND EXISTS (SELECT 1 FROM destination_profiles h WHERE h.destination = {destination} AND h.profile_id = q.profile_id))
                   WHEN d.operation IN (8, 9) THEN NOT EXISTS (SELECT 1 FROM identity_keys k WHERE k.tenant_id = p.tenant_id AND k.person_key = d.named_key AND k.person = 'external_id:' || p.external_id)
                   ELSE false END
        """;
}
