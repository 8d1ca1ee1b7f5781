using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A withdrawal under any key of a person holds for the person, in any spelling, now and when the keys change.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_withdrawal_names_some_key(StorageDatabase database) : StorageFixture(database)
{
    private string _id = null!;
    private string _address = null!;

    [SetUp]
    public void Choose_a_person() => (_id, _address) = (Unique("Ck"), $"{Unique("ck")}@example.test");

    [TestCase("{0} ")]
    [TestCase("\u00A0{0}\u200B")]
    [TestCase("\uFEFF{0}\t")]
    public async Task Should_hold_for_the_id_however_it_is_padded(string spelling)
    {
        await AppendAsync(Profile(_id, "{}"));
        await AppendAsync(Consent(string.Format(null, spelling, _id), "denied", 1));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_know_the_person_under_a_padded_id()
    {
        await AppendAsync(Profile($" {_id}\u00A0", "{}"));
        await AppendAsync(Consent(_id, "denied", 1));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_tell_ids_apart_by_their_capitals()
    {
        await AppendAsync(Profile(_id, "{}"));
        await AppendAsync(Consent(_id.ToUpperInvariant(), "denied", 1));
        Assert.That(await StatusAsync(_id), Is.Null);
    }

    [TestCase("J\u00FCrgen", "ju\u0308rgen")]
    [TestCase("so\u00ADfia", "sofia")]
    [TestCase("kai", "\u200BKAI")]
    public async Task Should_hold_for_the_address_in_another_spelling(string profile, string withdrawal)
    {
        await AppendAsync(Profile(_id, "{}", 0, $"{profile}.{_address}"));
        await AppendAsync(Consent(null, "denied", 1, $"{withdrawal}.{_address}\u00A0"));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_hold_for_the_address_with_its_domain_as_label()
    {
        await AppendAsync(Profile(_id, "{}", 0, $"{_id}@B\u00FCcher.example"));
        await AppendAsync(Consent(null, "denied", 1, $"{_id}@xn--bcher-kva.example"));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_hold_for_the_address_beside_the_id_of_another_system()
    {
        await AppendAsync(Profile(_id, "{}", 0, _address));
        await AppendAsync(Consent(Unique("pref"), "denied", 1, _address));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_hold_for_an_address_that_somebody_takes_later()
    {
        await AppendAsync(Consent(Unique("pref"), "denied", 1, _address));
        await AppendAsync(Profile(_id, "{}", 2, _address));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_hold_when_the_address_changes_by_a_fact()
    {
        await AppendAsync(Profile(_id, "{}", 0, _address));
        await AppendAsync(Consent(null, "denied", 1, _address));
        await AppendAsync(Profile(_id, "{}", 2, $"new.{_address}"));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
        await AppendAsync(Profile(_id, "{}", 3, $"newest.{_address}"));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"), "two changes later");
    }

    [Test]
    public async Task Should_hold_when_the_address_changes_by_a_snapshot()
    {
        await AppendAsync(Profile(_id, "{}", 0, _address));
        await AppendAsync(Consent(null, "denied", 1, _address));
        await ApplyAsync(await LoadAsync(Unique("aud"), "delta", 2, new StagedMember(2, _id, $"new.{_address}", null, "{}", true)));
        Assert.That(await TextAsync("SELECT email FROM profiles WHERE external_id = @id", ("id", _id)), Is.EqualTo($"new.{_address}"));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_hold_when_it_comes_after_the_address_changed()
    {
        await AppendAsync(Profile(_id, "{}", 0, _address));
        await AppendAsync(Profile(_id, "{}", 1, $"new.{_address}"));
        await AppendAsync(Consent(null, "denied", 2, _address.ToUpperInvariant()));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"), "an unsubscribe link in an old mail");
    }

    [Test]
    public async Task Should_not_take_a_grant_of_a_former_address_for_one_of_the_person()
    {
        await AppendAsync(Profile(_id, "{}", 0, _address));
        await AppendAsync(Consent(null, "granted", 1, _address));
        await AppendAsync(Profile(_id, "{}", 2, $"new.{_address}"));
        Assert.That(await StatusAsync(_id), Is.Null);
    }

    [Test]
    public async Task Should_end_with_a_later_grant_under_any_key()
    {
        await AppendAsync(Profile(_id, "{}", 0, _address));
        await AppendAsync(Consent(null, "denied", 1, _address));
        await AppendAsync(Profile(_id, "{}", 2, $"new.{_address}"));
        await AppendAsync(Consent(_id, "granted", 3));
        Assert.That(await StatusAsync(_id), Is.EqualTo("granted"));
    }

    [Test]
    public async Task Should_not_be_lifted_by_somebody_who_has_the_same_address()
    {
        var other = Unique("other");
        await AppendAsync(Profile(_id, "{}", 0, _address), Profile(other, "{}", 0, _address));
        await AppendAsync(Consent(_id, "denied", 1));
        await AppendAsync(Consent(other, "granted", 2, _address));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
        Assert.That(await StatusAsync(other), Is.EqualTo("granted"));
    }

    [Test]
    public async Task Should_hold_when_profile_change_and_withdrawal_come_in_one_batch()
    {
        await AppendAsync(Profile(_id, "{}", 0, _address), Consent(null, "denied", 1, _address), Profile(_id, "{}", 2, $"new.{_address}"));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    private async Task<string?> StatusAsync(string externalId)
    {
        var consent = await TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", externalId));
        Assert.That(consent, Is.Not.Null, "the person is known");
        return consent!.Contains("denied", StringComparison.Ordinal) ? "denied" : consent.Contains("granted", StringComparison.Ordinal) ? "granted" : null;
    }
}
