using System.Collections.Concurrent;
using System.Globalization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary>Shows how runs go: a bar per run on a screen, a line per change anywhere else. Reports may come from any thread.</summary>
internal sealed class RunScreen : IAsyncDisposable
{
    private const int LineEveryPercent = 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, string> _lastLines = [];
    private readonly Dictionary<Guid, ProgressTask> _bars = [];
    private readonly Dictionary<(Guid Run, string Outcome), ProgressTask> _outcomes = [];
    private readonly IAnsiConsole _screen;
    private readonly TextWriter _lines;
    private readonly ConcurrentQueue<RunProgress> _reports = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task? _drawing;
    private ProgressTask? _step;
    private string? _lastStep;

    public RunScreen(Terminal terminal, bool json)
    {
        _screen = terminal.Screen(json);
        _lines = json ? terminal.Error : terminal.Out;
        if (json ? terminal.ErrorIsScreen : terminal.OutIsScreen)
        {
            _drawing = _screen.Progress().HideCompleted(false)
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(DrawAsync);
        }
    }

    /// <summary>Shows the state of things.</summary>
    public void Report(RunProgress progress)
    {
        if (_drawing is not null)
        {
            _reports.Enqueue(progress);
            return;
        }

        lock (_lock)
        {
            if (progress.Step is { } step && step != _lastStep)
            {
                _lastStep = step;
                _lines.WriteLine(step);
            }

            foreach (var run in progress.Runs)
            {
                WriteChange(run, progress.Pace.GetValueOrDefault(run.RunId));
            }
        }
    }

    /// <summary>Ends the drawing; the last state stays on the screen.</summary>
    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        if (_drawing is not null)
        {
            await _drawing;
        }
    }

    /// <summary>What a run waits for, in the words that pages and alerts have, too; of what the hub says nothing what its row knows. Null when it waits for nothing.</summary>
    public static string? Waiting(RunJson run) => run switch
    {
        { WaitingFor: { } sentence } => run.Stalled is { } since ? $"stalled since {since.Since:u}. {sentence}" : sentence,
        { State: RunState.AwaitingApproval } => $"Approval; let it pass with: sync approve {run.RunId}",
        { Stalled: { } stalled } => $"stalled since {stalled.Since:u}, {stalled.Code}: {stalled.Detail}",
        { State: RunState.Paused } => $"paused; go on with: sync resume {run.RunId}",
        _ => null,
    };

    private void WriteChange(RunJson run, string? pace)
    {
        var percent = Percent(run);
        var step = run.Counts.Planned == 0 ? "" : $" {percent / LineEveryPercent * LineEveryPercent} %";
        var key = $"{run.State}{step}{Waiting(run)}";
        if (_lastLines.TryGetValue(run.RunId, out var last) && last == key)
        {
            return;
        }

        _lastLines[run.RunId] = key;
        var waiting = Waiting(run) is { } why ? $" ({why})" : "";
        _lines.WriteLine(run.Counts.Planned == 0
            ? $"{run.Destination}: {run.State}{waiting}"
            : string.Create(CultureInfo.InvariantCulture, $"{run.Destination}: {run.State}, {run.Counts.Planned - run.Counts.Pending:N0} of {run.Counts.Planned:N0} settled ({percent} %){(pace is null || run.FinishedAt is not null ? "" : $", {pace}")}{waiting}"));
    }

    private async Task DrawAsync(ProgressContext context)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
        {
            while (_reports.TryDequeue(out var progress))
            {
                Draw(context, progress);
            }
        }
        while (!_over.Task.IsCompleted && await timer.WaitForNextTickAsync());

        while (_reports.TryDequeue(out var last))
        {
            Draw(context, last);
        }

        _step?.StopTask();
    }

    private void Draw(ProgressContext context, RunProgress progress)
    {
        if (progress.Step is { } step)
        {
            _step ??= context.AddTask(Markup.Escape(step)).IsIndeterminate();
            _step.Description = Markup.Escape(step);
        }

        foreach (var run in progress.Runs)
        {
            if (!_bars.TryGetValue(run.RunId, out var bar))
            {
                _bars[run.RunId] = bar = context.AddTask(Markup.Escape(run.Destination));
            }

            bar.MaxValue = Math.Max(1, run.Counts.Planned);
            bar.Value = run.FinishedAt is null ? run.Counts.Planned - run.Counts.Pending : bar.MaxValue;
            bar.Description = Markup.Escape($"{run.Destination} {run.State}{(Waiting(run) is { } why ? $" ({why})" : progress.Pace.TryGetValue(run.RunId, out var pace) ? $", {pace}" : "")}");
            foreach (var (outcome, records) in Outcomes(run.Counts))
            {
                if (!_outcomes.TryGetValue((run.RunId, outcome), out var part))
                {
                    _outcomes[(run.RunId, outcome)] = part = context.AddTaskAfter(outcome, bar);
                }

                part.MaxValue = Math.Max(1, run.Counts.Planned);
                part.Value = records;
                part.Description = string.Create(CultureInfo.InvariantCulture, $"  {outcome} {records:N0}");
                if (run.FinishedAt is not null)
                {
                    part.StopTask();
                }
            }

            if (run.FinishedAt is not null)
            {
                bar.StopTask();
            }
        }
    }

    /// <summary>What became of records so far; outcomes that none has are not among them.</summary>
    private static IEnumerable<(string Outcome, long Records)> Outcomes(CountsJson counts) => new[]
    {
        ("delivered", counts.Delivered), ("unchanged", counts.Unchanged), ("suppressed", counts.Suppressed), ("rejected", counts.Rejected), ("dead letters", counts.DeadLettered),
    }.Where(outcome => outcome.Item2 > 0);

    private static int Percent(RunJson run) => run.Counts.Planned == 0 ? 0 : (int)(100 * (run.Counts.Planned - run.Counts.Pending) / run.Counts.Planned);
}
