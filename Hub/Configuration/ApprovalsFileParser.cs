using System.Globalization;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>approvals.yaml</c>: who has to agree to what.</summary>
internal static class ApprovalsFileParser
{
    private const int MostNeeded = 5;
    private const int MostDays = 365;

    /// <summary>What is said of each kind that the file names.</summary>
    public static IReadOnlyDictionary<string, ApprovalConfiguration> Parse(ConfigurationFile file)
    {
        var rules = new Dictionary<string, ApprovalConfiguration>(StringComparer.Ordinal);
        foreach (var kind in file.Root.Keys)
        {
            if (!ApprovalConfiguration.Kinds.Contains(kind))
            {
                file.Root.Fail(kind, $"There is no approval of the kind {kind}.", $"{Spelling.Hint(kind, ApprovalConfiguration.Kinds)}Kinds are: {string.Join(", ", ApprovalConfiguration.Kinds)}.");
            }
            else if (file.Root.Section(kind) is { } about)
            {
                var isOfFourEyes = about.Flag("four_eyes");
                rules[kind] = new ApprovalConfiguration((int?)Whole(about, "needed", 1, MostNeeded), about.Has("four_eyes") ? isOfFourEyes : null, Whole(about, "above_people", 0, int.MaxValue), Life(about, kind));
                about.RejectUnknownKeys();
            }
        }

        return rules;
    }

    private static long? Whole(YamlSection about, string key, long min, long max)
    {
        if (about.Number(key, min, max) is not { } number)
        {
            return null;
        }

        if (number == Math.Floor(number))
        {
            return (long)number;
        }

        about.Fail(key, $"{about.PathOf(key)} is not a whole number.", "Write a whole number.");
        return null;
    }

    private static TimeSpan? Life(YamlSection about, string kind)
    {
        if (about.Text("expires") is not { } text)
        {
            return null;
        }

        if (kind == ApprovalConfiguration.Erasure)
        {
            about.Fail("expires", $"{about.PathOf("expires")} cannot be set.", "Take it out: an erasure waits until somebody agrees or refuses. The clock refuses no person's request; the law's deadline has an alarm of its own.");
            return null;
        }

        var isNumber = int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
        var life = text[^1] switch
        {
            'h' when isNumber && number <= MostDays * 24 => TimeSpan.FromHours(number),
            'd' when isNumber && number <= MostDays => TimeSpan.FromDays(number),
            _ => TimeSpan.Zero,
        };
        if (life > TimeSpan.Zero)
        {
            return life;
        }

        about.Fail("expires", $"{about.PathOf("expires")} is not a length of time.", $"Write for example 48h or 7d; at most {MostDays}d. After it, it is too late to agree.");
        return null;
    }
}
