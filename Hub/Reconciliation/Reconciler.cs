using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>
/// Compares what a vendor holds of an audience with what the hub believes, page by page, each page written with the place where the next begins: a killed hub, or one whose share of
/// the day's calls is used up, goes on there. Nothing of the size of the audience is held in memory.
/// </summary>
internal sealed partial class Reconciler(
    OutboxTransaction transactions, IVerificationStore store, ReadBackTurn turn, PersonComparison people, TimeProvider time, ILogger<Reconciler> logger)
{
    /// <summary>So long one message is worked on; then the run is asked for the next stretch, so that no broker takes its consumer for dead.</summary>
    private static readonly TimeSpan _stretch = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _saysSoEvery = TimeSpan.FromSeconds(5);
    private const int Page = 1_000;
    private const int StrangersAtOnce = 5_000;

    /// <summary>Compares as far as time and budget allow.</summary>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    /// <returns>How far it got; null when somebody else compares already.</returns>
    public Task<ReconcilePass?> CompareAsync(Destination destination, PlanAudienceSync step, CancellationToken cancellationToken) =>
        turn.TakeAsync(destination, step.Audience, step.RunId, (target, token) => CompareAsync(destination, step, target, token), cancellationToken);

    private async Task<ReconcilePass> CompareAsync(Destination destination, PlanAudienceSync step, AudienceTarget target, CancellationToken cancellationToken)
    {
        var run = await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, step.RunId, cancellationToken))
            ?? throw new InvalidOperationException($"Run {step.RunId} is a reconciliation that nobody noted.");
        var (began, said) = (time.GetTimestamp(), time.GetTimestamp());
        while (run.Stage != ReconciliationStage.Done)
        {
            if (AsksTheVendor(run.Stage) && await UsedUpUntilAsync(destination, cancellationToken) is { } until)
            {
                await SaveAsync(run with { WaitingUntil = until }, cancellationToken);
                LogWaits(run.RunId, run.Destination, until);
                return new ReconcilePass(false, until, run.Heal);
            }

            if (time.GetElapsedTime(began) > _stretch)
            {
                return new ReconcilePass(false, time.GetUtcNow(), run.Heal);
            }

            run = await NextAsync(destination, run, target, cancellationToken);
            if (time.GetElapsedTime(said) > _saysSoEvery)
            {
                said = time.GetTimestamp();
                await transactions.RunAsync((_, bus) => bus.Publish(new AudienceSyncProgressed { RunId = run.RunId, Settled = 1, At = time.GetUtcNow() }, cancellationToken), cancellationToken);
            }
        }

        LogCompared(run.RunId, run.Destination, run.Expected, run.Found, run.Missing, run.Unexpected, run.Different, run.Duplicates, run.Calls);
        return new ReconcilePass(true, time.GetUtcNow(), run.Heal);
    }

    private static bool AsksTheVendor(string stage) => stage is ReconciliationStage.Members or ReconciliationStage.Missing or ReconciliationStage.Fields;

    private Task<ComparisonState> NextAsync(Destination destination, ComparisonState run, AudienceTarget target, CancellationToken cancellationToken) => run.Stage switch
    {
        ReconciliationStage.Members => ReadMembersAsync(destination, run, target, cancellationToken),
        ReconciliationStage.Compare => CompareMembersAsync(destination, run, cancellationToken),
        ReconciliationStage.Missing => people.LookForMissingAsync(destination, run, target, ReconciliationStage.Unexpected, cancellationToken),
        ReconciliationStage.Unexpected => people.ExplainUnexpectedAsync(destination, run, Page, ReconciliationStage.Owed, cancellationToken),
        ReconciliationStage.Owed => people.FindOwedAsync(destination, run, Page, ReconciliationStage.Fields, cancellationToken),
        ReconciliationStage.Fields => people.ReadFieldsAsync(destination, run, cancellationToken),
        _ => ConcludeAsync(destination, run, cancellationToken),
    };

    private async Task<ComparisonState> ReadMembersAsync(Destination destination, ComparisonState run, AudienceTarget target, CancellationToken cancellationToken)
    {
        var isFirst = run.ReadSince is null;
        run = isFirst ? run with { ReadSince = time.GetUtcNow() } : run;
        IReadOnlyList<RemoteMember> members;
        string? next;
        try
        {
            (members, next) = await ReadPageAsync(destination, run, target, cancellationToken);
        }
        catch (DestinationException trouble) when (run.Cursor is not null && trouble.Condition is { Trouble: DestinationTrouble.Misconfigured, Code: not ReasonCode.AudienceGone })
        {
            // Vendors' cursors do not hold for ever: from the beginning, and if that is refused too it is no matter of the cursor.
            LogStartsOver(run.RunId, run.Destination, trouble.Condition.Code);
            run = run with { Cursor = null, ReadSince = null, Listed = 0 };
            return await transactions.RunAsync((db, _) => SpendAndSaveAsync(db, destination, run, time, cancellationToken), cancellationToken);
        }

        run = run with { Cursor = next, Listed = run.Listed + members.Count, Stage = next is null ? ReconciliationStage.Compare : run.Stage, WaitingUntil = null };
        return await transactions.RunAsync(
            async (db, _) =>
            {
                if (isFirst)
                {
                    await store.BeginAsync(db, run.RunId, 0, cancellationToken);
                }

                await store.StageAsync(db, run.RunId, 0, FoldsKeys(destination) ? [.. members.Select(member => member with { Key = ReadBack.Fold(member.Key) })] : members, cancellationToken);
                return await SpendAndSaveAsync(db, destination, run, time, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<(IReadOnlyList<RemoteMember> Members, string? Next)> ReadPageAsync(
        Destination destination, ComparisonState run, AudienceTarget target, CancellationToken cancellationToken)
    {
        switch (destination.ReadBack.Connector)
        {
            case IMemberPaging paging:
                var page = await paging.ReadMemberPageAsync(target, run.Cursor, cancellationToken);
                return (page.Members, page.Next);
            case IMemberLookup lookup:
                var after = run.Cursor is { } cursor ? long.Parse(cursor, CultureInfo.InvariantCulture) : 0;
                var expected = await transactions.ReadAsync(db => store.ReadExpectedAsync(db, Compared(destination, run), after, lookup.MaxPeoplePerLookup, cancellationToken));
                var asked = expected.Select(destination.PersonOf).OfType<RemoteMember>().ToList();
                return (
                    asked.Count == 0 ? [] : await lookup.LookUpMembersAsync(target, asked, cancellationToken),
                    expected.Count == 0 ? null : expected[^1].ProfileId.ToString(CultureInfo.InvariantCulture));
            case var other:
                throw new InvalidOperationException($"Connector {other.Descriptor.Name} offers no way to read members back.");
        }
    }

    private Task<ComparisonState> CompareMembersAsync(Destination destination, ComparisonState run, CancellationToken cancellationToken) =>
        transactions.RunAsync(
            async (db, _) =>
            {
                var totals = await store.CompareAsync(db, Compared(destination, run), destination.IdentityKeyKind, destination.ListsMembers, final: false, cancellationToken);
                await ReconciliationFindings.TakeAsync(db, run, destination.IdentityKeyKind, cancellationToken);
                await store.EndAsync(db, run.RunId, cancellationToken);
                var compared = run with { Stage = ReconciliationStage.Missing, After = 0, Expected = totals.Expected, Found = totals.Found };
                await ReconciliationBook.SaveAsync(db, compared, cancellationToken);
                return compared;
            },
            cancellationToken);

    /// <summary>Counts, and owes what is to be healed; then the plan decides.</summary>
    private Task<ComparisonState> ConcludeAsync(Destination destination, ComparisonState run, CancellationToken cancellationToken) =>
        transactions.RunAsync(
            async (db, _) =>
            {
                if (run.Heal == HealingWord.All)
                {
                    await AdoptUnexpectedAsync(db, destination, run, cancellationToken);
                }

                if (run.Heal != HealingWord.Report)
                {
                    await ReconciliationFindings.OweAsync(db, run, cancellationToken);
                }

                var counts = await ReconciliationFindings.CountAsync(db, run.RunId, cancellationToken);
                var done = run with
                {
                    Stage = ReconciliationStage.Done,
                    ComparedAt = time.GetUtcNow(),
                    Missing = counts.GetValueOrDefault(FindingKind.Missing),
                    Unexpected = counts.GetValueOrDefault(FindingKind.Unexpected),
                    Different = counts.GetValueOrDefault(FindingKind.Different),
                    Duplicates = counts.GetValueOrDefault(FindingKind.Duplicate),
                };
                await ReconciliationBook.SaveAsync(db, done, cancellationToken);
                return done;
            },
            cancellationToken);

    private async Task AdoptUnexpectedAsync(HubDbContext db, Destination destination, ComparisonState run, CancellationToken cancellationToken)
    {
        await store.BeginAsync(db, run.RunId, ReconciliationFindings.StrangersRound, cancellationToken);
        var after = 0L;
        while (await ReconciliationFindings.NextStrangersAsync(db, run.RunId, after, StrangersAtOnce, cancellationToken) is [.., var last] page)
        {
            await store.StageAsync(db, run.RunId, ReconciliationFindings.StrangersRound, [.. page.Select(each => each.Member)], cancellationToken);
            after = last.At;
        }

        await store.AdoptStrangersAsync(
            db, run.RunId, ReconciliationFindings.StrangersRound, run.Destination, run.Audience, destination.IdentityKeyKind, time.GetUtcNow(), cancellationToken);
        await store.EndAsync(db, run.RunId, cancellationToken);
    }

    /// <summary>When reading goes on, when what the day allows is used up; else null.</summary>
    private async Task<DateTimeOffset?> UsedUpUntilAsync(Destination destination, CancellationToken cancellationToken)
    {
        var budget = BudgetOf(destination, time);
        return await transactions.ReadAsync(db => ReconciliationBook.SpentAsync(db, destination.Name, budget.Day, cancellationToken)) >= budget.Calls ? budget.Ends : null;
    }

    /// <summary>The calls that were made since the last time are the day's and the run's.</summary>
    public static async Task<ComparisonState> SpendAndSaveAsync(
        HubDbContext db, Destination destination, ComparisonState run, TimeProvider time, CancellationToken cancellationToken)
    {
        var calls = destination.ReadBack.Meter.Take();
        await ReconciliationBook.SpendAsync(db, destination.Name, BudgetOf(destination, time).Day, calls, cancellationToken);
        var saved = run with { Calls = run.Calls + calls, WaitingUntil = null };
        await ReconciliationBook.SaveAsync(db, saved, cancellationToken);
        return saved;
    }

    private static ReadBackBudget BudgetOf(Destination destination, TimeProvider time) =>
        ReadBackBudget.At(destination.Quota.Limits, destination.Reconcile.ReadBackShare ?? Configuration.ReconcileSection.DefaultReadBackShare, time.GetUtcNow());

    private static bool FoldsKeys(Destination destination) => destination.Descriptor.KeysAreCaseInsensitive;

    private static ReadBack Compared(Destination destination, ComparisonState run) => new(run.RunId, 0, run.Destination, run.Audience)
    {
        Since = run.ReadSince ?? DateTimeOffset.MaxValue,
        FoldsKeys = FoldsKeys(destination),
        MostFindings = int.MaxValue,
    };

    private Task SaveAsync(ComparisonState run, CancellationToken cancellationToken) =>
        transactions.RunAsync((db, _) => ReconciliationBook.SaveAsync(db, run, cancellationToken), cancellationToken);

    [LoggerMessage(2501, LogLevel.Information, "Run {RunId}: compared with {Destination}, expected {Expected}, found {Found}: {Missing} missing, {Unexpected} unexpected, {Different} different, {Duplicates} duplicate keys, in {Calls} calls")]
    private partial void LogCompared(Guid runId, string destination, long expected, long found, long missing, long unexpected, long different, long duplicates, long calls);

    [LoggerMessage(2503, LogLevel.Information, "Run {RunId}: {Destination} does not take its own cursor any more ({Code}); its members are read from the beginning")]
    private partial void LogStartsOver(Guid runId, string destination, string code);

    [LoggerMessage(2502, LogLevel.Information, "Run {RunId}: the calls of today that comparing with {Destination} may take are used up; it goes on at {Until:u}")]
    private partial void LogWaits(Guid runId, string destination, DateTimeOffset until);
}
