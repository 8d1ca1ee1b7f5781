using IntegrationHub.Hub.Erasure;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>Each finds no secret, and all have one and the same: a hub with another one would not know the people whom the others erased.</summary>
public sealed class When_hubs_that_share_a_folder_start_together
{
    private const int Hubs = 8;

    [Test]
    [Repeat(20)]
    public async Task Should_have_one_secret()
    {
        var folder = Directory.CreateTempSubdirectory("hub-secrets-");
        using var barrier = new Barrier(Hubs);
        var versions = await Task.WhenAll(Enumerable.Range(0, Hubs).Select(_ => Task.Factory.StartNew(
            () =>
            {
                barrier.SignalAndWait();
                return ErasureSecrets.ReadTombstones(new HubOptions { DataPath = folder.FullName }).Newest.Version;
            },
            TaskCreationOptions.LongRunning)));
        Assert.That(versions.Distinct().Count(), Is.EqualTo(1));
        Assert.That(folder.GetFiles().Select(file => file.Name), Is.EquivalentTo(new[] { "tombstone.key", "secrets.lock" }), "nothing half done is left");
        folder.Delete(recursive: true);
    }
}
