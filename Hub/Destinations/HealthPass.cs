using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Destinations;

/// <summary>Leave to make a vendor call, with what was known about the destination before it: its answer says nothing about what was reported since.</summary>
/// <param name="endProbe">Gives the right to probe back: name and mark of the condition.</param>
internal sealed class HealthPass(Func<string, string, Task> endProbe) : IAsyncDisposable
{
    private readonly List<(string Name, string Mark)> _seen = [];
    private readonly List<(string Name, string Mark)> _probes = [];

    /// <summary>Why the call must not be made now, or null.</summary>
    public StoredCondition? Block { get; set; }

    /// <summary>With <see cref="Block"/>: true when only work for the audience has to wait.</summary>
    public bool ConcernsAudienceOnly { get; set; }

    /// <summary>The conditions that were known.</summary>
    public IReadOnlyList<(string Name, string Mark)> Seen => _seen;

    /// <summary>True when the call tries whether trouble is over.</summary>
    public bool IsProbe => _probes.Count > 0;

    /// <summary>Mark of the condition that was known under the name; null when none was.</summary>
    public string? MarkOf(string name) => _seen.Find(seen => seen.Name == name).Mark;

    /// <summary>A condition that was known.</summary>
    public void Add(StoredCondition condition, bool isProbe)
    {
        _seen.Add((condition.Name, condition.Mark));
        if (isProbe)
        {
            _probes.Add((condition.Name, condition.Mark));
        }
    }

    /// <summary>The probe brought an answer, which is recorded.</summary>
    public void Conclude() => _probes.Clear();

    /// <summary>A probe that learned nothing lets the next one try.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (name, mark) in _probes)
        {
            try
            {
                await endProbe(name, mark);
            }
            catch (Exception)
            {
                // The right to probe runs out by itself; what the call brought must not be lost over it.
            }
        }
    }
}
