using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Shadows;

/// <summary>
/// What a shadow states of one attribute beside what counts of it where either may be sealed: the rows of <see cref="ShadowSides"/> are opened and compared in the process, one after the other. A value
/// that does not open is another one than any.
/// </summary>
internal sealed class OpenedSides(DbSession session, SealingKeys keys, string source, string name)
{
    /// <summary>Stands for a value that does not open, and for nothing else.</summary>
    private static readonly string _unreadable = new("\"…\"");

    private const string Stated = $"SELECT t.statement_id, t.subject_key, t.profile_id, t.subject_key, t.value, c.attributes, t.stated_at FROM ({ShadowSides.Stated}) t LEFT JOIN profiles c ON c.profile_id = t.profile_id ORDER BY t.statement_id";

    private const string Counting =
        $"""
        SELECT c.profile_id, COALESCE('external_id:' || c.external_id, 'email:' || c.email_key), c.profile_id, o.subject_key, o.value, c.attributes, o.stated_at FROM profiles c
        LEFT JOIN (SELECT t.* FROM ({ShadowSides.Stated}) t WHERE t.profile_id IS NOT NULL) o ON o.profile_id = c.profile_id
        WHERE c.tenant_id = 'default' AND c.person_id IS NULL AND c.attributes <> '{SealingKeys.EmptyJson}' ORDER BY c.profile_id
        """;

    private static readonly string StatedOfPart =
        $"""
        SELECT t.statement_id, t.subject_key, t.profile_id, t.subject_key, t.value, c.attributes, t.stated_at
        FROM ({ShadowSides.Resolved} AND s.statement_id > @after AND s.statement_id <= @up_to) t LEFT JOIN profiles c ON c.profile_id = t.profile_id
        WHERE t.profile_id IS NULL OR t.statement_id = ({ShadowSides.LatestOf("s.statement_id", "t.profile_id")}) ORDER BY t.statement_id
        """;

    private static readonly string CountingOfPart =
        $"""
        SELECT c.profile_id, COALESCE('external_id:' || c.external_id, 'email:' || c.email_key), c.profile_id, o.subject_key, o.value, c.attributes, o.stated_at FROM profiles c
        LEFT JOIN shadow_statements o ON o.statement_id = ({ShadowSides.LatestOf("s.statement_id", "c.profile_id")})
        WHERE c.tenant_id = 'default' AND c.person_id IS NULL AND c.attributes <> '{SealingKeys.EmptyJson}' AND c.profile_id > @after AND c.profile_id <= @up_to ORDER BY c.profile_id
        """;

    /// <summary>Counts how the two stand to each other.</summary>
    public async Task<ShadowCount> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        long? latest = null;
        await foreach (var row in ReadAsync(Stated, cancellationToken))
        {
            latest = row.StatedAt > latest || latest is null ? row.StatedAt : latest;
            counts[row.State] = counts.GetValueOrDefault(row.State) + 1;
        }

        counts[ShadowState.OnlyCounting] = 0;
        await foreach (var row in ReadAsync(Counting, cancellationToken))
        {
            counts[ShadowState.OnlyCounting] += row.State == ShadowState.OnlyCounting ? 1 : 0;
        }

