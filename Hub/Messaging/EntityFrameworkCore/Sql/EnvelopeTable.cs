using System.Data.Common;
using System.Globalization;
using System.Text;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>Writes and reads the columns that every stored envelope has.</summary>
internal static class EnvelopeTable
{
    /// <summary>Rows of one insert statement; more go into further statements of the same batch.</summary>
    public const int RowsPerInsert = 100;

    private static readonly string[] _properties =
    [
        nameof(StoredEnvelope.SentTime), nameof(StoredEnvelope.Headers), nameof(StoredEnvelope.Properties), nameof(StoredEnvelope.MessageId),
        nameof(StoredEnvelope.ContentType), nameof(StoredEnvelope.MessageType), nameof(StoredEnvelope.Body),
        nameof(StoredEnvelope.ConversationId), nameof(StoredEnvelope.CorrelationId), nameof(StoredEnvelope.InitiatorId),
        nameof(StoredEnvelope.RequestId), nameof(StoredEnvelope.SourceAddress), nameof(StoredEnvelope.DestinationAddress),
        nameof(StoredEnvelope.ResponseAddress), nameof(StoredEnvelope.FaultAddress), nameof(StoredEnvelope.ExpirationTime),
    ];

    /// <summary>The envelope's columns of <paramref name="table"/>, in reading order, after the given own columns.</summary>
    public static string Columns(TableMap table, string alias, params string[] own) =>
        string.Join(", ", own.Concat(_properties).Select(x => $"{alias}{table[x]}"));

    /// <summary>The text before the values of an insert.</summary>
    public static string InsertInto(TableMap table, params string[] own) => $"INSERT INTO {table.Name} ({Columns(table, "", own)}) VALUES ";

    /// <summary>Placeholder rows for <paramref name="rows"/> envelopes.</summary>
    public static string Placeholders(int rows, int ownColumns)
    {
        var columns = ownColumns + _properties.Length;
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            text.Append(row == 0 ? "(" : ", (");
            for (var column = 1; column <= columns; column++)
                text.Append(CultureInfo.InvariantCulture, $"{(column == 1 ? "" : ", ")}${(row * columns) + column}");
            text.Append(')');
        }

        return text.ToString();
    }

    public static void AddArguments(List<Argument> arguments, StoredEnvelope x) => arguments.AddRange(
    [
        x.SentTime, x.Headers, x.Properties, x.MessageId, x.ContentType, x.MessageType, x.Body, x.ConversationId, x.CorrelationId,
        x.InitiatorId, x.RequestId, x.SourceAddress, x.DestinationAddress, x.ResponseAddress, x.FaultAddress, x.ExpirationTime,
    ]);

    public static void Read(DbDataReader reader, int first, StoredEnvelope x)
    {
        x.SentTime = Time(reader, first)!.Value;
        x.Headers = Text(reader, first + 1);
        x.Properties = Text(reader, first + 2);
        x.MessageId = reader.GetGuid(first + 3);
        x.ContentType = reader.GetString(first + 4);
        x.MessageType = reader.GetString(first + 5);
        x.Body = reader.GetString(first + 6);
        x.ConversationId = Id(reader, first + 7);
        x.CorrelationId = Id(reader, first + 8);
        x.InitiatorId = Id(reader, first + 9);
        x.RequestId = Id(reader, first + 10);
        x.SourceAddress = Address(reader, first + 11);
        x.DestinationAddress = Address(reader, first + 12);
        x.ResponseAddress = Address(reader, first + 13);
        x.FaultAddress = Address(reader, first + 14);
        x.ExpirationTime = Time(reader, first + 15);
    }

    public static DateTime? Time(DbDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : DateTime.SpecifyKind(reader.GetDateTime(ordinal), DateTimeKind.Utc);

    private static Guid? Id(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetGuid(ordinal);

    private static string? Text(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    private static Uri? Address(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : new Uri(reader.GetString(ordinal));
}
