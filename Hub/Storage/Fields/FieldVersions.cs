using System.Data.Common;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Fields;

/// <summary>Vendors' fields with their history: a row per field, and one more for each change of it. The same SQL on both dialects.</summary>
public static class FieldVersions
{
    private const string Columns = "destination, name, seen_at, state, type, length, read_only, was_state, was_type, was_length, was_read_only, is_current";

    /// <summary>Compares a vendor's whole list with what is known, and keeps what is otherwise.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="fields">All fields that the vendor has, by name; at least one.</param>
    /// <param name="now">When they were listed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<FieldNews> NoteAsync(HubDbContext db, string destination, IReadOnlyDictionary<string, FieldShape> fields, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentOutOfRangeException.ThrowIfZero(fields.Count);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var known = (await ListAsync(db, destination, withHistory: false, cancellationToken)).ToDictionary(version => version.Name, version => version.Shape, StringComparer.Ordinal);
        var seen = fields.Where(field => known.GetValueOrDefault(field.Key) != field.Value).Select(field => new FieldVersion(destination, field.Key, now, field.Value, known.GetValueOrDefault(field.Key)));
        var gone = known.Where(field => field.Value.State != FieldState.Gone && !fields.ContainsKey(field.Key)).Select(field => new FieldVersion(destination, field.Key, now, field.Value with { State = FieldState.Gone }, field.Value));
        FieldVersion[] changes = [.. seen, .. gone];
        if (changes.Length > 0)
        {
            await KeepAsync(session, destination, changes, now, cancellationToken);
        }

        return new FieldNews(
            known.Count == 0,
            changes.Count(change => change.Was is null or { State: FieldState.Gone }),
            changes.Count(change => change.Was is not (null or { State: FieldState.Gone }) && change.Shape.State != FieldState.Gone),
            changes.Count(change => change.Shape.State == FieldState.Gone));
    }

    /// <summary>The fields of a destination by name, the latest version of each first.</summary>
    public static async Task<IReadOnlyList<FieldVersion>> ListAsync(HubDbContext db, string destination, bool withHistory, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {Columns} FROM vendor_fields WHERE destination = @destination{(withHistory ? "" : " AND is_current")} ORDER BY name, seen_at DESC", Read, cancellationToken, ("destination", destination));
    }

    /// <summary>Fields of all destinations that are not as they were, as they are now.</summary>
    public static async Task<IReadOnlyList<FieldVersion>> ListChangedAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT {Columns} FROM vendor_fields WHERE is_current AND was_state IS NOT NULL ORDER BY destination, name", Read, cancellationToken);
    }

    private static async Task KeepAsync(DbSession session, string destination, FieldVersion[] changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = JsonRows.Of(changes, (writer, change) =>
        {
            writer.WriteStringValue(change.Name);
            foreach (var shape in new[] { change.Shape, change.Was })
            {
                writer.WriteStringValue(shape?.State);
                writer.WriteStringValue(shape?.Type);
                if (shape?.Length is { } length)
                {
                    writer.WriteNumberValue(length);
                }
                else
                {
                    writer.WriteNullValue();
                }

                writer.WriteNumberValue(shape is { IsReadOnly: true } ? 1 : 0);
            }
        });
        await session.ExecuteAsync(
            $"UPDATE vendor_fields SET is_current = false WHERE destination = @destination AND is_current AND name IN (SELECT r.name FROM {session.Rows(("name", "text"))} r)",
            cancellationToken, ("destination", destination), ("rows", rows));
        await session.ExecuteAsync(
            $"""
            INSERT INTO vendor_fields ({Columns})
            SELECT @destination, r.name, {session.Instant("@now")}, r.state, r.type, r.length, r.read_only = 1, r.was_state, r.was_type, r.was_length, r.was_read_only = 1, true
            FROM {session.Rows(("name", "text"), ("state", "text"), ("type", "text"), ("length", "integer"), ("read_only", "integer"), ("was_state", "text"), ("was_type", "text"), ("was_length", "integer"), ("was_read_only", "integer"))} r WHERE true
            """,
            cancellationToken, ("destination", destination), ("now", now), ("rows", rows));
    }

    private static FieldVersion Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.Time(2), new FieldShape(row.GetString(3), row.GetString(4), LengthOf(row, 5), row.GetBoolean(6)),
        row.IsDBNull(7) ? null : new FieldShape(row.GetString(7), row.GetString(8), LengthOf(row, 9), row.GetBoolean(10)))
    { IsCurrent = row.GetBoolean(11) };

    private static int? LengthOf(DbDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetInt32(ordinal);
}
