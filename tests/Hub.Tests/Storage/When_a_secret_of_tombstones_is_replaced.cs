using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Hashes cannot be made anew from hashes: a new secret comes beside the old one, and what was hashed with either holds.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_secret_of_tombstones_is_replaced(StorageDatabase database) : StorageFixture(database)
{
    private readonly TombstoneSecret _old = TombstoneSecret.Random();
    private readonly TombstoneSecret _new = TombstoneSecret.Random();

    protected override void AddServices(IServiceCollection services) => services.AddSingleton(new TombstoneSecrets([_new, _old]));

    [Test]
    public async Task Should_hold_under_the_old_secret_and_under_the_new_one()
    {
        var (before, after, other) = (Unique("before"), Unique("after"), Unique("other"));
        await BuryAsync(new TombstoneSecrets([_old]), before);
        Assert.That((await AppendAsync(Profile(before, "{}"), Profile(other, "{}"))).Erased, Has.Count.EqualTo(1));

        await BuryAsync(new TombstoneSecrets([_new, _old]), after);
        var result = await AppendAsync(Profile(before, "{}", 1), Profile(after, "{}", 1), Profile(other, "{}", 1));
        Assert.That((result.Erased.Count, result.Accepted), Is.EqualTo((2, 1)));
        Assert.That(await CountAsync("SELECT count(*) FROM tombstone_keys"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_tell_nothing_of_anybody_without_the_old_secret()
    {
        await BuryAsync(new TombstoneSecrets([_old]), Unique("before"));
        var lacking = new Tombstones(new TombstoneSecrets([_new]));
        Assert.That(
            () => ReadAsync(db => lacking.FindAsync(db, [new PersonKey(KeyKind.ExternalId, "somebody")], CancellationToken.None)),
            Throws.TypeOf<UnknownTombstoneSecretException>().With.Property(nameof(UnknownTombstoneSecretException.Version)).EqualTo(_old.Version));
    }

    private Task BuryAsync(TombstoneSecrets secrets, string externalId) => WriteAsync(
        db => new Tombstones(secrets).AddAsync(db, Guid.NewGuid(), new ErasurePerson { Keys = [new PersonKey(KeyKind.ExternalId, externalId)], ProfileIds = [], RemoteIds = new Dictionary<string, IReadOnlyList<string>>() }, "erasure", Noon, CancellationToken.None));
}
