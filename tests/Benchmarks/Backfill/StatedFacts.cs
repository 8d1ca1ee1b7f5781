using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>Facts that a hub gets over HTTP, many at a time.</summary>
internal static class StatedFacts
{
    private const int PerCall = 1_000;
    private const int Callers = 4;

    /// <summary>States all of them.</summary>
    /// <exception cref="InvalidOperationException">One was not accepted.</exception>
    public static Task PublishAsync(HubProcess hub, IEnumerable<object> facts) => Parallel.ForEachAsync(facts.Chunk(PerCall), new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (some, cancellationToken) =>
    {
        using var body = new StringContent(JsonSerializer.Serialize(some), Encoding.UTF8, "application/json");
        using var answer = await hub.Http.PostAsync("/v1/events", body, cancellationToken);
        var accepted = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)).RootElement.GetProperty("accepted").GetInt32();
        Require.That(accepted == some.Length, string.Create(CultureInfo.InvariantCulture, $"{some.Length} facts are accepted, not {accepted}"));
    });
}
