using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>The stage of a comparison that counts: events of the last whole day by name, and how well the destination knows the people of the audience.</summary>
internal sealed class Measuring(OutboxTransaction transactions, TimeProvider time)
{
    private static readonly TimeSpan _span = TimeSpan.FromDays(1);

    /// <summary>Counts, and keeps it with the run.</summary>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    public async Task<ComparisonState> MeasureAsync(Destination destination, ComparisonState run, string nextStage, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var until = new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);
        var volumes = destination.EventNames.Any() ? await transactions.ReadAsync(db => EventVolumes.CountAsync(db, destination.Name, until - _span, until, cancellationToken)) : [];
        volumes = destination.ReadBack.Connector is IEventCounting vendor ? await AskAsync(destination, vendor, volumes, cancellationToken) : volumes;
        var findings = volumes.Select(volume => (volume.EventName, Cause: EventTolerance.CauseOf(volume))).Where(found => found.Cause is not null)
            .Select(found => new ReconciliationFinding(0, FindingKind.Volume, found.Cause, null, null, null, found.EventName)).ToList();
        return await transactions.RunAsync(
            async (db, _) =>
            {
                await MatchRates.NoteAsync(db, await MatchRates.CountAsync(db, run.Audience, run.Destination, destination.IdentityKeyKind, cancellationToken), now, run.RunId, cancellationToken);
                await EventVolumes.SaveAsync(db, run.RunId, volumes, cancellationToken);
                await ReconciliationFindings.AddAsync(db, run.RunId, findings, cancellationToken);
                return await Reconciler.SpendAndSaveAsync(db, destination, run with { Stage = nextStage, After = 0, Volumes = findings.Count }, time, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Names that the vendor has for one of ours alone are asked for; several of ours under one of its names cannot be told apart there.</summary>
    private static async Task<IReadOnlyList<EventVolume>> AskAsync(Destination destination, IEventCounting vendor, IReadOnlyList<EventVolume> volumes, CancellationToken cancellationToken)
    {
        var asked = new List<EventVolume>(volumes.Count);
        foreach (var volume in volumes)
        {
            asked.Add(volume.Happened > 0 && destination.EventOf(volume.EventName) is { } told && destination.EventNames.Count(name => destination.EventOf(name)!.VendorName == told.VendorName) == 1
                ? volume with { Told = await CountAsync(vendor, told.VendorName, volume, cancellationToken) }
                : volume);
        }

        return asked;
    }

    /// <summary>Null when the vendor may not be asked: a key without the permission is no reason to hold up everything else.</summary>
    private static async Task<long?> CountAsync(IEventCounting vendor, string name, EventVolume volume, CancellationToken cancellationToken)
    {
        try
        {
            return await vendor.CountEventsAsync(name, volume.Since, volume.Until, cancellationToken);
        }
        catch (DestinationException trouble) when (trouble.Condition.Trouble is DestinationTrouble.Unauthorized or DestinationTrouble.Misconfigured)
        {
            return null;
        }
    }
}
