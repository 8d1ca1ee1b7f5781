using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Checks what is asked for, writes it down, and commands the sagas: in one transaction, all runs or none.</summary>
internal sealed class BackfillStarter(HubConfiguration configuration, DestinationDirectory destinations, OutboxTransaction transactions, TimeProvider time, RunningConfiguration? running = null)
{
    private static readonly string[] _over = [RunState.Completed, RunState.CompletedWithIssues, RunState.Failed, RunState.Canceled];

    /// <summary>Asks for the plans of a backfill.</summary>
    /// <returns>The runs, or why there are none.</returns>
    public async Task<(StartedBackfill? Started, RunRefusal? Refusal)> PlanAsync(BackfillRequest request, Func<Guid, AuditEntry> entry, CancellationToken cancellationToken)
    {
        request = request with { Audience = request.Audience is { } named ? configuration.AudienceKeyOf(named) : null };
        if (RefuseAnywhere(request) is { } refusal)
        {
            return (null, refusal);
        }

        var refused = request.Destinations.Select(name => (Destination: name, Refusal: RefuseAt(name, request))).Where(at => at.Refusal is not null).ToList();
        if (refused.Count > 0)
        {
            return (null, NoneOf(request.Destinations.Count, refused.ConvertAll(at => (at.Destination, at.Refusal!))));
        }

        var runs = request.Destinations.Select(name => (name, new BackfillScope(BackfillKind.Attributes, request.Audience, null, FieldsAt(name, request.Attributes))
        {
            Windows = request.Windows,
            Rate = request.Rate ?? destinations.Find(name)!.Backfill.Rate,
            Loud = request.Loud,
            Facts = request.Facts,
        }));
        try
        {
            return (await StartAsync([.. runs], request.IsJoined, request.People, request.Profiles, request.By, entry, cancellationToken), null);
        }
        catch (ConfigurationBehindException)
        {
            return (null, RunRefusal.Behind(running!.Version!.Value));
        }
    }

    /// <summary>Asks for the plans of rollbacks.</summary>
    /// <param name="runs">What is taken back, one or several.</param>
    /// <param name="isJoined">True when the runs are joined by an id; the rollbacks are then as well.</param>
    /// <param name="terms">When and how fast.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="entry">What the audit log says of each.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The runs that roll back, or why there are none.</returns>
    public async Task<(StartedBackfill? Started, RunRefusal? Refusal)> RollBackAsync(
        IReadOnlyList<BackfillView> runs, bool isJoined, RollbackBody terms, string by, Func<Guid, AuditEntry> entry, CancellationToken cancellationToken)
    {
        if (RefuseTerms(terms.Windows, terms.Rate) is { } wrong)
        {
            return (null, wrong);
        }

        var refused = new List<(string, RunRefusal)>();
        foreach (var run in runs)
        {
            if (await RefuseRollbackAsync(run, cancellationToken) is { } refusal)
            {
                refused.Add((run.Run.Destination, refusal));
            }
        }

        if (refused.Count > 0)
        {
            return (null, NoneOf(runs.Count, refused));
        }

        var back = runs.Select(run => (run.Run.Destination, new BackfillScope(BackfillKind.Rollback, RollsBack: run.Run.CorrelationId)
        {
            Windows = terms.Windows,
            Rate = terms.Rate ?? destinations.Find(run.Run.Destination)?.Backfill.Rate,
        }));
        return (await StartAsync([.. back], isJoined, null, null, by, entry, cancellationToken), null);
    }

    /// <summary>What is wrong wherever it goes.</summary>
    private static RunRefusal? RefuseAnywhere(BackfillRequest request) => request switch
    {
        { Destinations.Count: 0 } => new RunRefusal(400, "field-missing", "destinations", "Name a destination, or several: 'destination' or 'destinations'."),
        { Audience: null, People: not { Count: > 0 }, Facts: null } => new RunRefusal(400, "field-missing", "audience", "Say whom it is about: 'audience', 'people' (external ids), or both for the members among them."),
        _ => RefuseTerms(request.Windows, request.Rate),
    };

    internal static RunRefusal? RefuseTerms(IReadOnlyList<string>? windows, string? rate) =>
        DeliveryWindows.Read(windows, out _) is { } noWindow ? new RunRefusal(400, "window-malformed", "windows", noWindow)
        : RecordRate.Read(rate, out _) is { } noRate ? new RunRefusal(400, "rate-malformed", "rate", noRate)
        : null;

