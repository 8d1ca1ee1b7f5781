using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>
/// The stages of a comparison that look at fields. Where a vendor tells who was changed, and to read everybody would take much of the day's share, those are read who were changed there,
/// or here, or differed the last time; of all others it is known that they are as they were. Where it tells fields along with members, they are compared with those.
/// </summary>
internal sealed class PersonFields(OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>Asks the vendor for the next ones who were changed there, and compares them.</summary>
    public async Task<ComparisonState> ReadChangesAsync(Destination destination, ComparisonState run, ReadBackBudget budget, string nextStage, CancellationToken cancellationToken)
    {
        if (ChangesOf(destination, run) is not { } vendor)
        {
            return await SaveAsync(run with { Stage = nextStage, After = 0 }, cancellationToken);
        }

        var until = run.ReadSince!.Value - vendor.ChangesAreShownAfter;
        var reading = (IProfileReading)vendor;
        var since = run.FieldsSince ?? await transactions.ReadAsync(db => FieldMarks.ToldUntilAsync(db, destination.Name, cancellationToken));
        if (since is null || (run is { FieldsSince: null, FileTellsFields: false } && ReadBackPlan.ReadsAll(reading, run.Expected, budget)))
        {
            return await transactions.RunAsync(
                async (db, _) =>
                {
                    await (since is null ? FieldMarks.AdvanceAsync(db, destination.Name, until, cancellationToken) : Task.CompletedTask);
                    return await Reconciler.SpendAndSaveAsync(db, destination, run with { Stage = nextStage, After = 0 }, time, cancellationToken);
                },
                cancellationToken);
        }

        var page = await vendor.ReadChangedProfilesAsync(since.Value, [.. destination.MappedFields.Select(field => field.To)], run.Cursor, cancellationToken);
        if (run.After + page.Left / vendor.ProfilesPerChangePage > run.Expected / reading.MaxKeysPerRead)
        {
            // Whoever changed most of the account made it cheaper to read everybody; not every vendor tells that beforehand.
            return await transactions.RunAsync(
                async (db, _) =>
                {
                    await FieldMarks.TakeAllAsync(db, destination.Name, cancellationToken);
                    await FieldMarks.AdvanceAsync(db, destination.Name, until, cancellationToken);
                    return await Reconciler.SpendAndSaveAsync(db, destination, run with { Stage = nextStage, After = 0, Cursor = null, FieldsSince = null }, time, cancellationToken);
                },
                cancellationToken);
        }

        var told = page.Profiles.Where(profile => profile.RemoteId is not null).Select(profile => profile.RemoteId!).ToList();
        var people = page.HasFields ? await transactions.ReadAsync(db => ReconciliationFindings.ToldAsync(db, run, told, cancellationToken)) : [];
        var differences = FieldDifferences.Of(destination, FieldDifferences.Expected(destination, people), page.Profiles);
        return await transactions.RunAsync(
            async (db, _) =>
            {
                await FieldMarks.TakeAsync(db, destination.Name, told, cancellationToken);
                await NoteAsync(db, run, differences, cancellationToken);
                await MarkAsync(db, run, differences, cancellationToken);
                await (page.Next is null ? FieldMarks.AdvanceAsync(db, destination.Name, until, cancellationToken) : Task.CompletedTask);
                var after = run with { FieldsSince = since, Cursor = page.Next, Stage = page.Next is null ? nextStage : run.Stage, After = page.Next is null ? 0 : run.After + 1, Checked = run.Checked + differences.Seen };
                return await Reconciler.SpendAndSaveAsync(db, destination, after, time, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Reads the fields of the next people and compares them with what was confirmed. Who changed meanwhile is left to the next run.</summary>
    public async Task<ComparisonState> ReadFieldsAsync(Destination destination, ComparisonState run, string nextStage, int calls, CancellationToken cancellationToken)
    {
        var reading = AlongOf(destination, run) is null ? destination.ReadBack.Connector as IProfileReading : null;
        var people = reading is null ? [] : await transactions.ReadAsync(db => ReconciliationFindings.NextToReadAsync(db, run, calls * reading.MaxKeysPerRead, cancellationToken));
        if (people.Count == 0)
        {
            return await SaveAsync(run with { Stage = nextStage, After = 0 }, cancellationToken);
        }

        var expected = FieldDifferences.Expected(destination, people, reading);
        List<string> keys = [.. expected.Select(each => each.Mapped.Key!).Distinct(destination.KeyComparer)];
        var fields = FieldDifferences.FieldsOf(expected);
        var read = await Task.WhenAll(keys.Chunk(reading!.MaxKeysPerRead).Select(part => reading.ReadProfilesAsync(part, fields, cancellationToken)));
        var differences = FieldDifferences.Of(destination, expected, read.SelectMany(part => part));
        return await transactions.RunAsync(
            async (db, _) =>
            {
                await NoteAsync(db, run, differences, cancellationToken);
                await (ChangesOf(destination, run) is null ? Task.CompletedTask : MarkAsync(db, run, differences, cancellationToken));
                return await Reconciler.SpendAndSaveAsync(db, destination, run with { After = people[^1].At, Checked = run.Checked + differences.Seen }, time, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>The vendor as one that tells fields along with who is a member, where everybody's are read; else null. They are then compared with the members.</summary>
    public static IMemberProfileLookup? AlongOf(Destination destination, ComparisonState run) => run.WholeFields ? destination.ReadBack.Connector as IMemberProfileLookup : null;

    /// <summary>The vendor as one that tells who was changed; null where it does not, and where a sample is read.</summary>
    private static IProfileChangeReading? ChangesOf(Destination destination, ComparisonState run) =>
        run.IsWhole && destination.ReadBack.Connector is IProfileReading and IProfileChangeReading vendor ? vendor : null;

    /// <summary>Of somebody of whom the hub believes something else by now, nothing is noted.</summary>
    public static async Task NoteAsync(HubDbContext db, ComparisonState run, FieldDifferences differences, CancellationToken cancellationToken)
    {
        var believed = await ReconciliationFindings.StillBelievedAsync(db, run.Destination, differences.Findings.Select(each => (each.Finding.ProfileId!.Value, each.Hash)), cancellationToken);
        await ReconciliationFindings.AddAsync(db, run.RunId, [.. differences.Findings.Select(each => each.Finding).Where(finding => believed.Contains(finding.ProfileId!.Value))], cancellationToken);
    }

    private static async Task MarkAsync(HubDbContext db, ComparisonState run, FieldDifferences differences, CancellationToken cancellationToken)
    {
        await FieldMarks.TakeAsync(db, run.Destination, differences.Others, cancellationToken);
        await FieldMarks.SetAsync(db, run, differences.Same, cancellationToken);
    }

    private async Task<ComparisonState> SaveAsync(ComparisonState run, CancellationToken cancellationToken)
    {
        await transactions.RunAsync((db, _) => ReconciliationBook.SaveAsync(db, run, cancellationToken), cancellationToken);
        return run;
    }
}
