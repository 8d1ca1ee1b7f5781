namespace IntegrationHub.Storage.Shadows;

/// <summary>What a walk goes along, in SQL: the statements of a shadow by their number, or what counts by its profile, with the condition of who is looked for.</summary>
internal sealed class ShadowRoad
{
    private readonly DbSession _session;
    private readonly string _ends;
    private readonly string _rows;
    private readonly (string, object?)[] _parameters;

    public ShadowRoad(DbSession session, string source, string kind, string name, string state)
    {
        var sides = new ShadowSides(session, kind);
        (_session, _parameters) = (session, sides.Parameters(source, name));
        (_ends, _rows) = state == ShadowState.OnlyCounting ? OfWhatCounts(sides, kind) : OfStatements(sides, state);
    }

    /// <summary>The last place of the next part; null when nothing follows.</summary>
    public async Task<long?> EndOfPartAsync(long after, int rows, CancellationToken cancellationToken) =>
        await _session.ScalarAsync($"SELECT max(e.place) FROM ({_ends} LIMIT @rows) e", cancellationToken, [.. _parameters, ("after", after), ("rows", (long)rows)]) as long?;

    /// <summary>Who is found in a part, in the order of places.</summary>
    public Task<List<(long Place, ShadowDifference Person)>> ReadAsync(long after, long upTo, int most, CancellationToken cancellationToken) => _session.ReadAsync(
        $"SELECT d.place, d.person_key, d.profile_id, {ShadowSides.TextOf("d.here")}, {ShadowSides.TextOf("d.there")} FROM ({_rows}) d ORDER BY d.place LIMIT @most",
        row => (row.GetInt64(0), new ShadowDifference(row.TextOrNull(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.TextOrNull(3), row.TextOrNull(4))),
        cancellationToken, [.. _parameters, ("after", after), ("up_to", upTo), ("most", (long)most)]);

    /// <summary>How many are found in a part.</summary>
    public async Task<long> CountAsync(long after, long upTo, long most, CancellationToken cancellationToken) =>
        (long)(await _session.ScalarAsync($"SELECT count(*) FROM (SELECT 1 FROM ({_rows}) d LIMIT @most) c", cancellationToken, [.. _parameters, ("after", after), ("up_to", upTo), ("most", most)]))!;

    private static (string Ends, string Rows) OfStatements(ShadowSides sides, string state)
    {
        var wanted = state switch
        {
            ShadowState.OnlyShadow => "b.here IS NULL",
            ShadowState.Different => $"b.here IS NOT NULL AND NOT ({sides.IsSame})",
            _ => $"b.here IS NOT NULL AND {sides.IsSame}",
        };
        return (
            "SELECT s.statement_id AS place FROM shadow_statements s WHERE s.source = @source AND s.kind = @kind AND s.name = @name AND s.statement_id > @after ORDER BY s.statement_id",
            $"""
            SELECT b.* FROM (
                SELECT t.statement_id AS place, t.subject_key AS person_key, t.profile_id, {sides.Here} AS here, {sides.There} AS there
                FROM ({ShadowSides.Resolved} AND s.statement_id > @after AND s.statement_id <= @up_to) t {sides.JoinHere} {sides.Once}) b
            WHERE b.there IS NOT NULL AND {wanted} AND (b.profile_id IS NULL OR b.place = ({ShadowSides.LatestOf("s.statement_id", "b.profile_id")}))
            """);
    }

    private static (string Ends, string Rows) OfWhatCounts(ShadowSides sides, string kind) => (
        kind == ShadowKind.Audience
            ? "SELECT m.profile_id AS place FROM memberships m WHERE m.audience = @name AND m.profile_id > @after ORDER BY m.profile_id"
            : "SELECT c.profile_id AS place FROM profiles c WHERE c.profile_id > @after ORDER BY c.profile_id",
        $"""
        SELECT h.profile_id AS place, COALESCE('external_id:' || h.external_id, 'email:' || h.email_key) AS person_key, h.profile_id, h.here, NULL AS there
        FROM ({sides.AllHere} AND {(kind == ShadowKind.Audience ? "m" : "c")}.profile_id > @after AND {(kind == ShadowKind.Audience ? "m" : "c")}.profile_id <= @up_to) h
        WHERE ({ShadowSides.LatestOf(sides.There.Replace("t.value", "s.value", StringComparison.Ordinal), "h.profile_id")}) IS NULL
        """);
}
