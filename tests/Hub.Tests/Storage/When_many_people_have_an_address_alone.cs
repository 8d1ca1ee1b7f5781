using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A list of addresses without ids is loaded in parts of thousands: what is done for one person must not look at all others of the part.</summary>
public sealed class When_many_people_have_an_address_alone
{
    private const int Count = 30_000; // each looking at each other takes minutes

    [Test]
    public void Should_find_whose_each_is_without_looking_at_all()
    {
        var people = Enumerable.Range(1, Count).Select(i => (Id: (long)i, Key: new PersonKey(KeyKind.Email, $"person{i}@example.com"))).ToArray();
        var keys = new KeyBook(IdentityRules.Default, [])
        {
            People = new People(people.ToDictionary(person => person.Key, person => ResolvedKey.HeldBy(person.Key))),
        };
        var rows = people.Select(person => new ProfileRow(person.Id, null, new ProfileContent(person.Key.Value, null, "{}", "{}", DateTimeOffset.UnixEpoch), "{}", 1));

        var before = Environment.CpuUsage.UserTime; // however long others let it wait
        var book = new SubjectBook(keys, rows, []);

        Assert.That(Environment.CpuUsage.UserTime - before, Is.LessThan(TimeSpan.FromMinutes(1)));
        Assert.That(people.Select(person => book.OfPerson(person.Key)?.ProfileId), Is.EqualTo(people.Select(person => person.Id)));
    }
}
