using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>Facts that give everybody another first name.</summary>
internal sealed class Renaming(HubProcess hub, int people)
{
    /// <summary>The first name that somebody gets.</summary>
    public static string NameOf(string externalId) => $"Kim {externalId}";

    /// <summary>States all of them.</summary>
    public Task PublishAsync() => StatedFacts.PublishAsync(hub, Enumerable.Range(0, people).Select(person => Fact($"c{person}", TimeProvider.System.GetUtcNow())));

    private static object Fact(string externalId, DateTimeOffset at) => new
    {
        event_id = Guid.CreateVersion7(at), event_type = "profile_updated", schema_version = 1, occurred_at = at, producer = "benchmark", tenant_id = "default",
        subject = new { external_id = externalId }, payload = new { attributes = new { first_name = NameOf(externalId) } },
    };
}
