using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using IntegrationHub.Contracts.Backfills;

namespace IntegrationHub.Hub.Cli;

/// <summary>The options that say which facts of the log are meant.</summary>
internal sealed class FactOptions
{
    public Option<string?> Kind { get; } = new("--kind") { Description = $"{BackfillKind.Attributes}, when it is not said: write attributes. {BackfillKind.Redeliver}: owe events of the log again, what the destination was told left out; or the state of the people of whom it tells. {BackfillKind.Rebuild}: bring state to what the log says.", HelpName = "KIND" };

    public Option<string[]> Types { get; } = new("--type") { Description = $"With {BackfillKind.Redeliver}: name of an event, or profile_updated for state; with {BackfillKind.Rebuild}: type of a fact, profile_updated or audience_membership_changed; may be repeated. All of them when absent.", HelpName = "NAME" };

    public Option<DateTimeOffset?> From { get; } = new("--from") { Description = $"With {BackfillKind.Redeliver} and {BackfillKind.Rebuild}: what happened then or later.", HelpName = "TIME", CustomParser = Time };

    public Option<DateTimeOffset?> To { get; } = new("--to") { Description = $"With {BackfillKind.Redeliver} and {BackfillKind.Rebuild}: what happened before.", HelpName = "TIME", CustomParser = Time };

    public Option<string[]> Producers { get; } = new("--producer") { Description = $"With {BackfillKind.Redeliver} and {BackfillKind.Rebuild}: what this producer or source stated; may be repeated.", HelpName = "NAME" };

    public Option<string?> Run { get; } = new("--run") { Description = $"With {BackfillKind.Redeliver} and {BackfillKind.Rebuild}: facts with this correlation id, or those that this earlier replay told of.", HelpName = "ID" };

    public Option<string?> Subject { get; } = new("--subject") { Description = $"With {BackfillKind.Redeliver} and {BackfillKind.Rebuild}: the only person whom it is about, by a key such as email:kim@example.org.", HelpName = "KEY" };

    public Option<bool> AllowRepeat { get; } = new("--allow-repeat") { Description = $"With {BackfillKind.Redeliver}: send also what nobody knows any more whether it was sent, though the vendor would count it twice." };

    private static DateTimeOffset? Time(ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no time. Write 2026-10-01 or 2026-10-01T12:00:00Z; without a zone it is UTC.");
        return null;
    }
}
