using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Erasures;

/// <summary>
/// A table of the hub that holds something of people, and which rows are one person's. One list for both: what is deleted on an erasure is what an access export shows. The tables with free
/// bodies, which name people without a column for it, are those of <see cref="OwnBody"/>.
/// </summary>
/// <param name="Name">The table.</param>
/// <param name="Where">Which rows, in SQL with the lists of <see cref="PersonSql"/>.</param>
/// <param name="Instead">What to set where rows are not deleted but emptied; null when they are deleted.</param>
internal sealed record OwnTable(string Name, string Where, string? Instead = null)
{
    /// <summary>Why an access export does not show these rows; null where it does.</summary>
    public string? NotShown { get; init; }

    /// <summary>True where an access export shows the rows.</summary>
    public bool IsShown => NotShown is null;

    /// <summary>Where rows are emptied: which of them are not empty yet, so that a look that repeats counts none twice.</summary>
    public string Unless { get; init; } = "true";

    /// <summary>What an emptied profile keeps: that its person was erased, so that nothing that still points at it can be sent.</summary>
    public static string ErasedConsent { get; } = StoredConsent.Write([KeyValuePair.Create(Suppression.PurposeOf(Suppression.Erased), Suppression.OfErased)]);

    /// <summary>A key as a vendor writes it: an address in whatever letters it was given there.</summary>
    private const string OfVendor = "(key IN {values} OR lower(key) IN {values})";

    private const string Work = "what a run has still to look at, as numbers of people, until it has";
    private const string OfBody = "shown among the bodies that name the person";
    private const string EmptyFact = "body = '{}', profile_id = NULL, correlation_id = NULL";

    /// <summary>All of them; in an order in which each still finds what it looks up in those that follow.</summary>
    public static IReadOnlyList<OwnTable> All { get; } =
    [
        new("facts", "profile_id IN {people}", EmptyFact),
        new("facts", "position IN (SELECT i.position FROM fact_ids i WHERE i.event_id IN (SELECT h.event_id FROM consent_history h WHERE h.subject_key IN {subjects}))", EmptyFact) { NotShown = OfBody },
        new("facts", "position IN (SELECT i.position FROM fact_ids i WHERE i.event_id IN (SELECT m.event_id FROM identity_proposals m WHERE m.key_stays IN {keys} OR m.key_gone IN {keys}))", EmptyFact) { NotShown = OfBody },
        new("quarantined_facts", "quarantine_id IN (SELECT w.quarantine_id FROM identity_waiting w WHERE w.person_key IN {keys})"),
        new("shadow_statements", "subject_key IN {keys} OR subject_key IN (SELECT s.subject_key FROM shadow_statements s WHERE s.kind = 'key' AND replace(lower(s.value), '\"', '') IN {values})"),
        new("identity_waiting", "person_key IN {keys}") { NotShown = "which quarantined facts wait for a key; the facts are shown" },
        new("identity_keys", "person_key IN (SELECT c.key_b FROM identity_claims c WHERE c.key_a IN {keys}) AND person_key NOT IN {keys}", "state = NULL") { NotShown = "keys of others, which an erasure has looked at again" },
        new("identity_keys", "person_key IN {keys} OR person IN {keys}"),
        new("identity_claims", "key_a IN {keys} OR key_b IN {keys}"),
        new("identity_decisions", "key_a IN {keys} OR key_b IN {keys}"),
        new("identity_parts", "person_key IN {keys} OR profile_id IN {people}"),
        new("identity_parts", "profile_id IS NULL AND EXISTS (SELECT 1 FROM {keys} k WHERE {find}(part_key, k.value) > 0)") { NotShown = "what a group of keys said together; by its keys it is shown" },
        new("identity_proposals", "key_stays IN {keys} OR key_gone IN {keys}"),
        new("identity_memberships", "profile_id IN {people}"),
        new("memberships", "profile_id IN {people}"),
        new("audience_changes", "profile_id IN {people}") { NotShown = Work },
        new("run_scope", "profile_id IN {people}") { NotShown = Work },
        new("rebuild_people", "profile_id IN {people}") { NotShown = Work },
        new("former_keys", "profile_id IN {people} OR subject_key IN {subjects}"),
        new("before_images", "profile_id IN {people}"),
        new("consents", "subject_key IN {subjects}"),
        new("consent_history", "subject_key IN {subjects}"),
        new("consent_ends", "subject_key IN {subjects}", "subject_key = ''") { NotShown = "when consents end that are shown" },
        new("snapshot_rows", "external_id IN {values} OR lower(email) IN {values}"),
        new("snapshot_members", "profile_id IN {people}") { NotShown = Work },
        new("snapshot_rejects", "EXISTS (SELECT 1 FROM {quoted} q WHERE {find}(external_ids, q.value) > 0)"),
        new("dead_letters", $"profile_id IN {{people}} OR other_profile_id IN {{people}} OR {ErasedDeliveries.NamesPerson}", "named_key = NULL") { Unless = "named_key IS NOT NULL" },
        new("letter_versions", "EXISTS (SELECT 1 FROM dead_letters l WHERE l.dead_letter_id = letter_versions.letter_id AND l.profile_id IN {people})"),
        new("bulk_job_rows", "profile_id IN {people}") { NotShown = "keys of records that a vendor is taking in, until it has" },
        new("verification_members", $"{OfVendor} OR remote_id IN {{remote}}") { NotShown = "a vendor's list while it is compared" },
        new("read_back_findings", $"profile_id IN {{people}} OR {OfVendor} OR remote_id IN {{remote}}"),
        new("reconciliation_findings", $"profile_id IN {{people}} OR {OfVendor} OR remote_id IN {{remote}}"),
        new("destination_members", "profile_id IN {people}"),
        new("destination_profiles", "profile_id IN {people}"),
        new("written_fields", "profile_id IN {people}"),
        new("profiles", "profile_id IN {people}", $"external_id = NULL, email = NULL, email_key = NULL, phone = NULL, attributes = '{{}}', attributes_at = '{{}}', consent = '{ErasedConsent}', person_id = NULL, version = version + 1"),
    ];
}
