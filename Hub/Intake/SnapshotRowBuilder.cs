using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake;

/// <summary>Puts a row of a snapshot together, column by column, with one reused buffer. Not thread-safe.</summary>
internal sealed class SnapshotRowBuilder : IDisposable
{
    /// <summary>Header of the column that a delta snapshot may have.</summary>
    public const string IsMemberHeader = "is_member";

    /// <summary>Longest id of a person in characters; vendors and indexes take no longer ones.</summary>
    public const int MaxExternalIdChars = 256;

    /// <summary>Longest e-mail address in characters.</summary>
    public const int MaxEmailChars = 320;

    /// <summary>Longest phone number in characters.</summary>
    public const int MaxPhoneChars = 64;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly HashSet<string> _totals = new(["total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme", "insgesamt", "totale", "total général", "suma"], StringComparer.OrdinalIgnoreCase);

    private readonly SnapshotColumn[] _columns;
    private readonly JsonEncodedText[] _names;
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;
    private readonly string? _country;
    private long _line;
    private string? _externalId;
    private string? _email;
    private string? _phone;
    private bool _isMember;
    private readonly string?[] _consents;
    private readonly string _source;
    private readonly DateTimeOffset _now;
    private string? _consentAt;
    private SnapshotReject? _reject;

    /// <param name="columns">The columns of the audience.</param>
    /// <param name="country">Country of phone numbers that name none, or null.</param>
    /// <param name="source">Where what it says of consent was taken.</param>
    /// <param name="now">The time of the file.</param>
    public SnapshotRowBuilder(IReadOnlyList<SnapshotColumn> columns, string? country, string source, DateTimeOffset now)
    {
        (_country, _source, _now) = (country, source, now);
        _columns = [.. columns];
        _consents = new string?[_columns.Length];
        _names = [.. columns.Select(static c => JsonEncodedText.Encode(c.Attribute ?? c.Header, JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
        _writer = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>Begins a row.</summary>
    public void Begin(long line)
    {
        _line = line;
        (_externalId, _email, _phone) = (null, null, null);
        _isMember = true;
        _consentAt = null;
        _consents.AsSpan().Clear();
        _reject = null;
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
    }

    /// <summary>Sets a column from text; blank text says that there is no value.</summary>
    public void SetText(int column, ReadOnlySpan<char> text)
    {
        var role = _columns[column].Role;
        if (role == ColumnRole.Attribute)
        {
            if (text.IsWhiteSpace())
            {
                _writer.WriteNull(_names[column]);
            }
            else
            {
                _writer.WriteString(_names[column], text);
            }
        }
        else if (role == ColumnRole.Consent)
        {
            if (!ConsentSpelling.TryRead(text, out _consents[column]))
            {
                Reject(_columns[column].Header, "consent_unknown", ConsentSpelling.Fix);
            }
        }
        else if (role == ColumnRole.ConsentTime)
        {
            _consentAt = text.IsWhiteSpace() ? null : text.ToString();
        }
        else if (role != ColumnRole.Ignored)
        {
            SetKey(column, role, text.ToString());
        }
    }

    /// <inheritdoc cref="SetText(int,ReadOnlySpan{char})" />
    public void SetText(int column, ReadOnlySpan<byte> text)
    {
        if (_columns[column].Role == ColumnRole.Attribute && text.IndexOfAnyExcept((byte)' ') is var at && at >= 0 && text[at] is > (byte)' ' and < 0x80)
        {
            _writer.WriteString(_names[column], text);
        }
        else
        {
            SetText(column, Encoding.UTF8.GetString(text).AsSpan());
        }
    }

    /// <summary>Sets a column from a JSON number in its own spelling.</summary>
    public void SetNumber(int column, ReadOnlySpan<byte> number)
    {
        if (_columns[column].Role == ColumnRole.Attribute)
        {
            _writer.WritePropertyName(_names[column]);
            _writer.WriteRawValue(number, skipInputValidation: true);
        }
        else if (_columns[column].Role == ColumnRole.ExternalId)
        {
            SetText(column, IdOf(number).AsSpan());
        }
        else
        {
            SetText(column, number);
        }
    }

    /// <summary>An id that came as a JSON number: a whole one is its digits, however it is spelled (<c>12345.0</c>).</summary>
    public static string IdOf(ReadOnlySpan<byte> number)
    {
        var spelled = Encoding.UTF8.GetString(number);
        return number.ContainsAny("."u8[0], "e"u8[0], "E"u8[0]) && NumberText.TryRead(spelled, '.', out var whole) && whole == decimal.Truncate(whole)
            ? decimal.Truncate(whole).ToString(CultureInfo.InvariantCulture)
            : spelled;
    }

    /// <summary>Sets a column from a JSON truth value.</summary>
    public void SetBoolean(int column, bool value)
    {
        if (_columns[column].Role == ColumnRole.Attribute)
        {
            _writer.WriteBoolean(_names[column], value);
        }
        else
        {
            SetText(column, value ? "true"u8 : "false"u8);
        }
    }

    /// <summary>Says that a column has no value.</summary>
    public void SetNull(int column) => SetText(column, ReadOnlySpan<char>.Empty);

    /// <summary>Sets whether the person is a member; blank means yes.</summary>
    public void SetIsMember(ReadOnlySpan<byte> text) => SetIsMember(Encoding.UTF8.GetString(text).AsSpan());

    /// <inheritdoc cref="SetIsMember(ReadOnlySpan{byte})" />
    public void SetIsMember(ReadOnlySpan<char> text)
    {
        var word = text.Trim().ToString().ToLowerInvariant();
        if (word is "true" or "1" or "yes" or "y" or "")
        {
            _isMember = true;
        }
        else if (word is "false" or "0" or "no" or "n")
        {
            _isMember = false;
        }
        else
        {
            Reject(IsMemberHeader, "is_member_malformed", "Write true or false.");
        }
    }

    /// <summary>Rejects the row; the first reason counts.</summary>
    public void Reject(string field, string code, string problem) => _reject ??= new SnapshotReject(_line, field, code, problem);

    /// <summary>Ends the row.</summary>
    public SnapshotRow Finish()
    {
        if (_externalId is null)
        {
            var column = Array.Find(_columns, static c => c.Role == ColumnRole.ExternalId);
            Reject(column?.Header ?? "external_id", "external_id_missing", "The row has no id of the person.");
        }

        var consents = Consents();
        if (_reject is not null)
        {
            consents?.RemoveAll(static consent => consent.Status != ConsentWord.Denied);
            return new SnapshotRow(default, _externalId is null ? _reject : _reject with { ExternalIds = [_externalId] }, consents);
        }

        _writer.WriteEndObject();
        _writer.Flush();
        return new SnapshotRow(new StagedMember(_line, _externalId!, _email, _phone, Encoding.UTF8.GetString(_buffer.WrittenSpan), _isMember), null, consents);
    }

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();

    /// <summary>A word that reports write in place of an id in their last line.</summary>
    private static bool IsOfTotals(string id) => _totals.Contains(id.AsSpan().TrimEnd(':').TrimEnd().ToString());

    /// <summary>A no counts even where its time cannot be read, from now on.</summary>
    private List<ConsentStatement>? Consents()
    {
        List<ConsentStatement>? statements = null;
        for (var column = 0; column < _consents.Length; column++)
        {
            if (_consents[column] is not { } status)
            {
                continue;
            }

            var denied = status == ConsentWord.Denied;
            var at = _now;
            if (_consentAt is not null && !ConsentTime.TryRead(_consentAt, _now, denied, out at))
            {
                at = _now;
                Reject(Array.Find(_columns, static c => c.Role == ColumnRole.ConsentTime)!.Header, "time_malformed", ConsentTime.Fix);
            }

            if (_externalId is not null || NormalKey.OfEmail(_email) is not null)
            {
                (statements ??= []).Add(new ConsentStatement(_line, _externalId, NormalKey.OfEmail(_email) is null ? null : _email, _columns[column].Attribute!, status, _source, denied ? at : ListedConsents.BeforeAnyDecision));
            }
        }

        return statements;
    }

    private void SetKey(int column, ColumnRole role, string text)
    {
        // The address stays as collected, for its capitals; the ledger keeps its normal form beside it.
        var value = role switch
        {
            ColumnRole.ExternalId => NormalKey.OfId(text) ?? "",
            ColumnRole.Email => AddressText.Bare(text)!,
            _ => InvisibleText.Trim(text).ToString(),
        };
        if (SpoiltId.SaysNothing(value) || (value.Length == 0 && role == ColumnRole.ExternalId))
        {
            return;
        }

        if (role == ColumnRole.ExternalId && SpoiltId.IsRounded(value))
        {
            Reject(_columns[column].Header, "external_id_rounded", "A spreadsheet has rounded the id, so that it may be anybody's. Format the column as text before the export.");
            return;
        }

        var max = role switch
        {
            ColumnRole.ExternalId => MaxExternalIdChars,
            ColumnRole.Email => MaxEmailChars,
            _ => MaxPhoneChars,
        };
        if (value.Length > max)
        {
            Reject(_columns[column].Header, "key_too_long", $"The field is longer than {max} characters.");
            return;
        }

        switch (role)
        {
            case ColumnRole.ExternalId when IsOfTotals(value):
                Reject(_columns[column].Header, "totals_row", "The row looks like the totals below a list and not like a person. Leave it out.");
                _externalId = value; // nobody's: no removal has to wait for it
                break;
            case ColumnRole.ExternalId:
                _externalId = value;
                break;
            case ColumnRole.Email:
                _email = value;
                break;
            default:
                _phone = _country is not null && PhoneNumber.ToE164(value, _country, out var number) == MappingFailure.None ? number : value;
                break;
        }
    }
}
