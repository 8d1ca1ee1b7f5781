using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Verification;

/// <summary>
/// Reads back what a sync wrote into fields. That a vendor took a record is no proof: Braze applies updates after it answered, and drops some without a word. A sample is read, so that it costs a call
/// or a few whatever the size of the run; everybody is what reconciliation is for.
/// </summary>
internal sealed class FieldReadBack(OutboxTransaction transactions, IRunStore runs)
{
    /// <summary>So many people of a run are read at most.</summary>
    public const int Sample = 200;

    /// <summary>Reads the fields of the sample and compares them with what was confirmed.</summary>
    /// <returns>The differences; none where the vendor tells no fields, or nobody's were written.</returns>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    public async Task<FieldDifferences> ReadAsync(Destination destination, Guid runId, CancellationToken cancellationToken)
    {
        if (destination.ConnectorFor(Lane.Bulk) is not IProfileReading reading)
        {
            return FieldDifferences.None;
        }

        var people = await transactions.ReadAsync(async db => await runs.FindAsync(db, runId, cancellationToken) is { Counts.Delivered: > 0 and var delivered }
            ? await WrittenPeople.SampleAsync(db, runId, destination.Name, delivered, Sample, cancellationToken)
            : []);
        var expected = FieldDifferences.Expected(destination, people, reading);
        List<RemoteProfile> told = [];
        foreach (var keys in expected.Select(each => each.Mapped.Key!).Distinct(destination.KeyComparer).Chunk(reading.MaxKeysPerRead))
        {
            told.AddRange(await reading.ReadProfilesAsync(keys, FieldDifferences.FieldsOf(expected), cancellationToken));
        }

        return FieldDifferences.Of(destination, expected, told);
    }

    /// <summary>Notes the differences as findings of the run, in the transaction of its comparison: of those of whom the hub still believes what it believed when they were read.</summary>
    /// <returns>In how many people a field differs.</returns>
    public static async Task<long> NoteAsync(HubDbContext db, IReadBackStore readBacks, Guid runId, string destination, FieldDifferences differences, CancellationToken cancellationToken)
    {
        var different = differences.Findings.Where(each => each.Finding.Field is not null).ToList();
        var believed = await ReconciliationFindings.StillBelievedAsync(db, destination, different.Select(each => (each.Finding.ProfileId!.Value, each.Hash)), cancellationToken);
        List<ReadBackFinding> noted =
        [
            .. from each in different
               where believed.Contains(each.Finding.ProfileId!.Value)
               select new ReadBackFinding(0, ReadBackFinding.Different, each.Finding.ProfileId, each.Finding.RemoteId, null, each.Finding.Field),
        ];
        await readBacks.NoteAsync(db, runId, [.. noted.Take(ReadBackFinding.MostPerKind)], cancellationToken);
        return noted.DistinctBy(each => each.ProfileId).Count();
    }
}
