using IntegrationHub.Hub;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Destinations;
using Microsoft.Extensions.DependencyInjection;

namespace Hub.Tests.Configuration;

/// <summary>What a changed name or id of an audience does at the vendor is said by <c>validate</c>, before anything runs.</summary>
public sealed class When_an_audience_moves
{
    [Test]
    public async Task Should_be_said_when_the_configuration_is_validated()
    {
        var folder = Directory.CreateTempSubdirectory("hub-moves-");
        string[] settings = [$"--Hub:DataPath={folder.FullName}"];
        Assert.That(await ConfigurationMoves.ListAsync(settings, CancellationToken.None), Is.Empty, "nothing stands anywhere yet");
        Assert.That(File.Exists(Path.Combine(folder.FullName, "hub.db")), Is.False, "and nothing is made");

        await using (var services = new ServiceCollection().AddHubStorage(HubSettings.Storage(new HubOptions { DataPath = folder.FullName })).BuildServiceProvider())
        await using (var scope = services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
            await HubDatabase.MigrateAsync(db, CancellationToken.None);
            await services.GetRequiredService<IDestinationStore>().RememberAudienceAsync(db, new StoredAudience("hubspot", "customers", "77", "name:Former name"), DateTimeOffset.UnixEpoch, CancellationToken.None);
        }

        Assert.That((await ConfigurationMoves.ListAsync(settings, CancellationToken.None)).Single(), Does.StartWith("hubspot: Audience customers stands as 77 at the vendor"));
        Assert.That(await ConfigurationMoves.ListAsync([.. settings, "--Hub:Destinations:braze:Live=on"], CancellationToken.None), Has.Some.StartsWith("braze: live is on"));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_say_what_no_vendor_can_undo()
    {
        using var fixture = new ConfigurationFixture();
        fixture.Replace("destinations/braze.yaml", "mapping: braze", "mapping: braze\non_merge: merge\non_delete: delete");
        var said = await ConfigurationMoves.ListAsync([$"--Hub:ConfigPath={fixture.Folder}", $"--Hub:DataPath={fixture.Folder}"], CancellationToken.None);
        Assert.That(said, Has.Some.StartsWith("braze: on_merge: merge joins two people at the vendor for good").And.Some.StartsWith("braze: on_delete: delete"));
    }

    [Test]
    public async Task Should_be_told_that_it_cannot_be_told_when_the_database_is_away()
    {
        var said = await ConfigurationMoves.ListAsync(["--Hub:Database=Postgres", "--Hub:ConnectionString=Host=127.0.0.1;Port=1;Username=nobody;Timeout=1"], CancellationToken.None);
        Assert.That(said.Single(), Does.Contain("cannot be told").And.Contain("'destinations check NAME'"));
    }
}
