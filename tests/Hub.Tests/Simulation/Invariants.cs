using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>What must hold after every step, and the first thing that did not.</summary>
internal sealed class Invariants(SimulatedDatabase database, Tale tale)
{
    private readonly HashSet<(Guid Run, int Round)> _counted = [];
    private Dictionary<Guid, Standing> _runs = [];
    private string? _broken;

    /// <exception cref="BrokenInvariantException">It does not hold.</exception>
    public void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            // Whoever calls from within a call of the hub is not heard: the hub takes it for a fault of the connector.
            _broken ??= otherwise;
            tale.Tell($"BROKEN: {otherwise}");
            throw new BrokenInvariantException(otherwise);
        }
    }

    /// <summary>A step is over.</summary>
    public async Task ShouldHoldAsync()
    {
        Expect(_broken is null, _broken ?? "");
        foreach (var (what, run) in await database.SelectAsync(LedgerInvariants.Broken, reader => (reader.GetString(0), reader.GetGuid(1))))
        {
            Expect(false, $"{tale.NameOf(run)}: {what}");
        }

        foreach (var (run, now) in await RunsAsync())
        {
            Expect(_runs.TryGetValue(run, out var before) && before.State == now.State, $"{tale.NameOf(run)} became {now.State} without its saga");
        }
    }

    /// <summary>A saga dealt with a message: its run may have moved along its graph, and no round of a read-back counts twice.</summary>
    public async Task ShouldHaveMovedByAsync(object message)
    {
        var runs = await RunsAsync();
        foreach (var (run, now) in runs)
        {
            var before = _runs.GetValueOrDefault(run);
            if (before == now)
            {
                continue;
            }

            var graph = now.Kind switch { KindOfRun.Sync => ApprovedGraph.OfSyncs, KindOfRun.Backfill => ApprovedGraph.OfBackfills, _ => ApprovedGraph.OfErasures };
            Expect(before.State == now.State || graph.Has(before.State, now.State), $"{tale.NameOf(run)} went from {before.State ?? "nowhere"} to {now.State} by {message.GetType().Name}");
            Expect(run == Tale.RunOf(message), $"{tale.NameOf(run)} moved by a message of {tale.NameOf(message)}");
            if (RoundOf(message) is { } round)
            {
                Expect(_counted.Add((run, round)), $"round {round} of the read-back of {tale.NameOf(run)} counts twice");
            }
        }

        _runs = runs;
    }

    private static int? RoundOf(object message) => message switch
    {
        AudienceSyncVerified sync => sync.Round,
        BackfillVerified backfill => backfill.Round,
        DestinationsRechecked erasure => erasure.Round,
        _ => null,
    };

    private async Task<Dictionary<Guid, Standing>> RunsAsync() => (await database.SelectAsync(
        """
        SELECT correlation_id, 0, current_state, verification_round, verification_delay_token_id FROM audience_syncs
        UNION ALL SELECT correlation_id, 1, current_state, verification_round, verification_delay_token_id FROM backfill_runs
        UNION ALL SELECT correlation_id, 2, current_state, recheck, look_token_id FROM erasures
        """,
        reader => (Run: reader.GetGuid(0), Now: new Standing((KindOfRun)reader.GetInt32(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetGuid(4)))))
        .ToDictionary(row => row.Run, row => row.Now);

    /// <summary>How far a run is.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="State">Its state.</param>
    /// <param name="Round">The round of its read-back.</param>
    /// <param name="Next">What it scheduled to read back, or to look, again: another one whenever it does.</param>
    private readonly record struct Standing(KindOfRun Kind, string State, int? Round, Guid? Next);
}
