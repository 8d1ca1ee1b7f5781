using System.Globalization;
using System.Runtime.CompilerServices;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Demo;

/// <summary>Streams the two contact files that come beside the customers.</summary>
internal static class ContactFileReader
{
    /// <summary>Purpose of the shop's own promotions.</summary>
    public const string EmailMarketing = "email_marketing";

    /// <summary>Purpose of promotions by the shop's partners.</summary>
    public const string PartnerSharing = "partner_sharing";

    private const string EmailHeader = "EmailAddress";
    private const string PromotionHeader = "EmailPromotion";
    private const string ModifiedHeader = "ModifiedDate";
    private const string PhoneHeader = "PhoneNumber";

    /// <summary>
    /// Reads <c>EmailAddress,EmailPromotion,ModifiedDate</c>: 0 denies both purposes, 1 grants e-mail marketing only, 2 grants both. Whoever is
    /// not in the file stays unknown.
    /// </summary>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="fileName">Name for error messages; also the source of the consents.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The file as a whole cannot be read; thrown by the enumeration.</exception>
    public static async IAsyncEnumerable<ContactPreference> ReadPreferencesAsync(
        Stream stream, string fileName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] headers = [EmailHeader, PromotionHeader, ModifiedHeader];
        using var file = await SnapshotFile.OpenAsync(stream, SnapshotFormat.Csv, fileName, headers, cancellationToken);
        await using var table = await OpenAsync(file, headers, cancellationToken);
        while (await table.ReadAsync(cancellationToken))
        {
            yield return table.FindDefect() is { } defect ? RejectedPreference(defect) : ReadPreference(table, fileName);
        }
    }

    /// <summary>Reads <c>EmailAddress,PhoneNumber</c>.</summary>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="fileName">Name for error messages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The file as a whole cannot be read; thrown by the enumeration.</exception>
    public static async IAsyncEnumerable<PhoneEntry> ReadPhonesAsync(
        Stream stream, string fileName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] headers = [EmailHeader, PhoneHeader];
        using var file = await SnapshotFile.OpenAsync(stream, SnapshotFormat.Csv, fileName, headers, cancellationToken);
        await using var table = await OpenAsync(file, headers, cancellationToken);
        while (await table.ReadAsync(cancellationToken))
        {
            yield return table.FindDefect() is { } defect ? RejectedPhone(defect) : ReadPhone(table);
        }
    }

    private static Task<CsvTable> OpenAsync(SnapshotFile file, string[] headers, CancellationToken cancellationToken) =>
        CsvTable.OpenAsync(file, headers, [], SnapshotReader.DefaultMaxFieldBytes, cancellationToken);

    private static ContactPreference ReadPreference(CsvTable table, string fileName)
    {
        if (FindEmailDefect(table) is { } defect)
        {
            return RejectedPreference(defect);
        }

        var (marketing, partners) = table.GetText(1).Trim() switch
        {
            "0" => (ConsentWord.Denied, ConsentWord.Denied),
            "1" => (ConsentWord.Granted, ConsentWord.Denied),
            "2" => (ConsentWord.Granted, ConsentWord.Granted),
            _ => default,
        };
        if (marketing is null)
        {
            return RejectedPreference(table.Reject(PromotionHeader, "preference_unknown", "Write 0, 1 or 2."));
        }

        if (!DateOnly.TryParseExact(table.GetText(2).Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return RejectedPreference(table.Reject(ModifiedHeader, "date_malformed", "Write the day as yyyy-MM-dd."));
        }

        var decidedAt = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return new ContactPreference(
            table.Line,
            table.GetText(0).Trim(),
            [new FactConsent(EmailMarketing, marketing, fileName, decidedAt), new FactConsent(PartnerSharing, partners!, fileName, decidedAt)],
            null);
    }

    private static PhoneEntry ReadPhone(CsvTable table)
    {
        if (FindEmailDefect(table) is { } defect)
        {
            return RejectedPhone(defect);
        }

        var phone = table.GetText(1).Trim();
        return phone.Length is 0 or > SnapshotRowBuilder.MaxPhoneChars
            ? RejectedPhone(table.Reject(PhoneHeader, phone.Length == 0 ? "phone_missing" : "key_too_long", "Write a phone number of up to 64 characters."))
            : new PhoneEntry(table.Line, table.GetText(0).Trim(), phone, null);
    }

    private static SnapshotReject? FindEmailDefect(CsvTable table)
    {
        var email = table.GetText(0).Trim();
        return email.Length is 0 or > SnapshotRowBuilder.MaxEmailChars
            ? table.Reject(EmailHeader, email.Length == 0 ? "email_missing" : "key_too_long", "Write an e-mail address of up to 320 characters.")
            : null;
    }

    private static ContactPreference RejectedPreference(SnapshotReject reject) => new(reject.Line, "", [], reject);

    private static PhoneEntry RejectedPhone(SnapshotReject reject) => new(reject.Line, "", "", reject);
}
