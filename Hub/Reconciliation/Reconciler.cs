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
    OutboxTransaction transactions, IVerificationStore store, ReadBackTurn turn, MemberFile file, PersonComparison people, PersonFields fields, Measuring measuring, TimeProvider time, ILogger<Reconciler> logger)
{
    /// <summary>So long one message is worked on; then the run is asked for the next stretch, so that no broker takes its consumer for dead.</summary>
    private static readonly TimeSpan _stretch = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _saysSoEvery = TimeSpan.FromSeconds(5);
    private const int Page = 1_000;
    private const int StrangersAtOnce = 5_000;

    /// <summary>Calls between two writes of where it stands: so many are made anew when a hub is killed.</summary>
    private const int MostCallsAtOnce = 8;

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
            var left = AsksTheVendor(run.Stage) ? await CallsLeftAsync(destination, cancellationToken) : MostCallsAtOnce;
            if (left <= 0)
            {
                var until = ReadBackBudget.Of(destination, time).Ends;
                await SaveAsync(run with { WaitingUntil = until }, cancellationToken);
                LogWaits(run.RunId, run.Destination, until);
                return new ReconcilePass(false, until, run.Heal);
            }

            if (time.GetElapsedTime(began) > _stretch)
            {
                return new ReconcilePass(false, time.GetUtcNow(), run.Heal);
            }

            run = await NextAsync(destination, run with { WaitingUntil = null }, target, (int)Math.Min(left, MostCallsAtOnce), cancellationToken); // what it waited for is over, or it says so anew
            if (run.WaitingUntil is { } goesOn && goesOn > time.GetUtcNow())
            {
                return new ReconcilePass(false, goesOn, run.Heal);
            }

            if (time.GetElapsedTime(said) > _saysSoEvery)
            {
                said = time.GetTimestamp();
                await transactions.RunAsync((_, bus) => bus.Publish(new AudienceSyncProgressed { RunId = run.RunId, Settled = 1, At = time.GetUtcNow() }, cancellationToken), cancellationToken);
            }
        }

        LogCompared(run.RunId, run.Destination, run.Expected, run.Found, run.Missing, run.Unexpected, run.Different, run.Duplicates, run.Calls);
        return new ReconcilePass(true, time.GetUtcNow(), run.Heal);
    }

    private static bool AsksTheVendor(string stage) => stage is ReconciliationStage.Members or ReconciliationStage.Missing or ReconciliationStage.Changes or ReconciliationStage.Fields or ReconciliationStage.Measures;

    private Task<ComparisonState> NextAsync(Destination destination, ComparisonState run, AudienceTarget target, int calls, CancellationToken cancellationToken) => run.Stage switch
    {
        ReconciliationStage.Members => ReadMembersAsync(destination, run, target, calls, cancellationToken),
        ReconciliationStage.Compare => CompareMembersAsync(destination, run, cancellationToken),
        ReconciliationStage.Missing => people.LookForMissingAsync(destination, run, target, ReconciliationStage.Unexpected, cancellationToken),
        ReconciliationStage.Unexpected => people.ExplainUnexpectedAsync(destination, run, Page, ReconciliationStage.Owed, cancellationToken),
        ReconciliationStage.Owed => people.FindOwedAsync(destination, run, Page, ReconciliationStage.Changes, cancellationToken),
        ReconciliationStage.Changes => fields.ReadChangesAsync(destination, run, ReadBackBudget.Of(destination, time), ReconciliationStage.Fields, cancellationToken),
        ReconciliationStage.Fields => fields.ReadFieldsAsync(destination, run, ReconciliationStage.Measures, calls, cancellationToken),
        ReconciliationStage.Measures => measuring.MeasureAsync(destination, run, ReconciliationStage.Conclude, cancellationToken),
        _ => ConcludeAsync(destination, run, cancellationToken),
    };

    private async Task<ComparisonState> ReadMembersAsync(Destination destination, ComparisonState run, AudienceTarget target, int calls, CancellationToken cancellationToken)
    {
        if (await file.TryReadAsync(destination, run, target, cancellationToken) is { } read)
        {
            return read;
        }

        var isFirst = run.ReadSince is null;
        run = isFirst ? run with { ReadSince = time.GetUtcNow() } : run;
        var (members, differences) = (new List<RemoteMember>(), new List<FieldDifferences>());
        var next = run.Cursor;
        try
        {
            do
            {
                (var page, next, var different) = await ReadPageAsync(destination, run, target, next, cancellationToken);
                members.AddRange(page);
                differences.AddRange(different is null ? [] : [different]);
            }
            while (next is not null && --calls > 0);
        }
        catch (DestinationException trouble) when (run.Cursor is not null && trouble.Condition is { Trouble: DestinationTrouble.Misconfigured, Code: not ReasonCode.AudienceGone })
        {
            // Vendors' cursors do not hold for ever: from the beginning, and if that is refused too it is no matter of the cursor.
            LogStartsOver(run.RunId, run.Destination, trouble.Condition.Code);
            run = run with { Cursor = null, ReadSince = null, Listed = 0 };
            return await transactions.RunAsync((db, _) => SpendAndSaveAsync(db, destination, run, time, cancellationToken), cancellationToken);
        }

        run = run with { Cursor = next, Listed = run.Listed + members.Count, Checked = run.Checked + differences.Sum(each => each.Seen), Stage = next is null ? ReconciliationStage.Compare : run.Stage, WaitingUntil = null };
        return await transactions.RunAsync(
            async (db, _) =>
            {
                if (isFirst)
                {
                    await store.BeginAsync(db, run.RunId, 0, cancellationToken);
                }

                await store.StageAsync(db, run.RunId, 0, destination.Name, Folded(destination, members), cancellationToken);
                foreach (var different in differences)
                {
                    await PersonFields.NoteAsync(db, run, different, cancellationToken);
                }

                return await SpendAndSaveAsync(db, destination, run, time, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<(IReadOnlyList<RemoteMember> Members, string? Next, FieldDifferences? Different)> ReadPageAsync(
        Destination destination, ComparisonState run, AudienceTarget target, string? cursor, CancellationToken cancellationToken)
    {
        switch (destination.ReadBack.Connector)
        {
            case IMemberPaging paging:
                var page = await paging.ReadMemberPageAsync(target, cursor, cancellationToken);
                return (page.Members, page.Next, null);
            case IMemberLookup lookup:
                var after = cursor is null ? 0 : long.Parse(cursor, CultureInfo.InvariantCulture);
                var expected = await transactions.ReadAsync(db => store.ReadExpectedAsync(db, Compared(destination, run), after, lookup.MaxPeoplePerLookup, cancellationToken));
                var (members, different) = await LookUpAsync(destination, run, target, lookup, expected, cancellationToken);
                return (members, expected.Count == 0 ? null : expected[^1].ProfileId.ToString(CultureInfo.InvariantCulture), different);
            case var other:
                throw new InvalidOperationException($"Connector {other.Descriptor.Name} offers no way to read members back.");
        }
    }

    /// <summary>Looks people up; where the vendor tells what it holds of them in the same call, and everybody is to be read, the fields of those who are members are compared too.</summary>
    private async Task<(IReadOnlyList<RemoteMember> Members, FieldDifferences? Different)> LookUpAsync(
        Destination destination, ComparisonState run, AudienceTarget target, IMemberLookup lookup, IReadOnlyList<ExpectedMember> expected, CancellationToken cancellationToken)
    {
        var asked = expected.Select(destination.PersonOf).OfType<RemoteMember>().ToList();
        if (asked.Count == 0)
        {
            return ([], null);
        }

        if (PersonFields.AlongOf(destination, run) is not { } along)
        {
            return (await lookup.LookUpMembersAsync(target, asked, cancellationToken), null);
        }

        var people = await transactions.ReadAsync(db => ReconciliationFindings.KnownAsync(db, run, expected.Select(member => member.ProfileId), cancellationToken));
        var told = await along.LookUpMemberProfilesAsync(target, asked, [.. destination.MappedFields.Select(field => field.To)], cancellationToken);
        var members = told.Members.Select(member => member.Key).OfType<string>().ToHashSet(destination.KeyComparer);
        return (told.Members, FieldDifferences.Of(destination, FieldDifferences.Expected(destination, people), told.Profiles.Where(profile => members.Contains(profile.Key))));
    }

    private Task<ComparisonState> CompareMembersAsync(Destination destination, ComparisonState run, CancellationToken cancellationToken) =>
        transactions.RunAsync(
            async (db, _) =>
            {
                var totals = await store.CompareAsync(db, Compared(destination, run), destination.IdentityKeyKind, destination.ListsMembers, final: false, cancellationToken);
                await ReconciliationFindings.TakeAsync(db, run, destination.IdentityKeyKind, destination.Descriptor.KeysAreCaseInsensitive, cancellationToken);
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

                await FindingsToHeal.MarkDeletedAsync(db, run, cancellationToken);
                if (run.Heal != HealingWord.Report)
                {
                    await FindingsToHeal.OweAsync(db, run, cancellationToken);
                }

                var counts = await ReconciliationFindings.CountAsync(db, run.RunId, cancellationToken);
                var done = run with
                {
                    Stage = ReconciliationStage.Done,
                    ComparedAt = time.GetUtcNow(),
                    Missing = counts.GetValueOrDefault(FindingKind.Missing),
                    Unexpected = counts.GetValueOrDefault(FindingKind.Unexpected),
                    Different = counts.GetValueOrDefault(FindingKind.Different),
                    FieldsDiffer = await ReconciliationFindings.CountFieldsAsync(db, run.RunId, cancellationToken),
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
            await store.StageAsync(db, run.RunId, ReconciliationFindings.StrangersRound, run.Destination, [.. page.Select(each => each.Member)], cancellationToken);
            after = last.At;
        }

        await store.AdoptStrangersAsync(
            db, run.RunId, ReconciliationFindings.StrangersRound, run.Destination, run.Audience, destination.IdentityKeyKind, time.GetUtcNow(), cancellationToken);
        await store.EndAsync(db, run.RunId, cancellationToken);
    }

    /// <summary>The calls that the day still allows; 0 or less when they are used up.</summary>
    private async Task<long> CallsLeftAsync(Destination destination, CancellationToken cancellationToken)
    {
        var budget = ReadBackBudget.Of(destination, time);
        return budget.Calls - await transactions.ReadAsync(db => ReconciliationBook.SpentAsync(db, destination.Name, budget.Day, cancellationToken));
    }

    /// <summary>The calls that were made since the last time are the day's and the run's.</summary>
    public static async Task<ComparisonState> SpendAndSaveAsync(
        HubDbContext db, Destination destination, ComparisonState run, TimeProvider time, CancellationToken cancellationToken)
    {
        var calls = destination.ReadBack.Meter.Take();
        await ReconciliationBook.SpendAsync(db, destination.Name, ReadBackBudget.Of(destination, time).Day, calls, cancellationToken);
        var saved = run with { Calls = run.Calls + calls, WaitingUntil = null };
        await ReconciliationBook.SaveAsync(db, saved, cancellationToken);
        return saved;
    }

    /// <summary>Members with their keys as they are compared.</summary>
    public static IReadOnlyList<RemoteMember> Folded(Destination destination, IReadOnlyList<RemoteMember> members) =>
        FoldsKeys(destination) ? [.. members.Select(member => member with { Key = ReadBack.Fold(member.Key) })] : members;

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
