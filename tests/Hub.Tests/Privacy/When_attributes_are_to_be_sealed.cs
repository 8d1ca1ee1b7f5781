using System.Net.Http.Json;
using System.Security.Cryptography;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>What a hub is told to seal, and what it makes of it from the call to the table.</summary>
public sealed class When_attributes_are_to_be_sealed
{
    [Test]
    public async Task Should_be_taken_in_and_told_of_and_found_in_no_table([Values] StorageDatabase database)
    {
        var word = $"canary{Guid.NewGuid():N}"[..20];
        await using var hub = await WholeHub.StartAsync(database, async config =>
        {
            var file = Path.Combine(config, "..", "seal.key");
            await File.WriteAllTextAsync(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
            return [$"--Hub:Encryption:Keys=a=file:{file}", "--Hub:Encryption:Current=a", "--Hub:Encryption:Profiles=true"];
        });
        foreach (var minute in new[] { -2, -1 })
        {
            using var answer = await hub.Http.PostAsJsonAsync("/v1/events", new
            {
                event_id = Guid.NewGuid(), event_type = "profile_updated", schema_version = 1, occurred_at = TimeProvider.System.GetUtcNow().AddMinutes(minute), producer = "shop", subject = new { external_id = "c-77" },
                payload = new { attributes = new Dictionary<string, string> { [minute == -2 ? "first_name" : "last_name"] = $"{word} {minute}" } },
            });
            Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        }

        using var explained = await hub.Http.PostAsJsonAsync("/v1/profiles/explain", new { key = "c-77" });
        Assert.That(explained.IsSuccessStatusCode, Is.True, await explained.Content.ReadAsStringAsync());
        Assert.That(
            database == StorageDatabase.Postgres ? await TablesThatName.FindAsync(hub.ConnectionString!, [word, "c-77"]) : await TablesThatName.FindInFileAsync(Path.Combine(hub.Folder, "hub.db"), [word, "c-77"]),
            Has.None.Contains(word).And.Some.Contains("profiles"), "keys are found by the same look");
    }

    [Test]
    public void Should_need_a_key_to_seal_with()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        Assert.That(() => EncryptionKeys.Read(new EncryptionOptions { Keys = $"a=file:{file}", Profiles = true }), Throws.TypeOf<HubConfigurationException>().With.Message.Contains("Hub:Encryption:Profiles").And.Message.Contains("Hub:Encryption:Current"));
        Assert.That(EncryptionKeys.Read(new EncryptionOptions { Keys = $"a=file:{file}", Current = "a", Profiles = true }).SealsProfiles, Is.True);
        Assert.That(EncryptionKeys.Read(new EncryptionOptions { Keys = $"a=file:{file}", Current = "a" }).SealsProfiles, Is.False);
        File.Delete(file);
    }
}
