using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Checks what is asked for, writes it down, and commands the saga: in one transaction.</summary>
internal sealed class BackfillStarter(HubConfiguration configuration, DestinationDirectory destinations, OutboxTransaction transactions, TimeProvider time)
{
    private static readonly string[] _over = [RunState.Completed, RunState.CompletedWithIssues, RunState.Failed, RunState.Canceled];

    /// <summary>Asks for the plan of a backfill.</summary>
    /// <returns>The run, or why there is none.</returns>
    public async Task<(Guid RunId, RunRefusal? Refusal)> PlanAsync(BackfillRequest request, Func<Guid, AuditEntry> entry, CancellationToken cancellationToken)
    {
        if (request.Destination is not { } name || destinations.Find(name) is not { } destination)
        {
            return Refused(404, "destination-unknown", "destination", $"There is no destination '{request.Destination}'. Known: {Known(destinations.All.Select(known => known.Name))}.");
        }

        if (!ProfileReader.CanRead(destination))
        {
            return Refused(400, "backfill-not-supported", "destination", $"{destination.Descriptor.DisplayName} does not show profiles, so nothing could be taken back. Name another destination.");
        }

        if (request.Audience is null && request.People is not { Count: > 0 })
        {
            return Refused(400, "field-missing", "audience", "Say whom it is about: 'audience', 'people' (external ids), or both for the members among them.");
        }

        if (request.Audience is { } audience && !(configuration.Audiences.TryGetValue(audience, out var known) && known.Destinations.Contains(name)))
        {
            return Refused(404, "audience-unknown", "audience", $"There is no audience '{audience}' that goes to '{name}'. Known: {Known(destination.Audiences)}.");
        }

        var mapped = destination.MappedFields.ToLookup(field => field.From, field => field.To, StringComparer.Ordinal);
        if (request.Attributes?.FirstOrDefault(attribute => !mapped.Contains(attribute)) is { } unknown)
        {
            return Refused(400, "attribute-not-mapped", "attributes", $"'{unknown}' is not written to '{name}'. Its mapping writes: {Known(mapped.Select(field => field.Key))}.");
        }

        string[]? fields = request.Attributes is { Count: > 0 } some ? [.. some.SelectMany(attribute => mapped[attribute]).Distinct(StringComparer.Ordinal)] : null;
        return (await StartAsync(name, new BackfillScope(BackfillKind.Attributes, request.Audience, null, fields), request.People, request.By, entry, cancellationToken), null);
    }

    /// <summary>Asks for the plan of a rollback.</summary>
    /// <returns>The run that rolls back, or why there is none.</returns>
    public async Task<(Guid RunId, RunRefusal? Refusal)> RollBackAsync(BackfillView run, string by, Func<Guid, AuditEntry> entry, CancellationToken cancellationToken)
    {
        var (id, state) = (run.Run.CorrelationId, run.Run.CurrentState);
        if (run.Run.Kind != BackfillKind.Attributes || !_over.Contains(state))
        {
            return Refused(409, "rollback-not-possible", "run_id", state is RunState.RollingBack or RunState.RolledBack
                ? $"Run {id} is {state} by run {run.Run.RollbackId}; 'backfill show {run.Run.RollbackId}' says what was taken back."
                : $"Run {id} ({run.Run.Kind}) is {state}. A backfill of attributes is rolled back once it is over; 'backfill cancel {id}' ends it.");
        }

        var images = await transactions.ReadAsync(db => BeforeImages.CountAsync(db, id, run.Run.Destination, cancellationToken));
        return images.Count == 0
            ? Refused(409, "nothing-to-roll-back", "run_id", $"Nothing is known of what run {id} found before it wrote: it wrote nothing, or it is longer ago than Hub:Retention:BeforeImages.")
            : (await StartAsync(run.Run.Destination, new BackfillScope(BackfillKind.Rollback, RollsBack: id), null, by, entry, cancellationToken), null);
    }

    private Task<Guid> StartAsync(string destination, BackfillScope scope, IReadOnlyList<string>? people, string by, Func<Guid, AuditEntry> entry, CancellationToken cancellationToken) =>
        transactions.RunAsync(async (db, bus) =>
        {
            var runId = NewId.NextGuid();
            await BackfillBook.AddAsync(db, runId, scope, people, cancellationToken);
            await bus.Publish(
                new StartBackfill
                {
                    RunId = runId, Kind = scope.Kind, Destination = destination, Audience = scope.Audience ?? "", RollsBack = scope.RollsBack, By = by, At = time.GetUtcNow(),
                },
                cancellationToken);
            await AuditLog.AppendAsync(db, entry(runId), cancellationToken);
            return runId;
        }, cancellationToken);

    private static (Guid, RunRefusal?) Refused(int status, string type, string field, string detail) => (Guid.Empty, new RunRefusal(status, type, field, detail));

    private static string Known(IEnumerable<string> names) => string.Join(", ", names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
