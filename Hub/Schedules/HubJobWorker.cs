using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Schedules;

/// <summary>
/// Does the hub's own jobs whose bell rang, one at a time. The row of the bell is what is to be done: it is held while a hub works on it, so that one whose hub dies is taken up by
/// another, and what fails is tried again a few times.
/// </summary>
internal sealed partial class HubJobWorker(HubJobs jobs, OutboxTransaction transactions, HubInstance instance, TimeProvider time, ILogger<HubJobWorker> logger) : BackgroundService
{
    private const int MostAttempts = 3;
    private static readonly TimeSpan _hold = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _rung = new(0);

    /// <summary>Says that a bell rang here, so that nobody waits for the next look.</summary>
    public void Wake() => _rung.Release();

    /// <inheritdoc />
    public override void Dispose()
    {
        _rung.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await WorkAsync(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotTaken(exception.GetType().Name, _look.TotalSeconds);
            }

            await _rung.WaitAsync(_look, stoppingToken);
        }
    }

    /// <summary>Does the next job; false when none is due.</summary>
    internal async Task<bool> WorkAsync(CancellationToken cancellationToken)
    {
        var taken = await transactions.RunAsync((db, _) => JobRuns.TakeAsync(db, jobs.Names, instance.Name, _hold, time.GetUtcNow(), cancellationToken), cancellationToken);
        if (taken is not { } job)
        {
            return false;
        }

        await using var renewal = LeaseRenewal.Start(
            token => transactions.RunAsync((db, _) => JobRuns.HoldAsync(db, job, _hold, token), token), _hold, time, failure => LogNotHeld(job.Schedule, failure.GetType().Name), cancellationToken);
        try
        {
            var result = await jobs.Find(job.Schedule)!.WorkAsync(renewal.Token);
            if (await EndAsync(job with { Outcome = JobOutcome.Done, Code = null, Detail = result }, cancellationToken))
            {
                LogDone(job.Schedule, job.DueAt, result);
            }
            else
            {
                LogLost(job.Schedule, job.DueAt);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await transactions.RunAsync((db, _) => JobRuns.GiveBackAsync(db, job, TimeSpan.Zero, CancellationToken.None), CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException) when (renewal.IsLost)
        {
            LogLost(job.Schedule, job.DueAt);
        }
        catch (Exception exception)
        {
            await FailAsync(job with { Code = exception.GetType().Name, Detail = (exception as HubJobException)?.Message ?? "It stumbled over an error of this name, which the hub's log has too; it is tried again." }, cancellationToken);
            LogFailed(job.Schedule, job.DueAt, job.Attempts, exception is HubJobException ? exception.Message : exception.GetType().Name);
        }

        return true;
    }

    private Task<bool> FailAsync(JobRun job, CancellationToken cancellationToken) => job.Attempts < MostAttempts
        ? transactions.RunAsync((db, _) => JobRuns.GiveBackAsync(db, job, _pause, cancellationToken), cancellationToken)
        : EndAsync(job with { Outcome = JobOutcome.Failed }, cancellationToken);

    private Task<bool> EndAsync(JobRun job, CancellationToken cancellationToken) =>
        transactions.RunAsync((db, _) => JobRuns.EndAsync(db, job with { EndedAt = time.GetUtcNow() }, cancellationToken), cancellationToken);

    [LoggerMessage(2851, LogLevel.Information, "Job {Schedule} of {Due:u}: {Result}")]
    private partial void LogDone(string schedule, DateTimeOffset due, string result);

    [LoggerMessage(2852, LogLevel.Warning, "Job {Schedule} of {Due:u} failed at attempt {Attempt}: {Error}")]
    private partial void LogFailed(string schedule, DateTimeOffset due, int attempt, string error);

    [LoggerMessage(2853, LogLevel.Warning, "Job {Schedule} of {Due:u} was taken by another hub while this one could not say that it works on it")]
    private partial void LogLost(string schedule, DateTimeOffset due);

    [LoggerMessage(2854, LogLevel.Warning, "Job {Schedule} could not be held ({Error}); the hub tries again, and leaves it to another one before it is that one's")]
    private partial void LogNotHeld(string schedule, string error);

    [LoggerMessage(2855, LogLevel.Warning, "The hub could not look for its own jobs ({Error}); it looks again in {Seconds:0} s")]
    private partial void LogNotTaken(string error, double seconds);
}
