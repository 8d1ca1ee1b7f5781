using IntegrationHub.Hub.Tests.Docs;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>No table grows for ever unnoticed: each is swept by age, emptied by who fills it, or named here with the reason why it stays.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_table_is_made(StorageDatabase database) : StorageFixture(database)
{
    private const string HoldsNow = "what holds now: a row per person, key, member or decision in force, not per thing that happened";
    private const string OfConfiguration = "as large as the configuration";
    private const string OfAnErasure = "a few rows per erasure: the record that its certificate is made of";

    /// <summary>Deleted by age; each has its test in <see cref="When_old_rows_are_swept"/>.</summary>
    private static readonly string[] _swept =
    [
        "facts", "fact_ids", "event_receipts", "consent_history", "outcomes", "read_back_findings", "read_backs", "verification_members", "reconciliation_findings", "dead_letters", "snapshot_rejects", "snapshot_repeats",
        "quarantined_facts", "webhook_receipts", "snapshot_rows", "snapshot_members", "fact_volumes", "violations", "live_counts", "job_runs", "letter_actions", "letter_results", "letter_days", "delivery_minutes", "instances", "alerts", "alert_sends", "before_images", "idempotency_keys", "match_rates", "events_owed", "event_volumes", "canary_trips", "run_events", "told_denials", "vendor_notices", "vendor_fields",
        "audience_syncs", "run_plans", "run_tallies", "reconciliations", "backfill_runs", "backfill_plans", "snapshots",
    ];

    /// <summary>Whoever ends the work takes its rows away.</summary>
    private static readonly Dictionary<string, string> _emptied = new(StringComparer.Ordinal)
    {
        ["InboxState"] = "InboxSweeper", ["OutboxMessage"] = "BusOutboxDelivery", ["OutboxState"] = "BusOutboxDelivery", ["ScheduledMessage"] = "ScheduleDelivery", ["deliveries"] = "ClaimSettler",
        ["audience_changes"] = "AudienceSyncPlanner", ["bulk_jobs"] = "BulkDrain", ["bulk_job_rows"] = "BulkDrain", ["run_scope"] = "AudienceSyncPlanner", ["calls_under_way"] = "PostgresCallBook", ["rebuild_people"] = "RebuildWorker",
        ["fact_fields"] = "FieldBook", ["erasure_subjects"] = "RecheckDestinationsConsumer", ["letter_versions"] = "the trigger of a letter that goes", ["letter_history"] = "the trigger of a letter that goes", ["letter_tallies"] = "LetterGroups", ["pending_tallies"] = "AlertWatch, which folds them", ["console_sessions"] = "ConsoleSessions, at each sign-in", ["alert_silences"] = "AlertBook", ["identity_waiting"] = "ContestSweeper", ["shadow_facts"] = "ShadowTakeover",
    };

    private static readonly Dictionary<string, string> _kept = new(StringComparer.Ordinal)
    {
        ["profiles"] = HoldsNow, ["consents"] = HoldsNow, ["memberships"] = HoldsNow, ["destination_profiles"] = HoldsNow, ["destination_members"] = HoldsNow, ["written_fields"] = "a row per person and field that is written once: without it the field would be written again",
        ["shadow_statements"] = "the latest statement of a shadow by person and thing, until it is taken over or forgotten", ["former_keys"] = "a withdrawal that names an old key must still reach its person", ["identity_claims"] = HoldsNow, ["identity_decisions"] = "what people decided about people, which is never guessed again",
        ["identity_keys"] = HoldsNow, ["identity_parts"] = HoldsNow, ["identity_memberships"] = HoldsNow, ["identity_routes"] = OfConfiguration, ["live_routes"] = OfConfiguration, ["live_guards"] = "two rows per destination and audience", ["policy_versions"] = "one row per text of consent.yaml: what was decided by it is proven by it",
        ["consent_ends"] = OfConfiguration, ["last_successes"] = OfConfiguration, ["identity_proposals"] = "one row per merge that a producer stated, with what became of it: it is not decided twice",
        ["principals"] = "one row per person and program that was ever given a key: the audit log names them", ["api_keys"] = "one row per key, ended ones too: who had one when",
        ["config_versions"] = "one row per configuration that was proposed or applied: what was in force when, and the way back", ["config_active"] = "one row",
        ["approvals"] = "who agreed to what, which is asked for years later", ["audit"] = "kept for ever: that is what it is for", ["audit_head"] = "one row",
        ["opt_out_feeds"] = "one row per destination and feed", ["fact_values"] = "so many values per field and no more (FieldBook)", ["identity_rules"] = "one row", ["audiences"] = OfConfiguration, ["audience_routes"] = OfConfiguration, ["audience_aliases"] = OfConfiguration, ["source_names"] = "one row per name that a source ever had, since the first time that it got another one", ["consent_routes"] = OfConfiguration,
        ["event_routes"] = OfConfiguration, ["destination_audiences"] = OfConfiguration, ["destination_conditions"] = OfConfiguration, ["destination_quotas"] = OfConfiguration, ["leases"] = OfConfiguration,
        ["run_reservations"] = OfConfiguration, ["asked_runs"] = "one row per run that was asked for and does not stand yet, for a week at most", ["read_back_days"] = "one row per destination: that of the day", ["field_marks"] = "one row per destination", 
        ["erasures"] = OfAnErasure, ["erasure_destinations"] = OfAnErasure, ["erasure_rechecks"] = OfAnErasure, ["erasure_counts"] = OfAnErasure,
        ["tombstones"] = "a keyed hash per key of an erased person, who is not taken in again", ["tombstone_keys"] = "one row per secret", ["sealing_keys"] = "one row per key that something is sealed with yet", ["erased_facts"] = "one row per day and type, while erased people are sent",
        ["key_rewrites"] = "one row per table", ["destination_checks"] = "one row per destination", ["watch_turns"] = "one row per duty", ["__EFMigrationsHistory"] = "one row per version", ["__EFMigrationsLock"] = "one row", ["sqlite_sequence"] = "one row per table",
    };

    [Test]
    public async Task Should_be_known_how_it_ends_growing()
    {
        var tables = await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ReadAsync(
                IsPostgres
                    ? "SELECT c.relname FROM pg_class c WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
                    : "SELECT name FROM sqlite_schema WHERE type = 'table'",
                reader => reader.GetString(0),
                CancellationToken.None);
        });
        Assert.That(tables, Has.Count.GreaterThan(30), "the look itself");
        Assert.That(tables.Except([.. _swept, .. _emptied.Keys, .. _kept.Keys]), Is.Empty, "tables that nobody thought about: sweep them (ExpiredRows), or say here why they need not be");
        Assert.That(_kept.Keys.Intersect([.. _swept, .. _emptied.Keys]), Is.Empty);
    }

    [Test]
    public void Should_be_swept_where_it_is_said_to_be()
    {
        var sweeps = File.ReadAllText(Path.Combine(Runbook.Root(), "Hub", "Storage", "Retention", "ExpiredRows.cs"));
        Assert.That(_swept.Where(table => !sweeps.Contains($"\"{table}\"", StringComparison.Ordinal) && !sweeps.Contains($"FROM {table} ", StringComparison.Ordinal)), Is.Empty);
    }
}
