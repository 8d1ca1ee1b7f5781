using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Consents;

namespace IntegrationHub.Hub.Tests.Intake.Consents;

/// <summary>A column of an audience's file that means consent: a no is a denial even where its row is rejected, a yes is the least that anybody can say.</summary>
public sealed class When_an_audiences_file_says_who_agreed
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly AudienceConfiguration _audience = new()
    {
        Key = "people",
        DisplayName = "People",
        Columns =
        [
            new SnapshotColumn("Id", ColumnRole.ExternalId, null), new SnapshotColumn("Mail", ColumnRole.Email, null),
            new SnapshotColumn("Newsletter", ColumnRole.Consent, "newsletter"), new SnapshotColumn("SMS", ColumnRole.Consent, "sms"), new SnapshotColumn("When", ColumnRole.ConsentTime, null),
        ],
        Guardrail = new AudienceGuardrail(0.2, null),
        Destinations = [],
    };

    [TestCase("1,a@x.org,no,,", "newsletter denied 2026-11-26T12:00:00Z")]
    [TestCase("1,a@x.org,no,yes,2026-01-02", "newsletter denied 2026-01-02T23:59:59Z; sms granted 1970-01-01T00:00:00Z")]
    [TestCase("1,,No,,", "newsletter denied 2026-11-26T12:00:00Z")]
    [TestCase("1,a@x.org,,,", "")]
    public async Task Should_read_what_each_row_says(string row, string expected)
    {
        var read = await ReadAsync(row);

        Assert.That(read.Reject, Is.Null);
        Assert.That(Text(read), Is.EqualTo(expected));
    }

    [TestCase("1,a@x.org,perhaps,no,", "consent_unknown", "sms denied 2026-11-26T12:00:00Z")]
    [TestCase("1,a@x.org,no,yes,yesterday", "time_malformed", "newsletter denied 2026-11-26T12:00:00Z")]
    [TestCase(",a@x.org,no,yes,", "external_id_missing", "newsletter denied 2026-11-26T12:00:00Z")]
    [TestCase(",,no,,", "external_id_missing", "")]
    public async Task Should_deny_even_where_the_row_is_rejected(string row, string code, string expected)
    {
        var read = await ReadAsync(row);

        Assert.That(read.Reject!.Code, Is.EqualTo(code));
        Assert.That(Text(read), Is.EqualTo(expected));
    }

    private static async Task<SnapshotRow> ReadAsync(string row)
    {
        var file = new MemoryStream(Encoding.UTF8.GetBytes($"Id,Mail,Newsletter,SMS,When\n{row}\n"));
        return await new SnapshotReader(_audience, now: _now).ReadAsync(file, SnapshotFormat.Csv, "people.csv", CancellationToken.None).SingleAsync();
    }

    private static string Text(SnapshotRow row) =>
        string.Join("; ", (row.Consents ?? []).Select(consent => $"{consent.Purpose} {consent.Status} {consent.DecidedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)}"));
}
