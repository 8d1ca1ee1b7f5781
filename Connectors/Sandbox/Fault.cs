namespace IntegrationHub.Connectors.Sandbox;

/// <summary>A fault that strikes matching calls, by chance or a number of times.</summary>
public sealed record Fault
{
    /// <summary>What goes wrong.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>Status of a <see cref="FaultKind.Status"/>; 503 unless set.</summary>
    public int Status { get; init; } = 503;

    /// <summary>How long the vendor asks to wait with a <see cref="FaultKind.Status"/>; null says nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long a slow answer takes, or a lost one keeps its client waiting.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Path of the endpoint as the vendor lists it, for example <c>users/track</c>; null for every endpoint.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Chance per matching call, 0 to 1. For <see cref="FaultKind.RejectRecords"/> the share of people refused, the same people in every call.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Number of calls to strike before the fault is over; null goes on until it is cleared.</summary>
    public int? Calls { get; init; }

    /// <summary>Most records refused per call by <see cref="FaultKind.RejectRecords"/>; null has no limit.</summary>
    public int? Records { get; init; }

    /// <summary>The people whom <see cref="FaultKind.RejectRecords"/> refuses, by identity key; null for chance.</summary>
    public IReadOnlyCollection<string>? Keys { get; init; }

    /// <summary>What the answer has beside its own headers with <see cref="FaultKind.Headers"/>, by name.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Name of a <see cref="FaultKind.Vendor"/> fault.</summary>
    public string? Variant { get; init; }

    internal bool Concerns(string key) => Keys?.Contains(key) ?? (Probability >= 1 || Share(key) < Probability);

    private static double Share(string key)
    {
        var hash = 2166136261u;
        foreach (var c in key)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (hash >> 8) / (double)(1 << 24);
    }
}
