using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>
/// A list of who agreed or did not, as mail tools and preference centers export it: CSV with a header line, or one JSON object per line. Columns
/// that mean nothing here are left out. What a list does not say itself, the caller says for all of its rows.
/// </summary>
/// <param name="said">What holds for every row that does not say otherwise.</param>
/// <param name="now">The hub's time.</param>
internal sealed class ConsentList(ConsentDefaults said, DateTimeOffset now)
{
    private const int MaxFieldChars = 8 * 1024;
    private const int MaxLineBytes = 256 * 1024;
    private const int MaxPurpose = 64;
    private const int MaxSource = 128;

    private static readonly string[] _email = ["email", "e-mail", "mail", "email address", "email_address", "emailaddress", "e-mail address"];
    private static readonly string[] _id = ["external_id", "external id", "externalid", "user_id", "customer_id"];
    private static readonly string[] _phone = ["phone", "phone number", "phone_number", "phonenumber", "mobile", "mobile phone", "cell", "msisdn"];
    private static readonly string[] _purpose = ["purpose"];
    private static readonly string[] _status = ["status", "consent"];
    private static readonly string[] _decidedAt = ["decided_at", "consent_at", "unsubscribed_at", "unsub_time", "opted_out_at", "withdrawn_at"];

    private static readonly string[] _expiresAt = ["expires_at", "consent_expires_at"];
    private static readonly string[] _legalBasis = ["legal_basis", "lawful_basis"];
    private static readonly string[] _method = ["evidence_method"];
    private static readonly string[] _reference = ["evidence_ref"];
    private static readonly string[] _notice = ["notice", "privacy_notice"];
    private static readonly string[] _noticeVersion = ["notice_version"];
    private static readonly string[] _language = ["notice_language"];

    private static readonly ConsentEvidence _noEvidence = new();

    private readonly string[] _headers =
    [
        .. said.EmailColumn is null ? _email : [said.EmailColumn], .. said.IdColumn is null ? _id : [said.IdColumn], .. _phone, .. _purpose, .. _status, .. _decidedAt,
        .. _expiresAt, .. _legalBasis, .. _method, .. _reference, .. _notice, .. _noticeVersion, .. _language,
    ];

    /// <summary>Reads every row: what it says, or why it says nothing that the hub could keep.</summary>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="fileName">Name for error messages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The file as a whole cannot be read.</exception>
    public async IAsyncEnumerable<(ConsentStatement Statement, SnapshotReject? Reject)> ReadAsync(
        Stream stream, SnapshotFormat format, string fileName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var file = await SnapshotFile.OpenAsync(stream, format, fileName, _headers, cancellationToken);
        if (file.Format == SnapshotFormat.Csv)
        {
            await using var table = await CsvTable.OpenAsync(file, _headers, MaxFieldChars, cancellationToken);
            RequireKeyColumn(table, fileName);
            while (await table.ReadAsync(cancellationToken))
            {
                yield return table.FindDefect() is { } defect ? (default, defect) : Judge(table.Line, name => Text(table, name));
            }

            yield break;
        }

        var lines = new NdjsonLines(file.Utf8, MaxLineBytes);
        while (await lines.ReadAsync(cancellationToken))
        {
            if (lines.IsTooLong || !lines.Current.IsEmpty)
            {
                yield return JudgeLine(lines);
            }
        }
    }

    private (ConsentStatement, SnapshotReject?) JudgeLine(NdjsonLines lines)
    {
        try
        {
            using var json = JsonDocument.Parse(lines.Current);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? Judge(lines.Line, names => Text(json.RootElement, names))
                : (default, new SnapshotReject(lines.Line, "row", "json_not_object", "Write one JSON object per line."));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return (default, new SnapshotReject(lines.Line, "row", lines.IsTooLong ? "line_too_long" : "json_malformed", lines.IsTooLong ? "The line is longer than 256 KiB." : "The line is not valid JSON."));
        }
    }

