namespace IntegrationHub.Storage.Renames;

/// <summary>A column that holds the name of an audience, and whose rows go by the new name when it gets another one.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">What else tells its rows apart, where only one may stand under a name: of two the old name's goes, unless <paramref name="Later"/> says which counts. Empty where rows may stand side by side.</param>
internal sealed record AudienceColumn(string Table, params string[] Key)
{
    private const string LaterMembership = "o.occurred_at > t.occurred_at OR (o.occurred_at = t.occurred_at AND o.is_member AND NOT t.is_member)";

    /// <summary>The column.</summary>
    public string Name { get; init; } = "audience";

    /// <summary>Which rows, in SQL.</summary>
    public string Where { get; init; } = "true";

    /// <summary>In SQL, where both names may have been stated of one thing: the row <c>o</c> counts and not <c>t</c>. Null where what stands under the new name already counts.</summary>
    public string? Later { get; init; }

    /// <summary>All of them. Who is under a name that somebody states before its file is there (memberships, shadows) is joined; else nothing stands under the new name (<see cref="AudienceRenaming"/>).</summary>
    public static IReadOnlyList<AudienceColumn> All { get; } =
    [
        new("audiences"),
        new("memberships", "profile_id") { Later = LaterMembership },
        new("identity_memberships", "profile_id") { Later = LaterMembership },
        new("shadow_statements", "source", "kind", "subject_key") { Name = "name", Where = "t.kind = 'audience'", Later = "o.stated_at > t.stated_at" },
        new("audience_changes", "destination", "profile_id"),
        new("destination_audiences"),
        new("destination_members"),
        new("deliveries"),
        new("dead_letters"),
        new("bulk_jobs"),
        new("live_guards", "destination", "operation"),
        new("match_rates", "destination", "at"),
        new("run_reservations", "destination"),
        new("audience_syncs"),
        new("backfill_runs"),
        new("reconciliations"),
        new("run_plans"),
        new("snapshots"),
    ];

    /// <summary>Columns that hold names of audiences and keep them, each with the reason. As <c>table.column</c>.</summary>
    public static IReadOnlyDictionary<string, string> Kept { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["audience_aliases.alias"] = "the former name itself",
        ["audience_aliases.audience"] = "made of the configuration in the same transaction",
        ["audience_routes.audience"] = "made of the configuration in the same transaction",
        ["live_routes.audience"] = "made of the configuration in the same transaction",
        ["outcomes.audience"] = "what happened is told by the name of its time; nothing is decided by it, and it is the largest table",
        ["facts.body"] = "what came in, word for word; whoever applies it goes by the aliases",
        ["quarantined_facts.body"] = "what came in, word for word; whoever applies it goes by the aliases",
        ["webhook_receipts.body"] = "what came in, word for word; whoever applies it goes by the aliases",
        ["asked_runs.body"] = "a command that becomes a run in a moment: while there is one nothing is renamed",
        ["backfill_plans.scope"] = "what was asked for, of runs that are over: while there is another one nothing is renamed",
        ["rebuild_people.changes"] = "of a run under way: while there is one nothing is renamed",
        ["alerts.cause"] = "an alert of the former name ends, and one of the new name begins where it is still so",
        ["canary_trips.findings"] = "what was found then",
        ["audit.subject"] = "what somebody did, for ever",
        ["config_versions.files"] = "what was in force, for ever",
        ["consents.source"] = "list:AUDIENCE as the list was called when it was stated; whose grants count is asked when they come in",
        ["consent_history.source"] = "list:AUDIENCE as the list was called when it was stated",
    };
}
