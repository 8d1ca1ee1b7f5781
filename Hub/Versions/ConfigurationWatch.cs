using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Configurations;

namespace IntegrationHub.Hub.Versions;

/// <summary>Looks every few seconds whether this hub runs the version in force, and has it make way when it does not, one hub after another: those that wait for their turn send nothing, and take in what comes. A version that it cannot run leaves it idle: nothing is sent by rules that hold no more.</summary>
internal sealed partial class ConfigurationWatch(RunningConfiguration running, ConfigurationCompiler compiler, OutboxTransaction transactions, HubInstance instance, HubOptions options, TimeProvider time, ILogger<ConfigurationWatch> logger) : BackgroundService
{
    /// <summary>So long the others wait for one: longer than a hub ends and begins.</summary>
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _lookForTurn = TimeSpan.FromMilliseconds(500);

    private long? _told;

    /// <summary>Looks once.</summary>
    /// <returns>False when the database could not be asked.</returns>
    internal async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await transactions.ReadAsync(db => ConfigurationBook.ActiveAsync(db, cancellationToken)) is { } active)
            {
                await FollowAsync(active, cancellationToken);
            }

            Compare();
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotAsked(exception.GetType().Name);
            return false;
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Config.Poll, time);
        do
        {
            await LookAsync(stoppingToken);
            timer.Period = running is { IsBehind: true, Obstacles: [] } && _lookForTurn < options.Config.Poll ? _lookForTurn : options.Config.Poll;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task FollowAsync(ActiveConfiguration active, CancellationToken cancellationToken)
    {
        if (active.ContentHash == running.ContentHash)
        {
            running.Became(active.Version); // another number for the same
            return;
        }

        if (running.Superseded.IsCompleted || await transactions.ReadAsync(db => ConfigurationBook.FindAsync(db, active.Version, cancellationToken)) is not { } stored)
        {
            return;
        }

        var result = compiler.Compile(ConfigurationFiles.Of(stored.Files));
        if (result.Configuration is null)
        {
            running.FellBehind(result.Errors);
            if (_told != active.Version)
            {
                _told = active.Version;
                LogCannotRun(active.Version, string.Join(" | ", result.Errors));
            }

            return;
        }

        running.FellBehind([]);
        if (await transactions.RunAsync((db, _) => ConfigurationTurn.TakeAsync(db, instance.Name, _turn, cancellationToken), cancellationToken) is { } turn)
        {
            LogMakesWay(running.Version, active.Version, active.ActivatedBy);
            running.GiveWay(new ChangeOver(stored, turn));
        }
    }

    /// <summary>With <c>Manual</c> a folder waits for somebody who applies it.</summary>
    private void Compare()
    {
        if (options.Config.Apply != ConfigApply.Manual || compiler.ReadFolder() is not { } folder)
        {
            return;
        }

        var isPending = folder.ContentHash != running.ContentHash;
        if (isPending && !running.IsPending)
        {
            LogPending(running.Version);
        }

        running.PendingSince = isPending ? running.PendingSince ?? time.GetUtcNow() : null;
    }

    [LoggerMessage(3922, LogLevel.Information, "Version {Next} of the configuration is in force, applied by {By}; the hub that runs {Version} makes way for one that runs it")]
    private partial void LogMakesWay(long? version, long next, string by);

    [LoggerMessage(3923, LogLevel.Error, "Version {Version} of the configuration is in force, and this hub cannot run it: {Errors}. It claims and plans nothing until it can, or until another version is in force ('config rollback')")]
    private partial void LogCannotRun(long version, string errors);

    [LoggerMessage(3924, LogLevel.Warning, "config_pending: the hub's folder differs from version {Version} of the configuration, which runs. 'plan' shows how, 'apply' puts it in force")]
    private partial void LogPending(long? version);

    [LoggerMessage(3925, LogLevel.Warning, "Which version of the configuration is in force could not be asked ({Error}); the hub goes on with the one that it runs, and the database compares at every claim")]
    private partial void LogNotAsked(string error);
}