    private (ConsentStatement, SnapshotReject?) Judge(long line, Func<string[], string?> text)
    {
        var id = NormalKey.OfId(text(said.IdColumn is null ? _id : [said.IdColumn]));
        var email = text(said.EmailColumn is null ? _email : [said.EmailColumn]) is { } address ? AddressText.Bare(address) : null;
        if (email is { Length: > 0 } && (NormalKey.OfEmail(email) is not { } normal || !AddressText.MayBeOne(normal)))
        {
            return Refuse(said.EmailColumn ?? _email[0], "email_malformed", "The field is not one e-mail address. Write one row per address.");
        }

        email = string.IsNullOrEmpty(email) ? null : email;
        string? phone = null;
        if (text(_phone) is { } written && PhoneNumber.ToE164(written, null, out phone) != MappingFailure.None)
        {
            if (id is null && email is null)
            {
                return Refuse(_phone[0], "phone_malformed", "The field is no phone number with its country. Write it as +43 664 1234567.");
            }

            phone = null; // whom the row means is told by its other keys
        }

        if (id is null && email is null && phone is null)
        {
            return Refuse(said.EmailColumn ?? _email[0], "keys_missing", "The row names nobody: it has neither an e-mail address nor an id nor a phone number.");
        }

        if (id?.Length > SnapshotRowBuilder.MaxExternalIdChars || email?.Length > SnapshotRowBuilder.MaxEmailChars)
        {
            return Refuse("row", "key_too_long", "The id or the address is too long.");
        }

        var purpose = text(_purpose)?.Trim() is { Length: > 0 and <= MaxPurpose } named ? named : said.Purpose;
        if (purpose is null)
        {
            return Refuse(_purpose[0], "missing", "The row names no purpose. Add a column purpose, or say one for the whole list.");
        }

        if (!said.KnownPurposes.Contains(purpose))
        {
            return Refuse(_purpose[0], "purpose_unknown", $"The purpose is not in consent.yaml. Known: {string.Join(", ", said.KnownPurposes)}.");
        }

        if (!ConsentSpelling.TryRead(text(_status), out var status))
        {
            return Refuse(_status[0], "consent_unknown", ConsentSpelling.Fix);
        }

        status ??= said.Status;
        if (status is null)
        {
            return Refuse(_status[0], "missing", "The row does not say whether the person agreed. Add a column status, or say one for the whole list.");
        }

        if (status == ConsentWord.Granted && said.MayNotGrant is { } problem)
        {
            return Refuse(_status[0], ConsentAuthority.Refused, problem);
        }

        var time = text(_decidedAt) is { } at && !string.IsNullOrWhiteSpace(at) ? at : said.DecidedAt;
        var denied = status == ConsentWord.Denied;
        var decidedAt = now;
        if (time is null && !denied)
        {
            return Refuse(_decidedAt[0], "missing", "A grant needs the time when the person gave it. Add a column decided_at, or say one for the whole list.");
        }

        if (time is not null && !ConsentTime.TryRead(time, now, denied, out decidedAt))
        {
            if (!denied)
            {
                return Refuse(_decidedAt[0], "time_malformed", ConsentTime.Fix);
            }

            decidedAt = now; // a no counts also where its time cannot be read
        }

        DateTimeOffset? expiresAt = null;
        if (!denied && text(_expiresAt) is { } ending && !string.IsNullOrWhiteSpace(ending))
        {
            if (!ConsentTime.TryRead(ending, DateTimeOffset.MaxValue, denied: false, out var end))
            {
                return Refuse(_expiresAt[0], "time_malformed", ConsentTime.FixOfEnd);
            }

            expiresAt = end;
        }

        string? tooLong = null;
        var basis = Said(_legalBasis, said.LegalBasis, ConsentProofText.MaxWord);
        var evidence = new ConsentEvidence
        {
            Method = Said(_method, said.Evidence?.Method, ConsentProofText.MaxWord),
            Ref = Said(_reference, said.Evidence?.Ref, ConsentProofText.MaxName),
            Notice = Said(_notice, said.Evidence?.Notice, ConsentProofText.MaxName),
            NoticeVersion = Said(_noticeVersion, said.Evidence?.NoticeVersion, ConsentProofText.MaxWord),
            Language = Said(_language, said.Evidence?.Language, ConsentProofText.MaxLanguage),
        };
        if (tooLong is not null && !denied)
        {
            return Refuse(tooLong, "field_too_long", "The text is longer than the ledger keeps. Write a reference to the record of it.");
        }

        var statement = new ConsentStatement(line, id, email, purpose, status, said.Source[..Math.Min(said.Source.Length, MaxSource)], decidedAt)
        {
            Phone = phone, ExpiresAt = expiresAt, LegalBasis = basis, Evidence = evidence == _noEvidence ? null : evidence,
        };
        return (statement, null);

        // A no counts whatever stands beside it.
        string? Said(string[] names, string? ofAll, int most)
        {
            if (text(names)?.Trim() is not { Length: > 0 } ofRow)
            {
                return ofAll;
            }

            tooLong = ofRow.Length > most ? names[0] : tooLong;
            return ofRow.Length > most ? null : ofRow;
        }

        (ConsentStatement, SnapshotReject?) Refuse(string field, string code, string problem) => (default, new SnapshotReject(line, field, code, problem));
    }

    private void RequireKeyColumn(CsvTable table, string fileName)
    {
        if (!(said.EmailColumn is null ? _email : [said.EmailColumn]).Concat(said.IdColumn is null ? _id : [said.IdColumn]).Concat(_phone).Any(name => table.Has(Array.IndexOf(_headers, name))))
        {
            throw new SnapshotFormatException(
                fileName, table.Line, null, "header_missing", "No column holds an e-mail address, an id of the person or a phone number.",
                "Name the column email, external_id or phone, or say which it is with email_column or id_column.");
        }
    }

    private string? Text(CsvTable table, string[] names)
    {
        foreach (var name in names)
        {
            if (Array.IndexOf(_headers, name) is var column && table.Has(column) && !table.Get(column).IsWhiteSpace())
            {
                return table.GetText(column);
            }
        }

        return null;
    }

    private static string? Text(JsonElement row, string[] names)
    {
        foreach (var property in row.EnumerateObject().Where(property => names.Contains(property.Name, StringComparer.OrdinalIgnoreCase)))
        {
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.String when !string.IsNullOrWhiteSpace(property.Value.GetString()):
                    return property.Value.GetString();
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                    return property.Value.GetRawText();
                default:
                    continue;
            }
        }

        return null;
    }
}
