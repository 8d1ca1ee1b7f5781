using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;
using IntegrationHub.Storage;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Verification;

/// <summary>Reads an audience's members back from the vendor, page by page, and compares them set-based with what the hub believes; and a sample of what a run wrote into their fields.</summary>
internal sealed class MemberReadBack(
    OutboxTransaction transactions,
    IVerificationStore store,
    IReadBackStore readBacks,
    IRunStore runs,
    FieldReadBack fields,
    ReadBackTurn turn,
    IOptions<DeliveryOptions> options,
    TimeProvider time)
{
    private const int LookupsAtOnce = 4;
    private const int MostLookups = 5;
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    /// <summary>Says the result of the step's round again when there is one; null when the round was not read yet.</summary>
    public Task<ReadBackResult?> RepeatAsync(VerifyAudienceSync step, CancellationToken cancellationToken) =>
        transactions.RunAsync((db, bus) => RepeatAsync(db, bus, step, cancellationToken), cancellationToken);

    /// <summary>
    /// Reads the members back, compares, and says the result. Comparison, result and its saying are one transaction: a round is concluded once, and
    /// whoever asks for it again gets the same answer.
    /// </summary>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    /// <returns>The result, or null when another instance reads this audience back already.</returns>
    /// <remarks>A delta is verified by the people whom it was about, and so is a reconciliation, which compared the whole audience before; the whole audience belongs to full runs.</remarks>
    public async Task<ReadBackResult?> VerifyAsync(Destination destination, VerifyAudienceSync step, CancellationToken cancellationToken)
    {
        var readBack = new ReadBack(step.RunId, step.Round, step.Destination, step.Audience, OnlyPeopleOfRun: step.Mode is SyncMode.Delta or SyncMode.Reconcile)
        {
            // A mirror run looks strangers up among everybody by their keys, as they are spelled.
            Since = time.GetUtcNow(),
            FoldsKeys = destination.Descriptor.KeysAreCaseInsensitive && step.Mode != SyncMode.Mirror,
        };
        var written = await fields.ReadAsync(destination, step.RunId, cancellationToken);
        return await UnderLeaseAsync(
            destination,
            readBack,
            async (db, bus, token) =>
                await RepeatAsync(db, bus, step, token) ?? await ConcludeAsync(db, bus, destination, readBack, written, step, token),
            cancellationToken);
    }

    private async Task<ReadBackResult?> RepeatAsync(HubDbContext db, IPublishEndpoint bus, VerifyAudienceSync step, CancellationToken cancellationToken)
    {
        var known = await readBacks.FindAsync(db, step.RunId, step.Round, cancellationToken);
        if (known is not null)
        {
            await bus.Publish(Verified(known), cancellationToken);
        }

        return known;
    }

    private async Task<ReadBackResult> ConcludeAsync(
        HubDbContext db, IPublishEndpoint bus, Destination destination, ReadBack readBack, FieldDifferences written, VerifyAudienceSync step, CancellationToken cancellationToken)
    {
        var members = await store.CompareAsync(db, readBack, destination.IdentityKeyKind, step.Mode is SyncMode.Mirror or SyncMode.Reconcile, step.IsLastRound, cancellationToken);
        var totals = members with { FieldsRead = written.Seen, Differing = await FieldReadBack.NoteAsync(db, readBacks, step.RunId, step.Destination, written, cancellationToken) };
        var run = await runs.FindAsync(db, step.RunId, cancellationToken);
        var result = new ReadBackResult(
            step.RunId, step.Round, step.IsLastRound, totals, run is null ? 0 : run.Counts.Rejected + run.Counts.DeadLettered, time.GetUtcNow());
        await readBacks.AddAsync(db, result, cancellationToken);
        await bus.Publish(Verified(result), cancellationToken);
        return result;
    }

    private static AudienceSyncVerified Verified(ReadBackResult result) => new()
    {
        RunId = result.RunId,
        Round = result.Round,
        Expected = result.Totals.Expected,
        Found = result.Totals.Found,
        Missing = result.Totals.Missing,
        Unexpected = result.Totals.Unexpected,
        FieldsRead = result.Totals.FieldsRead,
        Differing = result.Totals.Differing,
        WithIssues = result.WithIssues,
        IsLastRound = result.IsLastRound,
        At = result.At,
    };

    /// <summary>For a mirror run: records members that somebody else added, so that the plan sees them.</summary>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    /// <returns>How many there are, or null when another instance reads this audience back already.</returns>
    public async Task<long?> AdoptStrangersAsync(Destination destination, PlanAudienceSync step, CancellationToken cancellationToken)
    {
        var readBack = new ReadBack(step.RunId, 0, step.Destination, step.Audience);
        return await UnderLeaseAsync(
            destination,
            readBack,
            async (db, _, token) => (long?)await store.AdoptStrangersAsync(
                db, step.RunId, 0, step.Destination, step.Audience, destination.IdentityKeyKind, time.GetUtcNow(), token),
            cancellationToken);
    }

    private Task<T?> UnderLeaseAsync<T>(
        Destination destination, ReadBack readBack, Func<HubDbContext, IPublishEndpoint, CancellationToken, Task<T>> conclude, CancellationToken cancellationToken) => turn.TakeAsync(
            destination,
            readBack.Audience,
            readBack.RunId,
            async (target, token) =>
            {
                await StageAsync(destination, readBack, target, token);
                return await EndAsync(readBack, conclude, token);
            },
            cancellationToken);

    private Task<T> EndAsync<T>(ReadBack readBack, Func<HubDbContext, IPublishEndpoint, CancellationToken, Task<T>> conclude, CancellationToken cancellationToken) =>
        transactions.RunAsync(async (db, bus) =>
        {
            var result = await conclude(db, bus, cancellationToken);
            await store.EndAsync(db, readBack.RunId, cancellationToken);
            return result;
        }, cancellationToken);

    private async Task StageAsync(Destination destination, ReadBack readBack, AudienceTarget target, CancellationToken cancellationToken)
    {
        await transactions.RunAsync((db, _) => store.BeginAsync(db, readBack.RunId, readBack.Round, cancellationToken), cancellationToken);
        await foreach (var page in ReadAsync(destination, readBack, target, cancellationToken))
        {
            IReadOnlyList<RemoteMember> members = readBack.FoldsKeys ? [.. page.Select(member => member with { Key = ReadBack.Fold(member.Key) })] : page;
            await transactions.RunAsync((db, _) => store.StageAsync(db, readBack.RunId, readBack.Round, readBack.Destination, members, cancellationToken), cancellationToken);
        }
    }

    /// <summary>Asks once more where the vendor stumbled: with thousands of look-ups one of them always does, and the others need not be repeated for it.</summary>
    private async Task<IReadOnlyList<RemoteMember>> AskAsync(IMemberLookup lookup, AudienceTarget target, RemoteMember[] people, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await lookup.LookUpMembersAsync(target, people, cancellationToken);
            }
            catch (DestinationException trouble) when (attempt < MostLookups && trouble.Condition.Trouble is (DestinationTrouble.Unavailable or DestinationTrouble.Throttled))
            {
                var pause = RetrySchedule.Delay(options.Value.FirstRetryDelay, _longestPause, attempt, Random.Shared.NextDouble());
                await Task.Delay(trouble.Condition.RetryAfter is { } asked && asked > pause ? Min(asked, _longestPause) : pause, time, cancellationToken);
            }
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private IAsyncEnumerable<IReadOnlyList<RemoteMember>> ReadAsync(Destination destination, ReadBack readBack, AudienceTarget target, CancellationToken cancellationToken) =>
        destination.ConnectorFor(Lane.Bulk) switch
        {
            IMemberLookup lookup when readBack.OnlyPeopleOfRun => LookUpAsync(destination, readBack, lookup, target, cancellationToken),
            IMemberListing listing => listing.ListMembersAsync(target, cancellationToken),
            IMemberLookup lookup => LookUpAsync(destination, readBack, lookup, target, cancellationToken),
            var connector => throw new InvalidOperationException($"Connector {connector.Descriptor.Name} offers no way to read members back."),
        };

    private async IAsyncEnumerable<IReadOnlyList<RemoteMember>> LookUpAsync(
        Destination destination,
        ReadBack readBack,
        IMemberLookup lookup,
        AudienceTarget target,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = 0L;
        while (true)
        {
            var after = cursor;
            var expected = await transactions.ReadAsync(db =>
                store.ReadExpectedAsync(db, readBack, after, lookup.MaxPeoplePerLookup * LookupsAtOnce * 8, cancellationToken));
            if (expected.Count == 0)
            {
                yield break;
            }

            cursor = expected[^1].ProfileId;
            var people = expected.Select(destination.PersonOf).OfType<RemoteMember>().Chunk(lookup.MaxPeoplePerLookup);
            var found = new List<RemoteMember>(expected.Count);
            foreach (var wave in people.Chunk(LookupsAtOnce))
            {
                foreach (var members in await Task.WhenAll(wave.Select(chunk => AskAsync(lookup, target, chunk, cancellationToken))))
                {
                    found.AddRange(members);
                }
            }

            yield return found;
        }
    }
}
