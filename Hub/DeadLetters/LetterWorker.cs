using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>
/// Works off actions on dead letters in small steps, each a transaction: whoever takes the next one, this hub, another, or one that starts after a crash, goes on
/// where the last one committed. A replay owes only as many letters at a time as the destination takes, so that a stop finds the rest where it was.
/// </summary>
internal sealed partial class LetterWorker(
    HubInstance instance, OutboxTransaction transactions, IDeliveryStore deliveries, Doorbell doorbell, LetterInquiry inquiry, IOptions<LetterOptions> options, IOptions<DeliveryOptions> delivery, TimeProvider time,
    ILogger<LetterWorker> logger) : BackgroundService
{
    private const int RowsToFold = 1_000;
    private static readonly TimeSpan _foldEvery = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Dictionary<long, (DateTimeOffset At, double Left)> _allowances = [];
    private DateTimeOffset _folded;

    /// <summary>Tells that there is something to do.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake.
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var isUnderWay = true;
            try
            {
                isUnderWay = await StepAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }

            await WaitAsync(isUnderWay ? options.Value.Look : options.Value.Rest, stoppingToken);
        }
    }

    /// <summary>Takes a step of every action that is not over, of those that are not limited as many as there are.</summary>
    /// <returns>True when one is not over yet.</returns>
    internal async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var open = await transactions.ReadAsync(db => LetterActions.ListOpenAsync(db, cancellationToken));
        foreach (var action in open)
        {
            await (action is { Unreadable: { } column, State: not LetterActionState.Stopping } ? SayUnreadableAsync(action, column, cancellationToken) : GoOnAsync(action, cancellationToken));
        }

        var begun = false;
        if (time.GetUtcNow() - _folded >= _foldEvery)
        {
            _folded = time.GetUtcNow();
            await transactions.RunAsync((db, _) => LetterGroups.FoldAsync(db, RowsToFold, cancellationToken), cancellationToken);
            begun = await inquiry.BeginAsync(delivery.Value.Partitions, cancellationToken);
        }

        return begun || open.Count > 0;
    }

    /// <summary>An action that fails holds no other one up, and says so where everybody looks.</summary>
    private async Task GoOnAsync(LetterAction action, CancellationToken cancellationToken)
    {
        try
        {
            while (await StepAsync(action.ActionId, cancellationToken))
            {
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogActionFailed(action.ActionId, exception.GetType().Name);
            await transactions.RunAsync(
                (db, _) => LetterActions.SayAsync(
                    db, action.ActionId, $"It cannot go on ({exception.GetType().Name}); it is tried again by itself. The hubs' logs tell more under 'Action {action.ActionId}'; 'deadletters stop {action.ActionId}' gives its letters back.", isFailing: true, time.GetUtcNow(), cancellationToken),
                cancellationToken);
        }
    }

    /// <summary>Which letters are meant is not known: none is touched, and whoever looks is told.</summary>
    private Task SayUnreadableAsync(LetterAction action, string column, CancellationToken cancellationToken) =>
        UnreadableRow.Say("letter_actions", action.ActionId, column) is var sentence && sentence == action.WaitingFor ? Task.CompletedTask
            : transactions.RunAsync((db, _) => LetterActions.SayAsync(db, action.ActionId, sentence, isFailing: true, time.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>One step; true when the next one may follow at once.</summary>
    private async Task<bool> StepAsync(long actionId, CancellationToken cancellationToken)
    {
        var action = await transactions.ReadAsync(db => LetterActions.FindAsync(db, actionId, cancellationToken));
        switch (action)
        {
            case { State: LetterActionState.Freezing }:
                return await transactions.RunAsync(async (db, _) => await LetterWork.TakeAsync(db, actionId, cancellationToken) is { State: LetterActionState.Freezing } taken
                    && (await LetterWork.FreezeAsync(db, taken, options.Value.Batch, time.GetUtcNow(), cancellationToken)).FinishedAt is null, cancellationToken);
            case { State: LetterActionState.Running, Kind: LetterActionKind.SettleByVendor }:
                return await AskAsync(action, cancellationToken);
            case { State: LetterActionState.Running }:
                return await ThriveAsync(action, await OweAsync(action, cancellationToken), cancellationToken);
            case { State: LetterActionState.Stopping }:
                await WithdrawAsync(action, cancellationToken);
                return await EndAsync(actionId, cancellationToken);
            default:
                return false;
        }
    }

    private async Task<bool> AskAsync(LetterAction action, CancellationToken cancellationToken) => await inquiry.AskAsync(action, cancellationToken) switch
    {
        null => await EndAsync(action.ActionId, cancellationToken),
        false => false,
        true => await ThriveAsync(action, true, cancellationToken),
    };

    /// <summary>What it could not do before, it can now.</summary>
    private async Task<bool> ThriveAsync(LetterAction action, bool goesOn, CancellationToken cancellationToken)
    {
        await (action.WaitingFor is null ? Task.CompletedTask
            : transactions.RunAsync((db, _) => LetterActions.SayAsync(db, action.ActionId, null, isFailing: false, time.GetUtcNow(), cancellationToken), cancellationToken));
        return goesOn;
    }

    private async Task<bool> OweAsync(LetterAction action, CancellationToken cancellationToken)
    {
        var limit = Allowed(action.ActionId);
        var owed = limit == 0 ? (int?)null : await transactions.RunAsync(
            async (db, _) => await LetterWork.TakeAsync(db, action.ActionId, cancellationToken) is { State: LetterActionState.Running } taken
                && await LetterWork.CountWaitingAsync(db, taken.Filter.Destination, options.Value.Waiting, cancellationToken) < options.Value.Waiting
                    ? await LetterWork.OweAsync(db, taken, limit, time.GetUtcNow(), cancellationToken)
                    : (int?)null,
            cancellationToken);
        switch (owed)
        {
            case null:
                return false;
            case 0:
                return await EndAsync(action.ActionId, cancellationToken);
            default:
                Use(action.ActionId, owed.Value);
                var partitions = await transactions.ReadAsync(db => LetterWork.ListPartitionsAsync(db, action.Filter.Destination, cancellationToken));
                await doorbell.RingAsync([.. partitions.Select(owed => new PartitionWithWork(action.Filter.Destination, owed.Lane, owed.Partition))], cancellationToken);
                return true;
        }
    }

    /// <summary>Takes out of the queue what nobody is sending: whoever holds a partition's lease keeps what it claimed until it says what became of it.</summary>
    private async Task WithdrawAsync(LetterAction action, CancellationToken cancellationToken)
    {
        foreach (var (lane, partition) in await transactions.ReadAsync(db => LetterWork.ListPartitionsAsync(db, action.Filter.Destination, cancellationToken)))
        {
            await transactions.RunAsync(
                async (db, _) =>
                {
                    if (await deliveries.TakeLeaseAsync(db, action.Filter.Destination, lane, partition, $"{instance.Name}-letters", delivery.Value.LeaseLength, cancellationToken) is { } lease)
                    {
                        await (lease.Follows is null ? LetterWork.WithdrawAsync(db, action, lane, partition, cancellationToken) : Task.CompletedTask);
                        await deliveries.ReleaseLeaseAsync(db, lease, isSettled: lease.Follows is null, cancellationToken);
                    }
                },
                cancellationToken);
        }
    }

    /// <summary>Gives back what nobody is about to send, and ends the action when nothing of it is on its way.</summary>
    private Task<bool> EndAsync(long actionId, CancellationToken cancellationToken) => transactions.RunAsync(
        async (db, _) =>
        {
            if (await LetterWork.TakeAsync(db, actionId, cancellationToken) is not { } taken)
            {
                return false;
            }

            if (await LetterWork.GiveBackAsync(db, taken, options.Value.Batch, cancellationToken) > 0)
            {
                return true;
            }

            if (await LetterWork.FinishAsync(db, taken, time.GetUtcNow(), cancellationToken))
            {
                _allowances.Remove(actionId);
                LogOver(actionId, taken.Frozen, (time.GetUtcNow() - taken.RequestedAt).TotalSeconds);
            }

            return false;
        },
        cancellationToken);

    /// <summary>How many letters of a replay may be owed now.</summary>
    private int Allowed(long actionId)
    {
        var now = time.GetUtcNow();
        var (at, left) = _allowances.GetValueOrDefault(actionId, (now, options.Value.PerSecond));
        left = Math.Min(options.Value.PerSecond, left + (now - at).TotalSeconds * options.Value.PerSecond);
        _allowances[actionId] = (now, left);
        return Math.Min(options.Value.Batch, (int)left);
    }

    private void Use(long actionId, int letters) => _allowances[actionId] = (_allowances[actionId].At, _allowances[actionId].Left - letters);

    private async Task WaitAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        try
        {
            await _wake.WaitAsync(most, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The hub stops; what is not over is taken up when one starts.
        }
    }

    [LoggerMessage(2411, LogLevel.Information, "Action {ActionId} on dead letters is over: {Letters} letters in {Seconds:0.0} s")]
    private partial void LogOver(long actionId, long letters, double seconds);

    [LoggerMessage(2902, LogLevel.Warning, "Action {ActionId} on dead letters cannot go on ({Error}); it is tried again")]
    private partial void LogActionFailed(long actionId, string error);

    [LoggerMessage(2412, LogLevel.Warning, "Could not go on with actions on dead letters ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
