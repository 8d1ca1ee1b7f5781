using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>What a person or program asks for.</summary>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Destinations">Where to; empty for every destination of the audience.</param>
/// <param name="Mode">One of <see cref="SyncMode"/>; <c>full</c> when null.</param>
/// <param name="SnapshotId">Snapshot to apply first, or null.</param>
/// <param name="By">Who asks.</param>
internal sealed record RunRequest(string Audience, IReadOnlyList<string> Destinations, string? Mode, Guid? SnapshotId, string By)
{
    /// <summary>With <see cref="SyncMode.Reconcile"/>: what is done about differences, whatever the configuration says; null for what it says.</summary>
    public Healing? Heal { get; init; }

    /// <summary>Share of the members that may be removed without a person, whatever the audience's file says; null for what it says.</summary>
    public double? MaxRemovalShare { get; init; }

    /// <summary>Multiple of the members that may be added without a person, whatever the audience's file says; null for what it says.</summary>
    public double? MaxAdditionMultiple { get; init; }
}

/// <summary>Why a run cannot be started: the field, the problem and the fix.</summary>
/// <param name="Status">HTTP status that says the same.</param>
/// <param name="Type">Stable problem type, kebab-case.</param>
/// <param name="Field">Field of the request.</param>
/// <param name="Detail">What is wrong and what to do.</param>
internal sealed record RunRefusal(int Status, string Type, string Field, string Detail)
{
    /// <summary>Type of what this hub cannot begin for another version of the configuration is in force: over within seconds.</summary>
    public const string ConfigBehind = "config-behind";

    /// <summary>Nothing begins by a version that is not in force.</summary>
    /// <param name="version">The version that the hub runs.</param>
    public static RunRefusal Behind(long version) => new(409, ConfigBehind, "audience", $"Nothing was started: this hub runs version {version} of the configuration, and another one is in force. It changes over within seconds; ask again then.");
}

