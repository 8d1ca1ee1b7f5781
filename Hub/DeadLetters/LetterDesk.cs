using System.Text.Json;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.DeadLetters;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Where people confirm what is to be done with dead letters: the count that they saw has to be the one that there is, and a letter belongs to one action.</summary>
internal sealed partial class LetterDesk(
    DestinationDirectory destinations, OutboxTransaction transactions, LetterWorker worker, LetterApproval approvals, IOptions<DeliveryOptions> delivery, TimeProvider time,
    ILogger<LetterDesk> logger)
{
    private const int ShortestReason = 5;
    private const int LongestReason = 500;
    private const int MostIds = 10_000;

    /// <summary>How many letters it would have, and of those how many the vendor may have already.</summary>
    public async Task<(long Count, long Ambiguous)> CountAsync(LetterRequest request, CancellationToken cancellationToken) => (
        await transactions.ReadAsync(db => LetterActions.CountAsync(db, request.Kind, request.Filter, cancellationToken)),
        request.Kind == LetterActionKind.Replay ? await transactions.ReadAsync(db => LetterActions.CountAmbiguousAsync(db, request.Filter, cancellationToken)) : 0);

    /// <summary>Confirms an action; the same key again gives the same action.</summary>
    public async Task<(LetterAction? Action, LetterRefusal? Refusal)> ConfirmAsync(LetterRequest request, CancellationToken cancellationToken)
    {
        if (WhatIsWrong(request) is { } wrong)
        {
            return (null, wrong);
        }

        var (action, refusal) = await transactions.RunAsync<(LetterAction?, LetterRefusal?)>(
            async (db, _) =>
            {
                await LetterActions.LockAsync(db, cancellationToken);
                return await FindRepeatAsync(db, request, cancellationToken) is { } repeat ? repeat
                    : await WhyNotAsync(db, request, cancellationToken) is { } why ? (null, why)
                    : (await AddOrAskAsync(db, request, cancellationToken), null);
            },
            cancellationToken);
        if (action is not null)
        {
            LogConfirmed(action.ActionId, action.Kind, action.Confirmed, action.Filter.Destination, action.By);
            worker.Wake();
        }

        return (action, refusal);
    }

    /// <summary>Asks a replay to stop.</summary>
    /// <param name="actionId">The action.</param>
    /// <param name="by">Who.</param>
    /// <param name="via">By what way.</param>
    /// <param name="reason">Why, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<(LetterAction? Action, LetterRefusal? Refusal)> StopAsync(long actionId, string by, string via, string? reason, CancellationToken cancellationToken)
    {
        var stopped = await transactions.RunAsync(
            async (db, _) =>
            {
                await approvals.WithdrawAsync(db, actionId, cancellationToken);
                var done = await LetterActions.StopAsync(db, actionId, by, cancellationToken);
                await (done ? NoteAsync(db, by, via, "deadletters.stop", $"letter-action:{actionId}", reason, cancellationToken) : Task.CompletedTask);
                return done;
            },
            cancellationToken);
        var action = await transactions.ReadAsync(db => LetterActions.FindAsync(db, actionId, cancellationToken));
        if (stopped)
        {
            LogStopped(actionId, by);
            worker.Wake();
        }

        return action switch
        {
            null => (null, Unknown(actionId)),
            { Kind: not (LetterActionKind.Replay or LetterActionKind.SettleByVendor) } => (null, new LetterRefusal(409, "action-not-stoppable", "action_id", $"Action {actionId} is a {action.Kind}: it is done at once. What it did can be taken back letter by letter, see 'deadletters show ID'.")),
            { State: LetterActionState.Done } => (null, new LetterRefusal(409, "action-over", "action_id", $"Action {actionId} is over; 'deadletters actions {actionId}' tells what became of its letters.")),
            _ => (action, null),
        };
    }

    /// <summary>No action has this id.</summary>
    public static LetterRefusal Unknown(long actionId) => new(404, "action-unknown", "action_id", $"There is no action {actionId} on dead letters. GET /v1/dead-letters/actions lists them.");

    /// <summary>Adds an action in the caller's transaction.</summary>
    internal Task<LetterAction> AddAsync(HubDbContext db, LetterRequest request, CancellationToken cancellationToken) => AddAsync(db, request, LetterActionState.Freezing, cancellationToken);

    /// <summary>As the other one; it waits where it would double something at the vendor and somebody has to agree to that.</summary>
    private async Task<LetterAction> AddOrAskAsync(HubDbContext db, LetterRequest request, CancellationToken cancellationToken)
    {
        var repeats = request is { Kind: LetterActionKind.Replay, AllowsRepeat: true } ? await LetterActions.CountAmbiguousAsync(db, request.Filter, cancellationToken) : 0;
        if (repeats == 0 || !approvals.IsNeededFor(repeats))
        {
            return await AddAsync(db, request, cancellationToken);
        }

        var action = (await LetterActions.FindAsync(db, (await AddAsync(db, request, LetterActionState.Waiting, cancellationToken)).ActionId, cancellationToken))!;
        await approvals.AskAsync(db, action, cancellationToken);
        return action;
    }

    private async Task<LetterAction> AddAsync(HubDbContext db, LetterRequest request, string state, CancellationToken cancellationToken)
    {
        var action = new LetterAction
        {
            State = state, Kind = request.Kind, Filter = request.Filter, By = request.By, Reason = request.Reason, Key = request.Key, AllowsRepeat = request.AllowsRepeat, Confirmed = request.Expected!.Value,
            RequestedAt = time.GetUtcNow(), Partitions = delivery.Value.Partitions,
        };
        var id = await LetterActions.AddAsync(db, action, cancellationToken);
        await NoteAsync(db, request.By, request.Via, $"deadletters.{request.Kind}", $"letter-action:{id}", request.Reason, cancellationToken);
        return action with { ActionId = id };
    }

    /// <summary>The action that was asked for under the same key before.</summary>
    internal static async Task<(LetterAction?, LetterRefusal?)?> FindRepeatAsync(HubDbContext db, LetterRequest request, CancellationToken cancellationToken) =>
        request.Key is null || await LetterActions.FindByKeyAsync(db, request.Key, cancellationToken) is not { } known ? null
        : known.Kind == request.Kind && JsonSerializer.Serialize(known.Filter) == JsonSerializer.Serialize(request.Filter) ? (known, null)
        : (null, new LetterRefusal(409, "key-reused", "Idempotency-Key", $"The key was used for action {known.ActionId}, which is another one. Use a new key."));

    /// <summary>What is wrong with a reason; null when nothing is.</summary>
    internal static LetterRefusal? WhatIsWrongWith(string? reason, bool isNeeded) => reason switch
    {
        null when !isNeeded => null,
        { Length: > LongestReason } => new LetterRefusal(400, "reason-too-long", "reason", $"Say why in at most {LongestReason} characters."),
        null or { Length: < ShortestReason } => new LetterRefusal(400, "reason-missing", "reason", $"Say in 'reason', in at least {ShortestReason} characters, why."),
        _ => null,
    };

    private LetterRefusal? WhatIsWrong(LetterRequest request) => request switch
    {
        _ when destinations.Find(request.Filter.Destination) is null =>
            new LetterRefusal(404, "destination-unknown", "destination", $"There is no destination '{request.Filter.Destination}'. 'destinations list' names them."),
        { Filter.LetterIds: { Count: 0 or > MostIds } } => new LetterRefusal(400, "ids-wrong", "ids", $"Name 1 to {MostIds} letters in 'ids', or a group by operation and code."),
        { Expected: null or < 1 } => new LetterRefusal(400, "count-missing", "expected", "Say in 'expected' how many letters you were shown; the same request with \"dry_run\": true tells."),
        { Kind: LetterActionKind.SettleByVendor } when LetterInquiry.ReaderOf(destinations.Find(request.Filter.Destination)) is null => new LetterRefusal(
            422, "vendor-cannot-tell", "by_vendor",
            $"{request.Filter.Destination} recognises a repeated event, or its vendor shows none: nothing can be asked there. Replay the letters, or look at the vendor and settle them with 'deadletters settle --destination {request.Filter.Destination} --as delivered' or '--as not-delivered'."),
        _ => WhatIsWrongWith(request.Reason, isNeeded: request.Kind != LetterActionKind.SettleByVendor),
    };

    private static async Task<LetterRefusal?> WhyNotAsync(HubDbContext db, LetterRequest request, CancellationToken cancellationToken)
    {
        if ((await LetterActions.ListOpenAsync(db, cancellationToken)).FirstOrDefault(open => open.State == LetterActionState.Freezing && open.Filter.Destination == request.Filter.Destination) is { } first)
        {
            return new LetterRefusal(409, "letters-busy", "destination", $"Action {first.ActionId} of {first.By} is taking its letters at this moment. Ask again in a few seconds.");
        }

        if (request.Filter.LetterIds is { } ids)
        {
            var known = await LetterActions.FindAsync(db, request.Filter.Destination, ids, cancellationToken);
            if (ids.Except(known.Select(letter => letter.LetterId)).ToList() is { Count: > 0 } unknown)
            {
                return new LetterRefusal(404, "dead-letter-unknown", "ids", $"There is no dead letter {unknown[0]} of {request.Filter.Destination}. 'deadletters list' lists them.");
            }

            if (known.FirstOrDefault(letter => letter.Status == LetterStatus.Replaying) is { LetterId: > 0 } busy)
            {
                return new LetterRefusal(409, "letter-busy", "ids", $"Letter {busy.LetterId} belongs to action {busy.ActionId}, which is under way; 'deadletters actions {busy.ActionId}' tells how far it is.");
            }
        }

        var count = await LetterActions.CountAsync(db, request.Kind, request.Filter, cancellationToken);
        var ofBackfills = request.Kind == LetterActionKind.Replay ? await LetterActions.CountOfBackfillsAsync(db, request.Filter, cancellationToken) : 0;
        if (ofBackfills > 0 && (count == 0 || request.Filter.LetterIds is not null))
        {
            return new LetterRefusal(409, "letters-of-backfill", "ids", $"{OfBackfills(ofBackfills)} Nothing was replayed.", ofBackfills);
        }

        if (count != request.Expected)
        {
            return new LetterRefusal(
                409, "count-moved", "expected", $"It is {count} letters now, not {request.Expected}. {(ofBackfills > 0 ? $"{OfBackfills(ofBackfills)} They are not among the {count}. " : "")}Look at them again, then confirm with {count}.", count);
        }

        var ambiguous = request.Kind == LetterActionKind.Replay && !request.AllowsRepeat ? await LetterActions.CountAmbiguousAsync(db, request.Filter, cancellationToken) : 0;
        return ambiguous == 0 ? null : new LetterRefusal(
            409, "repeat-not-allowed", "allow_repeat",
            $"{ambiguous} of them may have arrived, and {request.Filter.Destination} does not recognise a repeat: its counts, sums and triggers of these events would double. Settle them first ('deadletters settle --destination {request.Filter.Destination} --by-vendor', or '--as not-delivered' when you looked), narrow the replay to another code, or say --allow-repeat.",
            ambiguous);
    }

    private static string OfBackfills(long letters) =>
        $"{letters} of them are profiles of a backfill or a rollback: replayed, they would be written whole, also where nobody is, and could not be taken back. Plan the backfill again for those people, or the rollback of the run that was to be taken back: 'backfill --help' says how.";

    private Task<long> NoteAsync(HubDbContext db, string by, string via, string action, string subject, string? reason, CancellationToken cancellationToken) =>
        AuditLog.AppendAsync(db, new AuditEntry(time.GetUtcNow(), by, via, action, subject, reason), cancellationToken);

    [LoggerMessage(2401, LogLevel.Information, "Action {ActionId} on dead letters: {Kind} of {Count} letters of {Destination}, by {By}")]
    private partial void LogConfirmed(long actionId, string kind, long count, string destination, string by);

    [LoggerMessage(2402, LogLevel.Information, "Action {ActionId} on dead letters is to stop, by {By}")]
    private partial void LogStopped(long actionId, string by);
}
