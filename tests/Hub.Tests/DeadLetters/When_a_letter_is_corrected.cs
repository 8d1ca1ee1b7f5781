using System.Text.Json;
using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>One letter sends what somebody corrected; the person stays as known.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_letter_is_corrected(StorageDatabase database) : LetterFixture(database)
{
    [Test]
    public async Task Should_send_the_latest_version_and_keep_the_older_ones()
    {
        await DieAsync();
        var profile = await ProfileOf(People[0]);
        var letter = (await LettersAsync()).Single(letter => letter.ProfileId == profile).DeadLetterId;
        Assert.That((await FixAsync(letter, "attributes.city", "\"Bonn\"")).Refusal, Is.Null);
        Assert.That((await FixAsync(letter, "attributes.city", "\"Ulm\"")).Refusal, Is.Null);
        var versions = await ReadAsync(db => LetterBook.ListVersionsAsync(db, letter, CancellationToken.None));
        Assert.That(versions.Select(version => (version.Version, version.By)), Is.EqualTo(new[] { (2, "person:anna"), (3, "person:anna") }));

        await ConfirmAsync(LetterActionKind.Replay, 3);
        await WorkAsync();

        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).ToDictionary(item => item.Key, item => item.Fields.Select(field => field.Value.Text).FirstOrDefault()), Is.EquivalentTo(new Dictionary<string, string?>
        {
            [People[0]] = "Ulm", [People[1]] = null, [People[2]] = null,
        }));
        Assert.That(await AttributesWhereAsync("external_id = @id", ("id", People[0])), Is.EqualTo("{}"));
        Assert.That((await FixAsync(letter, "attributes.city", "\"Bonn\"")).Refusal!.Type, Is.EqualTo("letter-busy"), "it is delivered");
    }

    [Test]
    public async Task Should_die_again_alone_when_its_correction_cannot_be_read()
    {
        await DieAsync();
        var letter = (await LettersAsync())[0].DeadLetterId;
        Assert.That((await FixAsync(letter, "attributes.city", "\"Bonn\"")).Refusal, Is.Null);
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE letter_versions SET changes = '[1]' WHERE letter_id = @id", CancellationToken.None, ("id", letter));
        });
        Assert.That((await FixAsync(letter, "attributes.city", "\"Ulm\"")).Refusal!.Type, Is.EqualTo("letter-unreadable"));

        await ConfirmAsync(LetterActionKind.Replay, 3);
        await WorkAsync();

        Assert.That(Vendor.Delivered.Sum(batch => batch.Items.Count), Is.EqualTo(2), "the others go on");
        var dead = (await LettersAsync()).Single(one => one.DeadLetterId == letter);
        Assert.That((dead.Status, dead.Code), Is.EqualTo((LetterStatus.CameBack, "correction_unreadable")));
    }

    [TestCase("attributes.shoe_size", "1", "field-unknown")]
    [TestCase("payload.name", "1", "field-unknown")]
    [TestCase("attributes.city", "{\"a\":1}", "value-refused")]
    public async Task Should_be_refused_what_the_destination_would_not_take(string path, string value, string problem)
    {
        await DieAsync();
        var letter = (await LettersAsync())[0];
        Assert.That((await FixAsync(letter.DeadLetterId, path, value)).Refusal!.Type, Is.EqualTo(problem));
        Assert.That((await LettersAsync())[0].Version, Is.EqualTo(1));
    }

    private Task<(LetterAction? Action, IntegrationHub.Hub.DeadLetters.LetterRefusal? Refusal)> FixAsync(long letter, string path, string json) =>
        Fix().FixAsync(letter, new Dictionary<string, JsonElement> { [path] = JsonElement.Parse(json) }, "person:anna", null, null, "api", CancellationToken.None);

    private Task<long> ProfileOf(string person) => CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{person}'");
}
