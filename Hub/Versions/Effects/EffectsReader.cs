using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>
/// Tells what files would do to people: reads those of each audience at each destination whose rules differ, as the planner of a run reads them, and has the planner's code decide by both. One pass a
/// pair, a chunk at a time. Writes nothing.
/// </summary>
internal sealed class EffectsReader(HubConfiguration configuration, IEnumerable<IConnectorFactory> factories, IPlanStore plans, OutboxTransaction transactions, IOptions<DeliveryOptions> delivery, TimeProvider time) : IDisposable
{
    /// <summary>People who are looked at, about, per audience and destination.</summary>
    public const int SampleSize = 20_000;

    private const int ChunkSize = 5_000;
    private const int Million = 1_000_000;

    /// <summary>However many ask, one look at a time: it leaves the database to deliveries.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    private readonly Dictionary<string, ConnectorDescriptor> _descriptors = factories.ToDictionary(factory => factory.Descriptor.Name, factory => factory.Descriptor, StringComparer.Ordinal);

    /// <summary>Reads. Can be canceled between two chunks.</summary>
    /// <param name="next">The configuration of the plan, checked.</param>
    /// <param name="exact">Whether all people are looked at.</param>
    /// <param name="progress">Told after each chunk how many of how many were looked at; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="renames">Audiences that the plan calls otherwise: until it is in force their members stand under the names before. Null for none.</param>
    public async Task<ConfigurationEffectsJson> ReadAsync(
        HubConfiguration next, bool exact, IProgress<(long LookedAt, long People)>? progress, CancellationToken cancellationToken, IReadOnlyList<NameChange>? renames = null)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await LookAsync(next, renames ?? [], exact, progress, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ConfigurationEffectsJson> LookAsync(HubConfiguration next, IReadOnlyList<NameChange> renames, bool exact, IProgress<(long LookedAt, long People)>? progress, CancellationToken cancellationToken)
    {
        var (pairs, unchanged) = Differing(next, renames);
        var counted = new List<(Pair Pair, long People)>();
        foreach (var pair in pairs)
        {
            counted.Add((pair, await transactions.ReadAsync(db => plans.CountCandidatesAsync(db, pair.After.Name, pair.Stands, cancellationToken))));
        }

        var (syncs, looked, people) = (new List<SyncEffectJson>(), 0L, counted.Sum(pair => pair.People));
        foreach (var (pair, there) in counted)
        {
            var share = exact || there <= SampleSize ? (int?)null : (int)Math.Ceiling((double)SampleSize * Million / there);
            var tally = new SyncTally(pair.Before, pair.After);
            await foreach (var chunk in ChunksAsync(pair, share, cancellationToken))
            {
                foreach (var candidate in chunk)
                {
                    tally.Add(candidate);
                }

                progress?.Report((looked + tally.LookedAt, people));
            }

            looked += tally.LookedAt;
            var limits = DestinationComposition.LimitsOf(next.Destinations[pair.After.Name], pair.After.Descriptor, delivery.Value);
            syncs.Add(tally.Told(pair.Audience, share is null ? tally.LookedAt : there, limits, time.GetUtcNow()));
        }

        return new ConfigurationEffectsJson { Scope = exact ? EffectScope.Exact : EffectScope.Sample, People = syncs.Sum(sync => sync.People), LookedAt = looked, Unchanged = unchanged, Syncs = syncs };
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    /// <summary>The next chunk is read while the last one is decided on.</summary>
    private async IAsyncEnumerable<IReadOnlyList<PlanCandidate>> ChunksAsync(Pair pair, int? share, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new PlanRequest(Guid.Empty, pair.After.Name, pair.Stands, SyncMode.Full, Lane.Bulk, pair.After.PlanVersion, 1) { SamplePerMillion = share };
        var reading = ReadAfterAsync(0);
        try
        {
            while (await reading is { Count: > 0 } chunk)
            {
                reading = ReadAfterAsync(chunk[^1].ProfileId);
                yield return chunk;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // nobody waits for it any more when the caller ended
        }

        Task<IReadOnlyList<PlanCandidate>> ReadAfterAsync(long profileId) => Task.Run(() => transactions.ReadAsync(db => plans.ReadCandidatesAsync(db, request, profileId, ChunkSize, cancellationToken)), cancellationToken);
    }

    private (List<Pair> Differing, int Unchanged) Differing(HubConfiguration next, IReadOnlyList<NameChange> renames)
    {
        var (pairs, unchanged) = (new List<Pair>(), 0);
        var (before, after) = (RulesOf(configuration), RulesOf(next));
        foreach (var audience in next.Audiences.Values.OrderBy(audience => audience.Key, StringComparer.Ordinal))
        {
            foreach (var name in audience.Destinations.Order(StringComparer.Ordinal))
            {
                var stands = renames.FirstOrDefault(rename => rename.To == audience.Key)?.From ?? audience.Key;
                var old = configuration.Audiences.GetValueOrDefault(stands)?.Destinations.Contains(name) == true ? before[name] : null;
                if (old is not null && old.PlanVersion == after[name].PlanVersion && old.OnMerge == after[name].OnMerge)
                {
                    unchanged++;
                }
                else
                {
                    pairs.Add(new Pair(audience.Key, stands, old, after[name]));
                }
            }
        }

        return (pairs, unchanged);
    }

    private Dictionary<string, DestinationRules> RulesOf(HubConfiguration hub) =>
        hub.Destinations.ToDictionary(destination => destination.Key, destination => new DestinationRules(destination.Value, hub, _descriptors[destination.Value.Connector], time), StringComparer.Ordinal);

    /// <param name="Audience">Key of the audience.</param>
    /// <param name="Stands">Key under which its members stand as long as the plan is one.</param>
    /// <param name="Before">The rules before; null where it does not go there.</param>
    /// <param name="After">The rules of the plan.</param>
    private sealed record Pair(string Audience, string Stands, DestinationRules? Before, DestinationRules After);
}
