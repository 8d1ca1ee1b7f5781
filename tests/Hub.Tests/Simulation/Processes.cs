using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>The processes of a hub: the one that works, those of before that are dead, and those that are held up. A process of which nothing is heard is followed by another one.</summary>
internal sealed class Processes(History history, SimulatedDatabase database, Witness witness, Random random, Destination destination, HubConfiguration configuration, SimulatedWorld world)
{
    private static readonly TimeSpan _longerThanALease = TimeSpan.FromMinutes(5);

    /// <summary>No two things happen at one time, or their order would be chance.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(1);
    private readonly bool _isEmbedded = random.Next(3) == 0;
    private SimulatedHub _hub = null!;
    private SimulatedHub? _acting;
    private int _started;
    private int _frames;
    private int _commitsToLive = int.MaxValue;

    /// <summary>One number for one thing that a process is at.</summary>
    public int Frame { get; private set; }

    /// <summary>The process works; when it dies of it, another one takes over.</summary>
    /// <returns>False when nothing is heard of it.</returns>
    public async Task<bool> ActAsync(string what, Func<SimulatedHub, Task> work)
    {
        history.Clock.Advance(_tick);
        history.Tale.Tell(what);
        var (hub, before, frame) = (_hub, _acting, Frame);
        (_acting, Frame) = (hub, ++_frames);
        hub.Works++;
        try
        {
            await work(hub);
        }
        catch (Exception) when (hub.IsDead)
        {
            // Of a dead process nobody hears.
        }
        finally
        {
            (_acting, Frame) = (before, frame);
            hub.Works--;
        }

        var isHeard = !hub.IsDead;
        if (hub.IsDead && _hub == hub)
        {
            await StartAsync();
        }
        else if (_hub != hub && hub is { IsDead: false, Works: 0 })
        {
            hub.Kill(); // another one took over while it was held up
        }

        return isHeard;
    }

    /// <summary>A process starts. With an embedded hub the broker started with it, and has nothing.</summary>
    public async Task StartAsync()
    {
        _hub = new SimulatedHub($"hub-{++_started}", database, history.Clock, history.Broker, destination, configuration, world, witness.Watch);
        if (_started == 1)
        {
            return;
        }

        if (_isEmbedded)
        {
            history.Broker.Clear();
        }

        await ActAsync("a process starts and says again what was asked for", hub => hub.The<AskedReminder>().RemindAsync(CancellationToken.None));
        await ActAsync("and reminds the runs", hub => hub.The<RunReminder>().RemindAsync(null, CancellationToken.None));
        await ActAsync("and says again what was decided", hub => hub.The<HeldReminder>().RemindAsync(CancellationToken.None));
    }

    public async Task KillAndRestartAsync()
    {
        Kill(_hub, "between two steps");
        await StartAsync();
    }

    /// <summary>Has the process die after one of the next commits, or lets it live.</summary>
    public void LetDieAfter(int commits) => _commitsToLive = commits;

    public void LetLive() => _commitsToLive = int.MaxValue;

    /// <summary>The process committed.</summary>
    /// <exception cref="ProcessKilledException">It died of it.</exception>
    public void Committed()
    {
        if (_commitsToLive != int.MaxValue && --_commitsToLive <= 0)
        {
            Kill(_acting ?? _hub, "after a commit");
            throw new ProcessKilledException();
        }
    }

    /// <summary>Others go on while a call is on its way, and the process may be held up or die.</summary>
    /// <exception cref="ProcessKilledException">It is dead.</exception>
    public async Task MeanwhileAsync(string when)
    {
        var hub = _acting!;
        if (history.Tale.Depth < 2 && random.Next(4) == 0)
        {
            history.Tale.Tell($"  meanwhile, {when}:");
            await history.PlayWithinAsync(random.Next(1, 4));
            history.Tale.Tell("  so far meanwhile");
        }

        if (history.Tale.Depth < 2 && !_isEmbedded && _hub == hub && random.Next(25) == 0)
        {
            await HoldUpAsync(hub, when);
        }

        if (!hub.IsDead && random.Next(30) == 0)
        {
            Kill(hub, when);
        }

        if (hub.IsDead)
        {
            throw new ProcessKilledException();
        }
    }

    /// <summary>Nothing is heard of a process for longer than its leases last, another one takes over its work, and then it goes on as if nothing had been.</summary>
    private async Task HoldUpAsync(SimulatedHub hub, string when)
    {
        history.Tale.Tell($"the process is held up {when}, and another one takes over");
        hub.Clock.IsHeldUp = true;
        witness.ForgetCalls();
        history.ForgetDeliveries();
        await StartAsync();
        await history.LetTimePassAsync(_longerThanALease);
        await history.SweepAsync();
        if (random.Next(2) == 0)
        {
            await history.AnswerBellsWithinAsync();
        }

        await history.PlayWithinAsync(random.Next(2, 7));
        var knows = random.Next(2) == 0;
        history.Tale.Tell($"the one that was held up goes on{(knows ? "" : ", and does not know yet that it lost its leases")}");
        hub.Clock.IsHeldUp = false;
        if (knows)
        {
            history.Clock.Advance(TimeSpan.Zero);
        }
    }

    private void Kill(SimulatedHub hub, string when)
    {
        history.Tale.Tell($"the process is killed {when}");
        hub.Kill();
        LetLive();
        witness.ForgetCalls();
    }
}
