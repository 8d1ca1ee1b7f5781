using System.Data.Common;
using System.Globalization;

namespace IntegrationHub.Storage.Sealing;

/// <summary>A column whose values can be sealed: they are read whole, and nothing looks into them in SQL.</summary>
public sealed record SealedColumn
{
    private readonly int _ids;

    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="isText">False where it holds bytes.</param>
    /// <param name="ids">So many of the first columns of the row hold ids.</param>
    /// <param name="row">Columns that say which row it is.</param>
    private SealedColumn(string table, string column, bool isText, int ids, params string[] row)
    {
        (Table, Column, IsText, Row, _ids) = (table, column, isText, row, ids);
        Place = $"{table}.{column}";
    }

    /// <summary>Facts as they came in. Bound to the id of the event, which the hub knows before the database gives a position, and which stands in the log once.</summary>
    public static SealedColumn FactBody { get; } = new("facts", "body", isText: true, ids: 1, "event_id");

    /// <summary>Calls of webhooks.</summary>
    public static SealedColumn ReceiptBody { get; } = new("webhook_receipts", "body", isText: false, ids: 1, "receipt_id");

    /// <summary>Headers of such calls.</summary>
    public static SealedColumn ReceiptHeaders { get; } = new("webhook_receipts", "headers", isText: true, ids: 1, "receipt_id");

    /// <summary>Facts that were set aside.</summary>
    public static SealedColumn QuarantinedBody { get; } = new("quarantined_facts", "body", isText: false, ids: 1, "quarantine_id");

    /// <summary>Such facts as somebody corrected them.</summary>
    public static SealedColumn QuarantinedCorrection { get; } = new("quarantined_facts", "corrected", isText: false, ids: 1, "quarantine_id");

    /// <summary>Corrections of dead letters.</summary>
    public static SealedColumn LetterChanges { get; } = new("letter_versions", "changes", isText: true, ids: 0, "letter_id", "version");

    /// <summary>What was so before a merge. Bound to the two keys, since the database gives the decision's id.</summary>
    public static SealedColumn DecisionBefore { get; } = new("identity_decisions", "before", isText: true, ids: 0, "key_a", "key_b") { Order = ["decision_id"] };

    /// <summary>What vendors had before backfills wrote. An image of nothing stays in clear: by it the hub finds, in SQL, whom a rollback concerns.</summary>
    public static SealedColumn ImageFields { get; } = new("before_images", "fields", isText: true, ids: 1, "run_id", "destination", "profile_id") { IsJson = true };

    /// <summary>What is known of people.</summary>
    public static SealedColumn ProfileAttributes { get; } = new("profiles", "attributes", isText: true, ids: 0, "profile_id") { IsOfProfiles = true };

    /// <summary>What was stated of them under one group of keys.</summary>
    public static SealedColumn PartAttributes { get; } = new("identity_parts", "attributes", isText: true, ids: 0, "tenant_id", "part_key") { IsOfProfiles = true };

    /// <summary>What the rows of a list say of them, until it is applied.</summary>
    public static SealedColumn RowAttributes { get; } = new("snapshot_rows", "attributes", isText: true, ids: 1, "snapshot_id", "line") { IsOfProfiles = true };

    /// <summary>What shadows state of them: values of attributes. Addresses and numbers among the statements are keys, and memberships are nothing but true or false; both stay in clear.</summary>
    public static SealedColumn ShadowValue { get; } = new("shadow_statements", "value", isText: true, ids: 0, "source", "kind", "name", "subject_key") { IsOfProfiles = true, Where = "kind = 'attribute'" };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SealedColumn> All { get; } = [FactBody, ReceiptBody, ReceiptHeaders, QuarantinedBody, QuarantinedCorrection, LetterChanges, DecisionBefore, ImageFields, ProfileAttributes, PartAttributes, RowAttributes, ShadowValue];

    /// <summary>The table.</summary>
    public string Table { get; }

    /// <summary>The column.</summary>
    public string Column { get; }

    /// <summary>False where it holds bytes.</summary>
    public bool IsText { get; }

    /// <summary>True where the column takes JSON alone: values in clear are objects, and a sealed one is a JSON string. An empty object is never sealed.</summary>
    public bool IsJson { get; private init; }

    /// <summary>
    /// True where the values are JSON of what people are like, which is merged in the process again and again: sealed only where <see cref="SealingKeys.SealsProfiles"/> says so. An empty object is never sealed,
    /// and a value that does not open is carried along as it stands.
    /// </summary>
    public bool IsOfProfiles { get; private init; }

    /// <summary>Which rows hold what is to be sealed, in SQL.</summary>
    internal string Where { get; private init; } = "true";

    /// <summary>By what the rows are gone through, one after the other: by an index, and each once.</summary>
    internal IReadOnlyList<string> Order { get => field ?? Row; private init; }

    /// <summary>Columns that say which row it is.</summary>
    public IReadOnlyList<string> Row { get; }

    /// <summary>Table and column, as people are told of it.</summary>
    public string Place { get; }

    /// <summary>A column by its names, or null.</summary>
    internal static SealedColumn? Find(string table, string column) => All.FirstOrDefault(one => one.Table == table && one.Column == column);

    /// <summary>The column in SQL, as what is compared with texts or bytes.</summary>
    internal string Stored(DbSession session) => IsJson && !session.IsSqlite ? $"CAST({Column} AS text)" : Column;

    /// <summary>A parameter in SQL, as what is written into the column.</summary>
    internal string Written(DbSession session, string parameter) => IsJson && !session.IsSqlite ? $"CAST({parameter} AS jsonb)" : parameter;

    /// <summary>What a row's values are bound to, of columns that stand among those of a reader.</summary>
    internal string RowOf(DbDataReader reader) => Joined(ValuesOf(reader));

    /// <summary>The columns that say which row it is, of a reader.</summary>
    internal object[] ValuesOf(DbDataReader reader) => [.. Row.Select(name => reader.GetOrdinal(name)).Select((ordinal, i) => i < _ids ? reader.GetGuid(ordinal) : reader.GetValue(ordinal))];

    /// <summary>Where a row stands in <see cref="Order"/>, of columns that stand among those of a reader.</summary>
    internal object[] PlaceOf(DbDataReader reader) => ReferenceEquals(Order, Row) ? ValuesOf(reader) : [.. Order.Select(name => reader.GetValue(reader.GetOrdinal(name)))];

    /// <summary>What a row's values are bound to.</summary>
    /// <param name="values">Of <see cref="Row"/>, in its order.</param>
    internal static string Joined(params ReadOnlySpan<object> values)
    {
        var parts = new string[values.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = Convert.ToString(values[i], CultureInfo.InvariantCulture)!;
        }

        return string.Join('\n', parts);
    }
}
