namespace IntegrationHub.Storage.Watch;

/// <summary>A run that is not over, of whatever kind, as far as its diagnosis needs it.</summary>
/// <param name="RunId">Its id; of an action on letters the stream that they wait in.</param>
/// <param name="Kind">One of <see cref="OpenRunKind"/>.</param>
/// <param name="State">Its state.</param>
/// <param name="Audience">Its audience; empty when it has none.</param>
/// <param name="Destination">Its destination; empty when it concerns all of them.</param>
/// <param name="Lane">Lane of its deliveries; empty when it has none.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="LastProgressAt">When it last moved, or null.</param>
/// <param name="StalledSince">Since when it counts as stalled, or null.</param>
/// <param name="WaitingFor">The sentence that its own step left, or null.</param>
/// <param name="ReadBackAt">When its members are read back again, or null.</param>
public sealed record OpenRun(
    Guid RunId, string Kind, string State, string Audience, string Destination, string Lane, DateTimeOffset RequestedAt, DateTimeOffset? LastProgressAt, DateTimeOffset? StalledSince,
    string? WaitingFor, DateTimeOffset? ReadBackAt)
{
    /// <summary>What people call it by: its id, or the number of an action on letters.</summary>
    public string Subject { get; init; } = RunId.ToString();

    /// <summary>Id of the principal that asked for it; null when nobody told.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Of a rollback: the run whose writes are taken back; else null.</summary>
    public Guid? RollsBack { get; init; }

    /// <summary>When it has to be done by law; null when no law says so.</summary>
    public DateTimeOffset? Deadline { get; init; }
}