/// <summary>Checks a request, reserves audience and destination, and commands the saga: all runs of a request start or none.</summary>
internal sealed class RunStarter(
    HubConfiguration configuration,
    DestinationDirectory destinations,
    OutboxTransaction transactions,
    ISnapshotStore snapshots,
    IRunStore runs,
    TimeProvider time,
    RunningConfiguration? running = null)
{
    /// <summary>The ids of the started runs in the order of the destinations, or why nothing was started.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="note">Writes something in the same transaction; when it says false nothing is started. Null for nothing.</param>
    public async Task<(IReadOnlyList<(Guid RunId, string Destination)> Started, RunRefusal? Refusal)> StartAsync(
        RunRequest request, CancellationToken cancellationToken, Func<HubDbContext, IReadOnlyList<(Guid RunId, string Destination)>, Task<bool>>? note = null)
    {
        request = request with { Audience = configuration.AudienceKeyOf(request.Audience) };
        var mode = request.Mode ?? SyncMode.Full;
        if (Refuse(request, mode) is { } refusal)
        {
            // What is unknown here may be known where the version in force is run.
            var isBehind = running?.Version is { } version && await transactions.ReadAsync(db => ConfigurationBook.ActiveAsync(db, cancellationToken)) is { } active && active.Version != version;
            return ([], isBehind ? RunRefusal.Behind(running!.Version!.Value) : refusal);
        }

        if (request.SnapshotId is { } snapshotId && await RefuseSnapshotAsync(snapshotId, request.Audience, cancellationToken) is { } snapshotRefusal)
        {
            return ([], snapshotRefusal);
        }

        var audience = configuration.Audiences[request.Audience];
        var names = request.Destinations.Count > 0 ? request.Destinations.Distinct(StringComparer.Ordinal) : audience.Destinations;
        try
        {
            return await ReserveAsync(request, mode, audience, names, note, cancellationToken);
        }
        catch (ConfigurationBehindException)
        {
            return ([], RunRefusal.Behind(running!.Version!.Value));
        }
    }

    /// <summary>Names may be others in the next version, so that runs begin by the one in force or not at all.</summary>
    private Task<(IReadOnlyList<(Guid RunId, string Destination)> Started, RunRefusal? Refusal)> ReserveAsync(
        RunRequest request, string mode, AudienceConfiguration audience, IEnumerable<string> names, Func<HubDbContext, IReadOnlyList<(Guid RunId, string Destination)>, Task<bool>>? note, CancellationToken cancellationToken) =>
        transactions.RunAsync<(IReadOnlyList<(Guid, string)>, RunRefusal?)>(async (db, bus) =>
        {
            await ConfigurationFence.HoldAsync(db, running?.Version, cancellationToken);
            var started = new List<(Guid RunId, string Destination)>();
            var now = time.GetUtcNow();
            foreach (var destination in names)
            {
                var runId = NewId.NextGuid();
                if (!await runs.TryReserveAsync(db, request.Audience, destination, runId, now, cancellationToken))
                {
                    var why = await runs.FindActiveAsync(db, request.Audience, destination, cancellationToken) is { } activeId
                        ? $"Run {activeId} of {request.Audience} to {destination} is not over; 'sync show {activeId}' says what it waits for. Wait for it, or 'sync cancel {activeId}' first."
                        : $"A run of {request.Audience} to {destination} is about to start; 'sync list --audience {request.Audience}' shows it in a moment.";
                    return (([], new RunRefusal(409, "run-active", "destinations", why)), false);
                }

                started.Add((runId, destination));
                if (mode == SyncMode.Reconcile)
                {
                    await ReconciliationBook.AddAsync(db, Compared(runId, request, audience, destinations.Find(destination)!, now), cancellationToken);
                }

                var command = new StartAudienceSync
                {
                    RunId = runId,
                    Audience = request.Audience,
                    Destination = destination,
                    Mode = mode,
                    SnapshotId = request.SnapshotId,
                    MaxRemovalShare = request.MaxRemovalShare ?? audience.Guardrail.MaxRemovalShare,
                    MaxAdditionMultiple = request.MaxAdditionMultiple ?? audience.Guardrail.MaxAdditionMultiple,
                    By = request.By,
                    At = now,
                };
                await AskedRuns.AddAsync(db, runId, AskedRuns.Sync, JsonSerializer.Serialize(command), now, cancellationToken);
                await bus.Publish(command, cancellationToken);
            }

            return note is null || await note(db, started) ? ((started, null), true) : (([], null), false);
        }, cancellationToken);

    /// <summary>The comparison that a request would begin, as the configuration has it.</summary>
    public static ComparisonState Compared(Guid runId, RunRequest request, AudienceConfiguration audience, Destination destination, DateTimeOffset at)
    {
        var (own, general) = (audience.Reconcile, destination.Reconcile);
        return new ComparisonState
        {
            RunId = runId,
            Audience = audience.Key,
            Destination = destination.Name,
            Heal = Healings.WordOf(request.Heal ?? own.Heal ?? general.Heal ?? Healing.Report),
            WholeFields = (own.Fields ?? general.Fields) == FieldReading.Whole,
            Sample = own.Sample ?? general.Sample ?? ReconcileSection.DefaultSample,
            RequestedBy = request.By,
            RequestedAt = at,
        };
    }

    private RunRefusal? Refuse(RunRequest request, string mode)
    {
        if (!configuration.Audiences.TryGetValue(request.Audience, out var audience))
        {
            return new RunRefusal(404, "audience-unknown", "audience", $"There is no audience '{request.Audience}'. Known: {Known(configuration.Audiences.Keys)}.");
        }

        if (mode is not (SyncMode.Full or SyncMode.Delta or SyncMode.Mirror or SyncMode.Reconcile))
        {
            return new RunRefusal(400, "mode-unknown", "mode", $"'{mode}' is no mode. Use full, delta or mirror; 'reconcile AUDIENCE DESTINATION --now' compares instead.");
        }

        if (mode == SyncMode.Reconcile && request.SnapshotId is not null)
        {
            return new RunRefusal(400, "snapshot-not-used", "snapshot_id", "A reconciliation takes the audience as the hub knows it. Load the list with a sync first, or leave snapshot_id out.");
        }

        IReadOnlyList<string> names = request.Destinations.Count > 0 ? request.Destinations : audience.Destinations;
        foreach (var name in names)
        {
            if (destinations.Find(name) is not { } destination)
            {
                return new RunRefusal(404, "destination-unknown", "destinations", $"There is no destination '{name}'. Known: {Known(destinations.All.Select(known => known.Name))}.");
            }

            if (!audience.Destinations.Contains(name))
            {
                return new RunRefusal(400, "audience-not-routed", "destinations", $"Audience '{request.Audience}' does not go to '{name}'. Add it to destinations in audiences/{request.Audience}.yaml.");
            }

            if (mode == SyncMode.Mirror && !destination.ListsMembers)
            {
                return new RunRefusal(400, "mirror-not-supported", "mode", $"{destination.Descriptor.DisplayName} cannot list an audience's members, so strangers cannot be found at '{name}'. Use mode full, or name other destinations.");
            }
        }

        return null;
    }

    private async Task<RunRefusal?> RefuseSnapshotAsync(Guid snapshotId, string audience, CancellationToken cancellationToken)
    {
        var snapshot = await transactions.ReadAsync(db => snapshots.FindAsync(db, snapshotId, 0, cancellationToken));
        return snapshot switch
        {
            null => new RunRefusal(404, "snapshot-unknown", "snapshot_id", $"There is no snapshot {snapshotId}. Load one with POST /v1/audiences/{audience}/snapshots."),
            { Audience: var other } when other != audience => new RunRefusal(400, "snapshot-of-other-audience", "snapshot_id", $"Snapshot {snapshotId} lists members of '{other}', not of '{audience}'."),
            { FailureCode: SnapshotReport.Abandoned } => new RunRefusal(409, "snapshot-abandoned", "snapshot_id", $"Snapshot {snapshotId} was loaded and not applied in time, so its rows were deleted (Hub:Retention:AbandonedSnapshots). Load the file again: 'sync start {audience} --snapshot FILE'."),
            { State: "loading" or "failed" } => new RunRefusal(409, "snapshot-not-loaded", "snapshot_id", $"Snapshot {snapshotId} is {snapshot.State}. Load it to its end first, with 'snapshots load {audience} FILE' or POST /v1/audiences/{audience}/snapshots."),
            _ => null,
        };
    }

    private static string Known(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));
}
