using System.Globalization;
using IntegrationHub.Hub.DeadLetters;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary>Shows how an action on dead letters goes: a bar on a screen, a line per tenth anywhere else.</summary>
internal static class LetterScreen
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    /// <summary>Watches an action to its end; the action as it ended.</summary>
    public static async Task<LetterActionJson> WatchAsync(Terminal terminal, bool json, LetterActionJson action, Func<Task<LetterActionJson>> look, CancellationToken cancellationToken)
    {
        if (!(json ? terminal.ErrorIsScreen : terminal.OutIsScreen))
        {
            var tenth = -1L;
            return await FollowAsync(shown =>
            {
                if (Tenth(shown) is var now && now != tenth)
                {
                    tenth = now;
                    (json ? terminal.Error : terminal.Out).WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shown.Kind} {shown.ActionId} {shown.State}: {shown.Done:N0} of {shown.Frozen:N0}"));
                }
            });
        }

        var last = action;
        await terminal.Screen(json).Progress().HideCompleted(false)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("", maxValue: Math.Max(1, action.Confirmed));
                last = await FollowAsync(shown =>
                {
                    bar.Description = Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{shown.Kind} {shown.ActionId} {shown.State}: {shown.Done:N0} of {shown.Frozen:N0}"));
                    (bar.MaxValue, bar.Value) = (Math.Max(1, Math.Max(shown.Confirmed, shown.Frozen)), shown.Done);
                });
            });
        return last;

        async Task<LetterActionJson> FollowAsync(Action<LetterActionJson> show)
        {
            var shown = action;
            while (true)
            {
                show(shown);
                if (shown.FinishedAt is not null)
                {
                    return shown;
                }

                await Task.Delay(_look, terminal.Time, cancellationToken);
                shown = await look();
            }
        }
    }

    private static long Tenth(LetterActionJson action) => action.FinishedAt is not null ? 10 : action.Done * 10 / Math.Max(1, action.Frozen);
}
