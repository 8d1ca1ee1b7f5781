namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Tables with text in which no person can stand, and why. A table of which neither this nor an erasure knows fails <see cref="When_a_person_is_erased"/>.</summary>
internal static class WhereNobodyStands
{
    private const string Numbers = "names of the configuration, codes, and numbers of profiles; the number says nothing once the profile is emptied";
    private const string Configuration = "what the configuration says";
    private const string Counts = "counts by names of the configuration and codes";
    private const string Runs = "ids, states, codes, and sentences that the hub makes of counts and of names of the configuration";
    private const string Operators = "people who work with the hub, by the name that they sign in with, and reasons that the page asks to give without personal data; kept for accountability";
    private const string Erasures = "kept for accountability: keyed hashes, counts, codes, names of destinations";
    private const string Bus = "commands and facts of runs, which name ids, counts and codes: a fact about a person comes in without the outbox";

    /// <summary>Why, by table.</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } = Of(
        (Numbers, "audience_changes destination_members event_receipts identity_memberships memberships outcomes rebuild_people run_scope snapshot_members"),
        (Configuration, "audience_aliases audience_routes audiences consent_routes destination_audiences event_routes field_marks identity_routes identity_rules live_routes policy_versions source_names"),
        ("the files of the configuration, which name nobody but canaries, who are nobody, and people who work with the hub; and who applied them", "config_versions config_active"),
        (Counts, "delivery_minutes destination_quotas event_volumes events_owed fact_volumes last_successes letter_days letter_results letter_tallies live_counts live_guards match_rates pending_tallies read_back_days run_tallies"),
        (Runs, "alert_sends alerts asked_runs audience_syncs backfill_runs bulk_jobs destination_checks destination_conditions instances job_runs leases letter_history read_backs run_events run_plans run_reservations watch_turns"),
        (Operators, "alert_silences api_keys audit audit_head console_sessions letter_actions principals"),
        (Erasures, "erased_facts erasure_counts erasure_destinations erasure_rechecks erasures tombstone_keys tombstones"),
        (Bus, "InboxState OutboxMessage OutboxState ScheduledMessage"),
        ("what is to be agreed to, by the id of a run or of an erasure, and a summary of counts and keyed hashes", "approvals"),
        ("names of canaries, who are nobody, and of fields of theirs; never a value, of which one may be somebody else's", "canary_trips"),
        ("names of migrations, and whether one is under way", "__EFMigrationsHistory __EFMigrationsLock"),
        ("the person sealed, for the later looks alone; deleted with the last of them", "erasure_subjects"),
        ("the scope of a backfill, which holds a number of people, and its plan, whose samples are masked", "backfill_plans"),
        ("hashes of keys of the people of a call, while it lasts", "calls_under_way"),
        ("hashes of addresses and of vendors' ids, for a week", "told_denials"),
        ("the field by its name in the contract, and values that are plainly names of things (FactPath.Shown): none with an @ or a longer number", "fact_fields fact_values violations"),
        ("endpoints by their templates, codes, dates and addresses of pages without a query; none that may be made of a call's own address (NoticeHeaders)", "vendor_notices"),
        ("names and types of vendors' fields", "vendor_fields"),
        ("ids of facts", "fact_ids shadow_facts"),
        ("answers to commands; those that could hold a person are not kept (AnswersOnce)", "idempotency_keys"),
        ("how far a rewrite of an earlier version's keys is: the word done, except in the moments of the first start of a new version", "key_rewrites"),
        ("how far a vendor's feed or list was read, in the vendor's words; OptOutPage.Cursor and member pages hold nothing personal", "opt_out_feeds reconciliations"),
        ("names of keys that columns are sealed with, and what tells keys of one name apart", "sealing_keys"),
        ("lines of a list by their numbers", "snapshot_repeats"),
        ("the name of a file and the state of a list", "snapshots"));

    private static Dictionary<string, string> Of(params (string Why, string Tables)[] reasons) =>
        reasons.SelectMany(reason => reason.Tables.Split(' ').Select(table => (table, reason.Why))).ToDictionary(StringComparer.Ordinal);
}