    /// <summary>What is wrong at one destination.</summary>
    private RunRefusal? RefuseAt(string name, BackfillRequest request)
    {
        if (destinations.Find(name) is not { } destination)
        {
            return new RunRefusal(404, "destination-unknown", "destination", $"There is no destination '{name}'. Known: {Known(destinations.All.Select(known => known.Name))}.");
        }

        if (!ProfileReader.CanRead(destination))
        {
            return new RunRefusal(400, "backfill-not-supported", "destination", $"{destination.Descriptor.DisplayName} does not show profiles, so nothing could be taken back. Name another destination.");
        }

        if (request.Audience is { } audience && !(configuration.Audiences.TryGetValue(audience, out var known) && known.Destinations.Contains(name)))
        {
            return new RunRefusal(404, "audience-unknown", "audience", $"There is no audience '{audience}' that goes to '{name}'. Known: {Known(destination.Audiences)}.");
        }

        var mapped = destination.MappedFields.SelectMany(field => field.Sources).ToHashSet(StringComparer.Ordinal);
        return request.Attributes?.FirstOrDefault(attribute => !mapped.Contains(attribute)) is { } unknown
            ? new RunRefusal(400, "attribute-not-mapped", "attributes", $"'{unknown}' is not written to '{name}'. Its mapping writes: {Known(mapped)}.")
            : null;
    }

    private async Task<RunRefusal?> RefuseRollbackAsync(BackfillView run, CancellationToken cancellationToken)
    {
        var (id, state) = (run.Run.CorrelationId, run.Run.CurrentState);
        if (run.Run.Kind != BackfillKind.Attributes || !_over.Contains(state))
        {
            return new RunRefusal(409, "rollback-not-possible", "run_id", state is RunState.RollingBack or RunState.RolledBack
                ? $"Run {id} is {state} by run {run.Run.RollbackId}; 'backfill show {run.Run.RollbackId}' says what was taken back."
                : $"Run {id} ({run.Run.Kind}) is {state}. A backfill of attributes is rolled back once it is over; 'backfill cancel {id}' ends it.");
        }

        var images = await transactions.ReadAsync(db => BeforeImages.CountAsync(db, id, run.Run.Destination, cancellationToken));
        return images.Count == 0
            ? new RunRefusal(409, "nothing-to-roll-back", "run_id", $"Nothing is known of what run {id} found before it wrote: it wrote nothing, or it is longer ago than Hub:Retention:BeforeImages.")
            : null;
    }

    /// <summary>Where one of several is refused none begins, and it is said which and why.</summary>
    internal static RunRefusal NoneOf(int asked, List<(string Destination, RunRefusal Refusal)> refused) => asked == 1
        ? refused[0].Refusal
        : refused[0].Refusal with { Detail = $"Nothing is planned, at no destination. {string.Join(" ", refused.Select(at => $"{at.Destination}: {at.Refusal.Detail}"))}" };

    private string[]? FieldsAt(string name, IReadOnlyList<string>? attributes)
    {
        var mapped = destinations.Find(name)!.MappedFields.SelectMany(field => field.Sources, (field, source) => (source, field.To)).ToLookup(field => field.source, field => field.To, StringComparer.Ordinal);
        return attributes is { Count: > 0 } ? [.. attributes.SelectMany(attribute => mapped[attribute]).Distinct(StringComparer.Ordinal)] : null;
    }

    /// <summary>Writes down what runs are about, and commands them.</summary>
    /// <param name="runs">The destination of each, empty where it has none, and what it is about.</param>
    /// <param name="isJoined">True when they are joined by an id.</param>
    /// <param name="people">The company's ids of the people whom they are about, or null.</param>
    /// <param name="profiles">Profiles of the one person whom they are about, or null.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="entry">What the audit log says of each.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal Task<StartedBackfill> StartAsync(
        IReadOnlyList<(string Destination, BackfillScope Scope)> runs, bool isJoined, IReadOnlyList<string>? people, IReadOnlyList<long>? profiles, string by, Func<Guid, AuditEntry> entry, CancellationToken cancellationToken) =>
        transactions.RunAsync(async (db, bus) =>
        {
            if (runs.Any(run => run.Scope.Audience is not null))
            {
                await ConfigurationFence.HoldAsync(db, running?.Version, cancellationToken); // names may be others in the next version
            }

            var (now, ids, groupId) = (time.GetUtcNow(), new List<Guid>(runs.Count), isJoined ? NewId.NextGuid() : (Guid?)null);
            foreach (var (destination, scope) in runs)
            {
                var runId = NewId.NextGuid();
                var window = DeliveryWindows.Of(scope.Windows)?.At(now);
                await BackfillBook.AddAsync(db, runId, scope, people, groupId, window is { } span ? (span.Opens, span.Closes) : null, cancellationToken, profiles);
                var command = new StartBackfill
                {
                    RunId = runId, Kind = scope.Kind, Destination = destination, Audience = scope.Audience ?? "", RollsBack = scope.RollsBack, By = by, At = now,
                };
                await AskedRuns.AddAsync(db, runId, AskedRuns.Backfill, JsonSerializer.Serialize(command), now, cancellationToken);
                await bus.Publish(command, cancellationToken);
                await AuditLog.AppendAsync(db, entry(runId), cancellationToken);
                ids.Add(runId);
            }

            return new StartedBackfill(groupId, ids);
        }, cancellationToken);

    private static string Known(IEnumerable<string> names) => string.Join(", ", names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