        return new ShadowCount(
            ShadowKind.Attribute, name, counts[ShadowState.OnlyCounting], counts.GetValueOrDefault(ShadowState.OnlyShadow), counts.GetValueOrDefault(ShadowState.Different), counts.GetValueOrDefault(ShadowState.Equal),
            latest is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null);
    }

    /// <summary>Of a part of what a walk goes along, those who stand so to each other, in the order of places.</summary>
    public async Task<List<(long Place, ShadowDifference Person)>> ReadAsync(string state, long after, long upTo, long most, CancellationToken cancellationToken)
    {
        var found = new List<(long, ShadowDifference)>();
        await foreach (var row in ReadAsync(state == ShadowState.OnlyCounting ? CountingOfPart : StatedOfPart, cancellationToken, ("after", after), ("up_to", upTo)))
        {
            if (row.State == state)
            {
                found.Add((row.Place, new ShadowDifference(row.PersonKey, row.ProfileId, row.Here, row.There)));
            }

            if (found.Count >= most)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>What counts of some people, as statements of whoever changes places with the shadow; which statements of the shadow say no otherwise; and of whom something does not open.</summary>
    /// <param name="counted">Whose counted until then.</param>
    /// <param name="people">The keys of the people, as <see cref="JsonRows"/>.</param>
    /// <param name="at">The moment.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<(IReadOnlyList<ShadowStatement> Counting, IReadOnlyList<long> Same, IReadOnlyList<string> Unreadable)> TurnAsync(string counted, string people, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var resolved = $"{ShadowSides.Resolved} AND s.subject_key IN (SELECT r.subject_key FROM {session.Rows(("subject_key", "text"))} r)";
        var (counting, same, unreadable) = (new List<ShadowStatement>(), new List<long>(), new List<string>());
        await foreach (var row in ReadAsync(Stated.Replace(ShadowSides.Stated, resolved, StringComparison.Ordinal), cancellationToken, ("rows", people)))
        {
            if (ReferenceEquals(row.Here, _unreadable) || ReferenceEquals(row.There, _unreadable))
            {
                unreadable.Add(row.PersonKey!);
                continue;
            }

            counting.Add(new ShadowStatement(counted, ShadowKind.Attribute, name, row.PersonKey!, row.Here ?? ShadowStatement.None, at));
            if (row.State is ShadowState.Equal or Nothing)
            {
                same.Add(row.Place);
            }
        }

        return (counting, same, unreadable);
    }

    private async IAsyncEnumerable<Row> ReadAsync(string sql, [EnumeratorCancellation] CancellationToken cancellationToken, params (string, object?)[] parameters)
    {
        await using var command = session.Command(sql, [("source", source), ("kind", ShadowKind.Attribute), ("name", name), .. parameters]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            long? profileId = reader.IsDBNull(2) ? null : reader.GetInt64(2);
            yield return new Row(
                reader.GetInt64(0), reader.TextOrNull(1), profileId,
                profileId is { } id && reader.TextOrNull(5) is { } attributes ? ValueOf(keys.OpenProfile(id, attributes)) : null,
                reader.TextOrNull(3) is { } subject ? Shown(keys.OpenOrKeep(SealedColumn.ShadowValue, ShadowStatement.RowOf(source, ShadowKind.Attribute, name, subject), reader.GetString(4))) : null,
                reader.IsDBNull(6) ? 0 : reader.GetInt64(6));
        }
    }

    private string? ValueOf(string attributesJson)
    {
        if (SealingKeys.IsSealed(attributesJson))
        {
            return _unreadable;
        }

        using var attributes = JsonDocument.Parse(attributesJson);
        return attributes.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : null;
    }

    private static string? Shown(string value) => SealingKeys.IsSealed(value) ? _unreadable : value == ShadowStatement.None ? null : value;

    /// <summary>Neither side says anything.</summary>
    private const string Nothing = "";

    /// <summary>A row, with what either side says as JSON; null for nothing.</summary>
    private sealed record Row(long Place, string? PersonKey, long? ProfileId, string? Here, string? There, long StatedAt)
    {
        /// <summary>See <see cref="ShadowState"/>.</summary>
        public string State { get; } = (Here, There) switch
        {
            (null, null) => Nothing,
            (null, _) => ShadowState.OnlyShadow,
            (_, null) => ShadowState.OnlyCounting,
            _ => AreSame(Here, There) ? ShadowState.Equal : ShadowState.Different,
        };

        private static bool AreSame(string one, string other) =>
            !ReferenceEquals(one, _unreadable) && !ReferenceEquals(other, _unreadable) && (one == other || JsonElement.DeepEquals(JsonElement.Parse(one), JsonElement.Parse(other)));
    }
}
