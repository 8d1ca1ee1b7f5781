namespace IntegrationHub.Storage.Renames;

/// <summary>A column that holds the name of a source, or of the producer that it is, and whose rows go by the new name when it gets another one.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">What else tells its rows apart, where only one may stand under a name: what the two count is added up. Empty where rows may stand side by side.</param>
internal sealed record SourceColumn(string Table, params string[] Key)
{
    /// <summary>The column.</summary>
    public string Name { get; init; } = "producer";

    /// <summary>Which rows, in SQL.</summary>
    public string Where { get; init; } = "true";

    /// <summary>Numbers that are added up where there are rows of both names.</summary>
    public IReadOnlyList<string> Sums { get; init; } = [];

    /// <summary>Instants of which the earlier one counts.</summary>
    public IReadOnlyList<string> Firsts { get; init; } = [];

    /// <summary>Instants of which the later one counts.</summary>
    public IReadOnlyList<string> Lasts { get; init; } = [];

    /// <summary>All of them, in the order in which intake writes them: whoever waits for the other waits there.</summary>
    public static IReadOnlyList<SourceColumn> All { get; } =
    [
        new("webhook_receipts") { Name = "source", Where = "t.state = 'waiting'" },
        new("quarantined_facts"),
        new("shadow_statements", "kind", "name", "subject_key") { Name = "source" },
        new("identity_proposals"),
        new("fact_volumes", "hour", "event_type") { Sums = ["facts", "quarantined"], Lasts = ["last_at"] },
        new("violations", "type", "event_type", "name", "path") { Sums = ["count"], Firsts = ["first_at"], Lasts = ["last_at"] },
        new("fact_fields", "day", "event_type", "path") { Sums = ["facts", "present"] },
        new("fact_values", "event_type", "path", "value") { Sums = ["facts"], Firsts = ["first_at"], Lasts = ["last_at"] },
    ];

    /// <summary>Columns that hold names of sources and keep them, each with the reason. As <c>table.column</c>.</summary>
    public static IReadOnlyDictionary<string, string> Kept { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["source_names.name"] = "the former name itself",
        ["source_names.source"] = "written beside the columns, see SourceNames",
        ["facts.producer"] = "what came in is told by the name of its time, and it is the largest table; whoever chooses facts by a source asks for all its names",
        ["facts.body"] = "what came in, word for word; whoever reads it goes by renames.yaml",
        ["quarantined_facts.body"] = "what came in, word for word; whoever lets it in goes by renames.yaml",
        ["webhook_receipts.body"] = "what came in, word for word; the source stands beside it",
        ["consents.source"] = "where somebody decided, as it was called then: it is evidence, and whose grants count is asked when they come in",
        ["consent_history.source"] = "where somebody decided, as it was called then",
        ["identity_decisions.decided_by"] = "what somebody did, for ever",
        ["backfill_plans.scope"] = "what was asked for: of a replay under way all names that the source had until then",
        ["rebuild_people.changes"] = "of a run under way: while there is one nothing is renamed",
        ["audit.subject"] = "what somebody did, for ever",
        ["alerts.cause"] = "an alert of the former name ends, and one of the new name begins where it is still so",
        ["config_versions.source"] = "where a version came from, which is no source of facts",
        ["config_versions.files"] = "what was in force, for ever",
    };
}
