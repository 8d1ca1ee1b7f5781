using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>The arrows of a saga as people approved them: those of its document, not those that the machine has today.</summary>
internal sealed partial class ApprovedGraph
{
    private readonly HashSet<(string From, string To)> _arrows;

    private ApprovedGraph(string saga) => _arrows =
        [.. Arrow().Matches(File.ReadAllText(PathOf(saga))).Select(arrow => (arrow.Groups["from"].Value, arrow.Groups["to"].Value))];

    public static ApprovedGraph OfSyncs { get; } = new("AudienceSync");

    public static ApprovedGraph OfBackfills { get; } = new("BackfillRun");

    public static ApprovedGraph OfErasures { get; } = new("Erasure");

    /// <param name="from">The state of before; null when there was no row.</param>
    /// <param name="to">The state of now.</param>
    public bool Has(string? from, string to) => _arrows.Contains((from ?? "[*]", to));

    private static string PathOf(string saga, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "Sagas", saga, $"{saga}.md");

    [GeneratedRegex(@"^\s+(?<from>\S+) --> (?<to>\w+) : ", RegexOptions.Multiline)]
    private static partial Regex Arrow();
}
