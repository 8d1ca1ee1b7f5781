namespace IntegrationHub.Storage.Watch;

/// <summary>A run that is not over, of whatever kind, as far as its diagnosis needs it.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="Kind">Kind of run, as in <c>GET /v1/runs</c>.</param>
/// <param name="State">Its state.</param>
/// <param name="Audience">Its audience; empty when it has none.</param>
/// <param name="Destination">Its destination.</param>
/// <param name="Lane">Lane of its deliveries.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="LastProgressAt">When it last moved, or null.</param>
/// <param name="StalledSince">Since when it counts as stalled, or null.</param>
/// <param name="WaitingFor">The sentence that its own step left, or null.</param>
/// <param name="ReadBackAt">When its members are read back again, or null.</param>
public sealed record OpenRun(
    Guid RunId, string Kind, string State, string Audience, string Destination, string Lane, DateTimeOffset RequestedAt, DateTimeOffset? LastProgressAt, DateTimeOffset? StalledSince,
    string? WaitingFor, DateTimeOffset? ReadBackAt);
