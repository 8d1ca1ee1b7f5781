using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A withdrawal under any key of a person holds for the person, in any spelling, now and when the keys change.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_withdrawal_names_some_key(StorageDatabase database) : StorageFixture(database)
{
    protected override void AddServices(IServiceCollection services) => services.AddSingleton(StatedNumbers.Keys(Acme.Hub("acme", "customers") with
    {
        Mappings = new Dictionary<string, MappingFile>
        {
            ["acme"] = new() { Name = "acme", Version = "1", EmailAsciiOnly = false, EventAttributes = [], Fields = [new FieldMapping { From = "phone", To = "phone", Type = MappedType.Phone, Classification = FieldClassification.Personal, CountryFrom = "home", DefaultCountry = "AT" }] },
        },
    }));

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

    [Test]
    public async Task Should_hold_for_whom_a_list_names_with_the_phone_alone([Values] bool listComesFirst)
    {
        var phone = Number();
        var steps = new Func<Task>[] { () => ListAsync(1, new StagedMember(2, _id, null, phone, "{}", true)), () => AppendAsync(Of(KeyKind.Phone, phone, "denied", 2)) };
        await steps[listComesFirst ? 0 : 1]();
        await steps[listComesFirst ? 1 : 0]();
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [TestCase("0664 {0}", "{{}}")]
    [TestCase("0664 {0}", """{{"home":"AT"}}""")]
    [TestCase("+43 (664) {0}", "{{}}")]
    public async Task Should_hold_for_a_phone_however_the_list_spells_it(string spelling, string attributes)
    {
        var phone = Number();
        await ListAsync(1, new StagedMember(2, _id, null, string.Format(null, spelling, phone[6..]), string.Format(null, attributes), true));
        await AppendAsync(Of(KeyKind.Phone, phone, "denied", 2));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [TestCase(KeyKind.CrmId, "crm_id", "\"{0}\"")]
    [TestCase(KeyKind.CrmId, "crm_id", "{0}")]
    [TestCase(KeyKind.DeviceId, "device_id", "\"{0}\"")]
    [TestCase(KeyKind.AnonymousId, "anonymous_id", "\"{0}\"")]
    public async Task Should_hold_for_the_id_of_another_system_that_a_list_states(KeyKind kind, string column, string spelling)
    {
        var id = Number()[1..];
        await ListAsync(1, new StagedMember(2, _id, null, null, $$"""{"{{column}}":{{string.Format(null, spelling, id)}}}""", true));
        await AppendAsync(Of(kind, id, "denied", 2));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
    }

    [Test]
    public async Task Should_hold_for_a_phone_that_the_list_changed_since_and_for_the_new_one()
    {
        var (old, now) = (Number(), Number());
        await ListAsync(1, new StagedMember(2, _id, null, old, "{}", true));
        await ListAsync(2, new StagedMember(2, _id, null, now, "{}", true));
        await AppendAsync(Of(KeyKind.Phone, old, "denied", 3));
        Assert.That(await StatusAsync(_id), Is.EqualTo("denied"));
        var (other, third) = (Unique("other"), Number());
        await ListAsync(1, new StagedMember(2, other, null, null, "{}", true));
        await ListAsync(2, new StagedMember(2, other, null, third, "{}", true));
        await AppendAsync(Of(KeyKind.Phone, third, "denied", 3));
        Assert.That(await StatusAsync(other), Is.EqualTo("denied"), "a number that came later");
    }

    [Test]
    public async Task Should_neither_join_people_nor_grant_by_a_phone_of_a_list()
    {
        var (other, phone) = (Unique("other"), Number());
        await ListAsync(1, new StagedMember(2, _id, null, phone, "{}", true), new StagedMember(3, other, null, phone, "{}", true));
        await AppendAsync(Of(KeyKind.Phone, phone, "granted", 2));
        Assert.That((await StatusAsync(_id), await StatusAsync(other)), Is.EqualTo((default(string), default(string))));
        await AppendAsync(Of(KeyKind.Phone, phone, "denied", 3));
        Assert.That((await StatusAsync(_id), await StatusAsync(other)), Is.EqualTo(("denied", "denied")), "nobody can tell whose no it is");
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id IN ('{_id}', '{other}') AND person_id IS NULL"), Is.EqualTo(2));
    }

    private static string Number() => $"+43664{Random.Shared.Next(1_000_000, 9_999_999)}";

    private static LedgerFact Of(KeyKind kind, string value, string status, int minute) => Consent(null, status, minute) with { OtherKeys = [new PersonKey(kind, value)] };

    private async Task ListAsync(int minute, params StagedMember[] members) => await ApplyAsync(await LoadAsync(Unique("aud"), "delta", minute, members));

    private async Task<string?> StatusAsync(string externalId)
    {
        var consent = await TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", externalId));
        Assert.That(consent, Is.Not.Null, "the person is known");
        return consent!.Contains("denied", StringComparison.Ordinal) ? "denied" : consent.Contains("granted", StringComparison.Ordinal) ? "granted" : null;
    }
}
