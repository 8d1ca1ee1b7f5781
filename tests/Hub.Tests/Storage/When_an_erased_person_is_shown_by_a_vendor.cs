using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A vendor's list shows somebody who was erased: not deleted there yet, or put there again. To take them for a stranger would keep what they are called there, and tell the vendor to remove them.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_erased_person_is_shown_by_a_vendor(StorageDatabase database) : StorageFixture(database)
{
    private string _destination = null!;
    private string _audience = null!;
    private string _remote = null!;
    private string _person = null!;
    private string _email = null!;

    [SetUp]
    public async Task Erase_somebody_whom_a_destination_has()
    {
        (_destination, _audience, _remote, _person) = (Unique("dest"), Unique("aud"), Unique("remote"), Unique("gone"));
        _email = $"{_person}@example.org";
        await AppendAsync(Profile(_person, "{}", email: _email));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT @destination, profile_id, @remote FROM profiles WHERE external_id = @person", CancellationToken.None,
                ("destination", _destination), ("remote", _remote), ("person", _person));
        });
        var (request, services) = (Guid.NewGuid(), Scopes.CreateScope().ServiceProvider);
        var person = await ReadAsync(db => services.GetRequiredService<PersonSearch>().FindAsync(db, new PersonKey(KeyKind.ExternalId, _person), CancellationToken.None));
        await WriteAsync(db => services.GetRequiredService<SealedPeople>().KeepAsync(db, request, person!, CancellationToken.None));
        await WriteAsync(db => services.GetRequiredService<PersonErasure>().SuppressAsync(db, request, "erasure", Noon, CancellationToken.None));
    }

    [Test]
    public async Task Should_be_no_stranger_whom_a_run_removes()
    {
        var (run, stranger) = (Guid.NewGuid(), Unique("stranger"));
        await WriteAsync(db => Verification.StageAsync(
            db, run, 0, _destination,
            [new RemoteMember(_remote, null), new RemoteMember(Unique("new"), _person), new RemoteMember(Unique("new"), _email.ToUpperInvariant()), new RemoteMember(stranger, null)], CancellationToken.None));
        var adopted = await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, _destination, _audience, "external_id", Noon, CancellationToken.None));

        Assert.Multiple(async () =>
        {
            Assert.That(adopted, Is.EqualTo(1));
            Assert.That(await TextAsync("SELECT min(remote_id) FROM destination_profiles WHERE destination = @d", ("d", _destination)), Is.EqualTo(stranger));
            Assert.That(await CountAsync("SELECT sum(count) FROM erased_facts WHERE event_type = 'vendor_member'"), Is.GreaterThanOrEqualTo(3));
        });
    }

    [Test]
    public async Task Should_be_no_finding()
    {
        var readBack = new ReadBack(Guid.NewGuid(), 1, _destination, _audience);
        await WriteAsync(db => Verification.StageAsync(db, readBack.RunId, 1, _destination, [new RemoteMember(_remote, _person)], CancellationToken.None));
        var totals = await WriteAsync(db => Verification.CompareAsync(db, readBack, "external_id", true, true, CancellationToken.None));
        Assert.That((totals.Unexpected, await CountAsync($"SELECT count(*) FROM read_back_findings WHERE remote_id = '{_remote}'")), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Should_be_told_from_whoever_has_the_same_id_at_another_destination()
    {
        var (run, other) = (Guid.NewGuid(), Unique("other"));
        await WriteAsync(db => Verification.StageAsync(db, run, 0, other, [new RemoteMember(_remote, null)], CancellationToken.None));
        Assert.That(await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, other, _audience, "external_id", Noon, CancellationToken.None)), Is.EqualTo(1));
    }
}
