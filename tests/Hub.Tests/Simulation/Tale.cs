using System.Globalization;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>What happens in a history, a line a step. Runs are named in the order in which they are met, so that it reads the same whenever it is played.</summary>
internal sealed class Tale(SimulatedClock clock)
{
    private readonly List<string> _lines = [];
    private readonly Dictionary<Guid, string> _names = [];

    /// <summary>What happened so far.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>How many steps lie within each other.</summary>
    public int Depth { get; set; }

    public void Tell(string what) => _lines.Add($"{clock.GetUtcNow().ToString("dd HH:mm:ss.fff", CultureInfo.InvariantCulture)} {new string(' ', Depth * 2)}{what}");

    public string NameOf(Guid run)
    {
        if (run == Guid.Empty)
        {
            return "no run";
        }

        if (!_names.TryGetValue(run, out var name))
        {
            _names[run] = name = $"R{_names.Count + 1}";
        }

        return name;
    }

    /// <summary>In which order runs were met.</summary>
    public int PlaceOf(Guid run) => int.Parse(NameOf(run)[1..], CultureInfo.InvariantCulture);

    /// <summary>Names the run of a message.</summary>
    public string NameOf(object message) => NameOf(RunOf(message));

    /// <summary>The run or erasure of a message, or none.</summary>
    public static Guid RunOf(object message) => (message.GetType().GetProperty("RunId") ?? message.GetType().GetProperty("RequestId"))?.GetValue(message) as Guid? ?? Guid.Empty;
}
