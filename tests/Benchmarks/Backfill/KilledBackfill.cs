using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>A backfill whose hub is killed at seeded moments while it delivers.</summary>
internal sealed class KilledBackfill(HubProcess hub, Random random)
{
    /// <summary>Plans, lets pass, kills while it is delivered, and waits for the end.</summary>
    /// <param name="path">Where it is asked for.</param>
    /// <param name="body">What is asked for.</param>
    /// <param name="times">How often the hub is killed, unless the run is delivered before.</param>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<Ended> RunAsync(string path, object body, int times)
    {
        var (status, begun) = await hub.PostAsync(path, body);
        Require.That((int)status == 202, begun.ToString());
        var runId = begun.GetProperty("run").GetProperty("run_id").GetGuid();
        var planned = await Poll.For(() => ShowAsync(runId), shown => shown.GetProperty("plan_hash").ValueKind == JsonValueKind.String, "the plan to stand");
        var toWrite = planned.GetProperty("plan").GetProperty("to_write").GetInt64();
        Require.That(toWrite > times, $"there is enough to write: {planned.GetProperty("plan")}");
        var started = TimeProvider.System.GetTimestamp();
        (status, var approved) = await hub.PostAsync($"/v1/backfills/{runId}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString(), reason = "as planned" });
        Require.That((int)status == 202, approved.ToString());
        var killed = 0;
        foreach (var instant in Enumerable.Range(0, times).Select(_ => random.NextInt64(1, toWrite)).Order().ToList())
        {
            // Between two looks it moves on by a chance number of records: the kill falls anywhere into a batch.
            var shown = await Poll.For(() => ShowAsync(runId), run => Settled(run) >= instant || IsOver(run), "the instant of the kill");
            if (StateOf(shown) != "Delivering")
            {
                break;
            }

            await hub.KillAsync();
            killed++;
            ScenarioOptions.Progress($"killed at {Settled(shown)} of {toWrite}");
            await hub.StartAsync();
        }

        JsonElement ended;
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200)))
        {
            while (!IsOver(ended = await ShowAsync(runId)))
            {
                await timer.WaitForNextTickAsync();
            }
        }

        return new Ended(runId, StateOf(ended), ended, toWrite, killed, TimeProvider.System.GetElapsedTime(started).TotalSeconds);
    }

    private Task<JsonElement> ShowAsync(Guid runId) => hub.GetAsync($"/v1/backfills/{runId}");

    private static long Settled(JsonElement backfill) => new[] { "delivered", "unchanged", "dead_lettered" }.Sum(outcome => CountOf(backfill, outcome));

    private static long CountOf(JsonElement backfill, string outcome) => backfill.GetProperty("run").GetProperty("counts").GetProperty(outcome).GetInt64();

    private static bool IsOver(JsonElement backfill) => backfill.GetProperty("run").GetProperty("finished_at").ValueKind == JsonValueKind.String;

    private static string? StateOf(JsonElement backfill) => backfill.GetProperty("run").GetProperty("state").GetString();

    /// <summary>How it ended.</summary>
    /// <param name="RunId">The run.</param>
    /// <param name="State">Its state.</param>
    /// <param name="Shown">All that the hub shows of it.</param>
    /// <param name="Planned">Records of its plan that were to be written.</param>
    /// <param name="Kills">How often the hub was killed.</param>
    /// <param name="Seconds">From the approval to the end.</param>
    internal sealed record Ended(Guid RunId, string? State, JsonElement Shown, long Planned, int Kills, double Seconds)
    {
        /// <summary>Records with an outcome, such as <c>delivered</c>.</summary>
        public long Count(string outcome) => CountOf(Shown, outcome);
    }
}
