using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>The events at Braze's sandbox, as its own record has them.</summary>
internal sealed class BrazeEvents(HubProcess sandbox)
{
    /// <summary>Half of the calls take their time, so that kills fall into calls and not only between them.</summary>
    public async Task SlowDownAsync(TimeSpan answer)
    {
        using var done = await sandbox.Http.PostAsJsonAsync("/braze/_sandbox/faults", new[] { new { kind = "slow", endpoint = "users/track", delay_ms = answer.TotalMilliseconds, probability = 0.5 } });
        done.EnsureSuccessStatusCode();
    }

    /// <summary>Name and the hub's id of each, as often as it is there.</summary>
    public async Task<List<(string Name, Guid Id)>> ReadAsync()
    {
        await Poll.Until(async () => (await sandbox.GetAsync("/braze/_sandbox/stats")).GetProperty("settled").GetBoolean(), "the sandbox to have applied what it took");
        var events = new List<(string, Guid)>();
        using var reader = new StreamReader(await sandbox.Http.GetStreamAsync("/braze/_sandbox/events"));
        while (await reader.ReadLineAsync() is { } line)
        {
            using var happened = JsonDocument.Parse(line);
            events.Add((happened.RootElement.GetProperty("name").GetString()!, happened.RootElement.GetProperty("id").GetGuid()));
        }

        return events;
    }
}
