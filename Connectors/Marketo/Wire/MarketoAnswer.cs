using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>
/// The vendor's envelope: <c>requestId</c>, <c>success</c>, <c>result</c>, <c>errors</c>, <c>nextPageToken</c>. Success needs
/// <c>success:true</c>; an HTTP status of 200 says nothing. Messages are not kept: they may quote field values.
/// </summary>
internal sealed class MarketoAnswer
{
    public const string Malformed = "malformed_answer";

    /// <summary>A failure that the vendor tells in words alone.</summary>
    public const string NoCode = "error_without_code";

    private static readonly MarketoAnswer Unreadable = Failed(Malformed);

    /// <summary>Null on success, else the vendor's code, <c>http_</c> and the status, or a code of <see cref="MarketoOutcomes"/>.</summary>
    public string? Failure { get; private init; }

    /// <summary>How long the vendor's <c>Retry-After</c> asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Why the hub's gate did not admit the call, or null. Then <see cref="Failure"/> is its code.</summary>
    public DestinationCondition? Refusal { get; private init; }

    /// <summary>True when the call certainly did not reach the vendor.</summary>
    public bool WasNeverSent { get; private init; }

    /// <summary>True when the answer has a <c>result</c>, even an empty one: without it nobody was found is not said.</summary>
    public bool HasResult { get; private init; }

    /// <summary>Elements of <c>result</c> in the order of the answer, which is the order of the input.</summary>
    public IReadOnlyList<AnswerRow> Rows { get; private init; } = [];

    /// <summary>
    /// Where the next page starts, or null on the last: <c>moreResult</c> decides, for some endpoints give a token on every page; where it is not said, an
    /// empty page is the last.
    /// </summary>
    public string? NextPageToken { get; private init; }

    /// <summary>What a reader of its own made of the body, or null.</summary>
    public object? Content { get; private init; }

    public static MarketoAnswer OfContent(object content) => new() { Content = content, HasResult = true };

    public static MarketoAnswer Failed(string code, TimeSpan? retryAfter = null, bool wasNeverSent = false) =>
        new() { Failure = code, RetryAfter = retryAfter, WasNeverSent = wasNeverSent };

    /// <summary>The call was not made: its <see cref="CallClearance"/> was not given.</summary>
    public static MarketoAnswer NotCleared => new() { Failure = "withheld", WasNeverSent = true };

    public static MarketoAnswer NotAdmitted(DestinationCondition refusal) => new() { Failure = refusal.Code, Refusal = refusal, WasNeverSent = true };

    public static MarketoAnswer OfRows(IReadOnlyList<AnswerRow> rows, string? nextPageToken = null) => new() { Rows = rows, HasResult = true, NextPageToken = nextPageToken };

    /// <summary>Reads an envelope.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="textField">Field whose text each row should carry, or null.</param>
    public static MarketoAnswer Parse(ReadOnlySpan<byte> utf8, string? textField = null)
    {
        try
        {
            return ParseEnvelope(utf8, textField);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Unreadable;
        }
    }

    private static MarketoAnswer ParseEnvelope(ReadOnlySpan<byte> utf8, string? textField)
    {
        var reader = new Utf8JsonReader(utf8);
        bool? success = null, more = null;
        string? code = null, token = null;
        List<AnswerRow>? rows = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return Unreadable;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("success"u8))
            {
                reader.Read();
                success = reader.GetBoolean();
            }
            else if (reader.ValueTextEquals("errors"u8))
            {
                reader.Read();
                code = FirstCode(ref reader);
            }
            else if (reader.ValueTextEquals("nextPageToken"u8))
            {
                reader.Read();
                token = reader.GetString();
            }
            else if (reader.ValueTextEquals("moreResult"u8))
            {
                reader.Read();
                more = reader.GetBoolean();
            }
            else if (reader.ValueTextEquals("result"u8))
            {
                reader.Read();
                rows = ReadRows(ref reader, textField);
            }
            else
            {
                reader.Skip();
            }
        }

        return success switch
        {
            true when code is null => new() { Rows = rows ?? [], HasResult = rows is not null, NextPageToken = string.IsNullOrEmpty(token) || !(more ?? rows is { Count: > 0 }) ? null : token },
            false => Failed(code ?? Malformed),
            // Success with errors, or errors without a word about success: nobody says what was done.
            _ => Unreadable,
        };
    }

    private static List<AnswerRow>? ReadRows(ref Utf8JsonReader reader, string? textField)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        var rows = new List<AnswerRow>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            rows.Add(reader.TokenType == JsonTokenType.StartObject ? ReadRow(ref reader, textField) : throw new JsonException());
        }

        return rows;
    }

    private static AnswerRow ReadRow(ref Utf8JsonReader reader, string? textField)
    {
        long id = 0;
        var status = RowStatus.None;
        string? reason = null, text = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = Id(ref reader);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                status = Status(ref reader);
            }
            else if (reader.ValueTextEquals("reasons"u8) || reader.ValueTextEquals("errors"u8) || reader.ValueTextEquals("reason"u8))
            {
                reader.Read();
                reason ??= FirstCode(ref reader);
            }
            else if (textField is not null && reader.ValueTextEquals(textField))
            {
                reader.Read();
                text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        return new(id, status, reason, text);
    }

    private static RowStatus Status(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? RowStatus.None
        : reader.ValueTextEquals("updated"u8) ? RowStatus.Updated
        : reader.ValueTextEquals("created"u8) ? RowStatus.Created
        : reader.ValueTextEquals("added"u8) ? RowStatus.Added
        : reader.ValueTextEquals("removed"u8) ? RowStatus.Removed
        : reader.ValueTextEquals("skipped"u8) ? RowStatus.Skipped
        : reader.ValueTextEquals("memberof"u8) ? RowStatus.MemberOf
        : reader.ValueTextEquals("notmemberof"u8) ? RowStatus.NotMemberOf
        : reader.ValueTextEquals("deleted"u8) ? RowStatus.Deleted
        : RowStatus.Other;

    /// <summary>An id, also where it comes as text; 0 where it is none, as a name that is not an id has to be.</summary>
    private static long Id(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.GetInt64();
        }

        var id = reader.TokenType == JsonTokenType.String && long.TryParse(reader.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0;
        reader.Skip();
        return id;
    }

    /// <summary>
    /// Codes are strings in errors and reasons; a number is read as well. The Swagger file knows a single reason, which is an object and no
    /// array. A failure without a code is <see cref="NoCode"/>.
    /// </summary>
    private static string? FirstCode(ref Utf8JsonReader reader)
    {
        string? first = null;
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            reader.Skip();
            return null;
        }

        var depth = reader.CurrentDepth;
        var isEmpty = true;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            isEmpty = false;
            if (first is null && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("code"u8))
            {
                reader.Read();
                first = reader.TokenType == JsonTokenType.Number ? $"{reader.GetInt64()}" : reader.GetString();
            }
        }

        return first ?? (isEmpty ? null : NoCode);
    }
}
