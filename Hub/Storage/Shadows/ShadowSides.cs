using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntegrationHub.Storage.Shadows;

/// <summary>
/// What a shadow states of one thing beside what counts of it, in SQL. Whom a statement is about is asked when the two are compared and written down nowhere, so that it is right also for who
/// became known, was merged or was erased since: a primary key is a person unless it is blocked, any other key is whoever holds it, and a contested key is nobody's.
/// </summary>
internal sealed class ShadowSides(DbSession session, string kind)
{
    private static readonly JsonSerializerOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Joins whom the key <c>s.subject_key</c> is about, as <c>p</c> or <c>a</c>.</summary>
    public const string JoinPerson =
        """
        LEFT JOIN identity_keys k ON k.tenant_id = 'default' AND k.person_key = s.subject_key
        LEFT JOIN profiles p ON p.tenant_id = 'default' AND p.external_id = CASE
            WHEN k.state = 'held' AND k.person LIKE 'external_id:%' THEN substr(k.person, 13)
            WHEN k.state IS NULL AND s.subject_key LIKE 'external_id:%' THEN substr(s.subject_key, 13) END
        LEFT JOIN profiles a ON a.profile_id = CASE WHEN k.state = 'held' AND k.person NOT LIKE 'external_id:%' THEN k.profile_id END
        """;

    /// <summary>The statements with the profile of whom they are about, null for nobody who is known. A condition may follow.</summary>
    public const string Resolved =
        $"""
        SELECT s.statement_id, s.kind, s.name, s.subject_key, s.value, s.stated_at, COALESCE(p.person_id, p.profile_id, a.person_id, a.profile_id) AS profile_id FROM shadow_statements s
        {JoinPerson}
        WHERE s.source = @source AND s.kind = @kind AND s.name = @name
        """;

    /// <summary>Of each person the latest statement, as rows of <see cref="Resolved"/>: somebody may be named by two keys.</summary>
    public const string Stated =
        $"""
        SELECT q.* FROM (
            SELECT r.*, row_number() OVER (PARTITION BY r.profile_id, CASE WHEN r.profile_id IS NULL THEN r.subject_key END ORDER BY r.stated_at DESC, r.statement_id DESC) AS place
            FROM ({Resolved}) r) q
        WHERE q.place = 1
        """;

    /// <summary>Of one person the latest statement, or nothing: asked by the keys that the person may have, and each asked back whether it is still about the person.</summary>
    /// <param name="what">What of it, of the row <c>s</c>.</param>
    /// <param name="person">The profile of the person, as the query around knows it.</param>
    public static string LatestOf(string what, string person) =>
        $"""
        SELECT {what} FROM (
            SELECT 'external_id:' || m.external_id AS person_key FROM profiles m WHERE m.profile_id = {person}
            UNION ALL SELECT 'external_id:' || m.external_id FROM profiles m WHERE m.person_id = {person}
            UNION ALL SELECT g.person_key FROM profiles m JOIN identity_keys g ON g.tenant_id = 'default' AND g.person = 'external_id:' || m.external_id AND g.state = 'held' WHERE m.profile_id = {person}
            UNION ALL SELECT g.person_key FROM profiles m JOIN identity_keys g ON g.tenant_id = 'default' AND g.person = 'external_id:' || m.external_id AND g.state = 'held' WHERE m.person_id = {person}
            UNION ALL SELECT g.person_key FROM identity_keys g WHERE g.profile_id = {person} AND g.state = 'held'
            UNION ALL SELECT g.person_key FROM profiles m JOIN identity_keys g ON g.profile_id = m.profile_id AND g.state = 'held' WHERE m.person_id = {person}) y
        JOIN shadow_statements s ON s.source = @source AND s.kind = @kind AND s.name = @name AND s.subject_key = y.person_key
        {JoinPerson}
        WHERE COALESCE(p.person_id, p.profile_id, a.person_id, a.profile_id) = {person} ORDER BY s.stated_at DESC, s.statement_id DESC LIMIT 1
        """;

    /// <summary>What counts, of the joined row: JSON, or null for nothing.</summary>
    public string Here => (kind, session.IsSqlite) switch
    {
        (ShadowKind.Audience, true) => "CASE WHEN m.is_member THEN 'true' END",
        (ShadowKind.Audience, false) => "CASE WHEN m.is_member THEN CAST('true' AS jsonb) END",
        (ShadowKind.Key, true) => "(CASE @name WHEN 'email' THEN CASE WHEN c.email IS NOT NULL THEN json_quote(c.email) END WHEN 'phone' THEN CASE WHEN c.phone IS NOT NULL THEN json_quote(c.phone) END END)",
        (ShadowKind.Key, false) => "to_jsonb(CASE CAST(@name AS text) WHEN 'email' THEN c.email WHEN 'phone' THEN c.phone END)",
        (_, true) => "NULLIF(c.attributes -> @path, 'null')",
        _ => "NULLIF(CAST(c.attributes AS jsonb) -> CAST(@name AS text), CAST('null' AS jsonb))",
    };

    /// <summary>What the shadow states, of the row: JSON, or null for nothing.</summary>
    public string There
    {
        get
        {
            var value = session.IsSqlite ? "NULLIF(t.value, 'null')" : "NULLIF(CAST(t.value AS jsonb), CAST('null' AS jsonb))";
            return kind != ShadowKind.Audience ? value : session.IsSqlite ? $"NULLIF({value}, 'false')" : $"NULLIF({value}, CAST('false' AS jsonb))";
        }
    }

    /// <summary>Joins what counts to a row that knows its profile.</summary>
    public string JoinHere => kind == ShadowKind.Audience
        ? "LEFT JOIN profiles c ON c.profile_id = t.profile_id LEFT JOIN memberships m ON m.audience = @name AND m.profile_id = t.profile_id"
        : "LEFT JOIN profiles c ON c.profile_id = t.profile_id";

    /// <summary>Everything that counts: profile, its keys, and the value as <c>here</c>.</summary>
    public string AllHere => kind == ShadowKind.Audience
        ? $"SELECT c.profile_id, c.external_id, c.email_key, {Here} AS here FROM memberships m JOIN profiles c ON c.profile_id = m.profile_id WHERE m.audience = @name AND m.is_member AND c.person_id IS NULL"
        : $"SELECT c.profile_id, c.external_id, c.email_key, {Here} AS here FROM profiles c WHERE c.tenant_id = 'default' AND c.person_id IS NULL AND {Here} IS NOT NULL";

    /// <summary>Ends a query whose values are asked for more than once: each is made once a row, for JSON costs more to read than all the rest.</summary>
    public string Once => session.IsSqlite ? "LIMIT -1" : "OFFSET 0";

    /// <summary>Both sides say the same.</summary>
    public string IsSame => session.IsSqlite ? "json_type(here) = json_type(there) AND json_extract(here, '$') = json_extract(there, '$')" : "here = there";

    /// <summary>A value of either side as text.</summary>
    public static string TextOf(string value) => $"CAST({value} AS text)";

    /// <summary>Where an attribute stands, as SQLite takes it: a name is written as in JSON, whatever characters it has.</summary>
    private static string PathOf(string name) => "$." + JsonSerializer.Serialize(name, _relaxed);

    /// <summary>The parameters of all of these.</summary>
    public (string, object?)[] Parameters(string source, string name) =>
        session.IsSqlite && kind == ShadowKind.Attribute
            ? [("source", source), ("kind", kind), ("name", name), ("path", PathOf(name))]
            : [("source", source), ("kind", kind), ("name", name)];
}
