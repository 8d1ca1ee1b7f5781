using System.Text;
using IntegrationHub.Hub.Demo;
using IntegrationHub.Hub.Intake;

namespace Hub.Tests.Intake;

public sealed class When_contact_files_are_read
{
    [TestCase("0", "denied", "denied")]
    [TestCase("1", "granted", "denied")]
    [TestCase("2", "granted", "granted")]
    public async Task Should_turn_a_preference_into_consent_per_purpose(string preference, string marketing, string partners)
    {
        var rows = await ReadPreferences($"ken0@x.com,{preference},2009-01-07\n");

        Assert.Multiple(() =>
        {
            Assert.That((rows[0].Line, rows[0].Email, rows[0].Reject), Is.EqualTo((2L, "ken0@x.com", (object?)null)));
            Assert.That(
                rows[0].Consents.Select(static c => (c.Purpose, c.Status, c.Source, c.DecidedAt)),
                Is.EqualTo(new[]
                {
                    ("email_marketing", marketing, "promo.csv", new DateTimeOffset(2009, 1, 7, 0, 0, 0, TimeSpan.Zero)),
                    ("partner_sharing", partners, "promo.csv", new DateTimeOffset(2009, 1, 7, 0, 0, 0, TimeSpan.Zero)),
                }));
        });
    }

    [TestCase("ken0@x.com,3,2009-01-07", "EmailPromotion", "preference_unknown")]
    [TestCase("ken0@x.com,,2009-01-07", "EmailPromotion", "preference_unknown")]
    [TestCase("ken0@x.com,yes,2009-01-07", "EmailPromotion", "preference_unknown")]
    [TestCase("ken0@x.com,1,01/07/2009", "ModifiedDate", "date_malformed")]
    [TestCase(",1,2009-01-07", "EmailAddress", "email_missing")]
    [TestCase("ken0@x.com,1", "ModifiedDate", "column_count")]
    public async Task Should_reject_a_preference_that_it_does_not_know(string row, string field, string code)
    {
        var rows = await ReadPreferences($"{row}\nlast@x.com,1,2009-01-07\n");

        Assert.Multiple(() =>
        {
            Assert.That((rows[0].Reject!.Line, rows[0].Reject!.Field, rows[0].Reject!.Code), Is.EqualTo((2, field, code)));
            Assert.That((rows[0].Email, rows[0].Consents.Count), Is.EqualTo(("", 0)));
            Assert.That(rows[1].Reject, Is.Null);
        });
    }

    [Test]
    public async Task Should_refuse_a_preference_file_with_wrong_headers() =>
        await Assert.ThrowsAsync<SnapshotFormatException>(async () =>
            await ContactFileReader.ReadPreferencesAsync(Text("Email,EmailPromotion,ModifiedDate\n"), "promo.csv", CancellationToken.None).CountAsync());

    [Test]
    public async Task Should_read_phones()
    {
        var rows = await ContactFileReader
            .ReadPhonesAsync(Text("EmailAddress,PhoneNumber\r\na@x.com,1 (11) 500 555-0162\r\nb@x.com,\r\n,1\r\n"), "phones.csv", CancellationToken.None)
            .ToListAsync();

        Assert.Multiple(() =>
        {
            Assert.That(rows[0], Is.EqualTo(new PhoneEntry(2, "a@x.com", "1 (11) 500 555-0162", null)));
            Assert.That(rows.Skip(1).Select(static r => (r.Reject!.Line, r.Reject!.Code)), Is.EqualTo(new[] { (3L, "phone_missing"), (4L, "email_missing") }));
        });
    }

    private static async Task<List<ContactPreference>> ReadPreferences(string rows) =>
        await ContactFileReader
            .ReadPreferencesAsync(Text("EmailAddress,EmailPromotion,ModifiedDate\n" + rows), "promo.csv", CancellationToken.None)
            .ToListAsync();

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));
}
