using System.Text.RegularExpressions;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>Keys are required and the settings hold none: the first one is printed, once.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed partial class When_nobody_has_a_key_yet(StorageDatabase database) : DeliveryFixture(database)
{
    [Test]
    public async Task Should_print_one_by_one_of_the_hubs_that_start_at_once_and_never_again()
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, Unique("key"));
        await File.WriteAllTextAsync(file, "the key of the settings");
        Assert.That(await StartAsync(new ApiKey(file, areKeysRequired: true)), Is.Empty, "the settings hold one");
        Assert.That(await StartAsync(new ApiKey(null)), Is.Empty, "nobody needs one");

        var printed = string.Concat(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync(new ApiKey(null, areKeysRequired: true)))));
        var key = Printed().Matches(printed).Select(match => match.Value).Single();
        using (var ring = new KeyRing(Transactions, TimeProvider.System))
        {
            var principal = (await ring.FindAsync(key, CancellationToken.None))!;
            Assert.That((principal.Id, principal.Kind, principal.Scopes.Contains(Scope.Admin)), Is.EqualTo((FirstAdmin.Id, PrincipalKind.Person, true)));
        }

        Assert.That(await StartAsync(new ApiKey(null, areKeysRequired: true)), Is.Empty, "a later start");
        Assert.That(await CountAsync($"SELECT count(*) FROM audit WHERE action = 'keys.create' AND subject = 'key:{SecretKey.IdOf(key)}'"), Is.EqualTo(1));
        Assert.That(await CountAsync("SELECT count(*) FROM api_keys"), Is.EqualTo(1), "those who were late left nothing");

        Assert.That(await WriteAsync(db => AccessBook.RevokeAsync(db, SecretKey.IdOf(key)!, FirstAdmin.Id, DateTimeOffset.UtcNow, CancellationToken.None)), Is.True);
        Assert.That(await StartAsync(new ApiKey(null, areKeysRequired: true)), Is.Empty, "it was given up when others had keys");
        using var later = new KeyRing(Transactions, TimeProvider.System);
        Assert.That(await later.FindAsync(key, CancellationToken.None), Is.Null);
    }

    private async Task<string> StartAsync(ApiKey setting)
    {
        using var screen = new StringWriter();
        using var keys = new KeyRing(Transactions, TimeProvider.System);
        await new FirstAdmin(setting, keys, Transactions, TimeProvider.System) { Screen = screen }.StartAsync(CancellationToken.None);
        return screen.ToString();
    }

    [GeneratedRegex("hub_[0-9A-Za-z]+_[0-9A-Za-z]+")]
    private static partial Regex Printed();
}
