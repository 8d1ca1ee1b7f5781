using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>Facts that give everybody another first name, over HTTP, many at a time.</summary>
internal sealed class Renaming(HubProcess hub, int people)
{
    private const int PerCall = 1_000;
    private const int Callers = 4;

    /// <summary>The first name that somebody gets.</summary>
    public static string NameOf(string externalId) => $"Kim {externalId}";

    /// <summary>States all of them.</summary>
    public Task PublishAsync() => Parallel.ForEachAsync(Enumerable.Range(0, people).Chunk(PerCall), new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (some, cancellationToken) =>
    {
        var at = TimeProvider.System.GetUtcNow();
        using var body = new StringContent(JsonSerializer.Serialize(some.Select(person => Fact($"c{person}", at))), Encoding.UTF8, "application/json");
        using var answer = await hub.Http.PostAsync("/v1/events", body, cancellationToken);
        var accepted = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)).RootElement.GetProperty("accepted").GetInt32();
        if (accepted != some.Length)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{accepted} of {some.Length} facts were accepted."));
        }
    });

    private static object Fact(string externalId, DateTimeOffset at) => new
    {
        event_id = Guid.CreateVersion7(at), event_type = "profile_updated", schema_version = 1, occurred_at = at, producer = "benchmark", tenant_id = "default",
        subject = new { external_id = externalId }, payload = new { attributes = new { first_name = NameOf(externalId) } },
    };
}
