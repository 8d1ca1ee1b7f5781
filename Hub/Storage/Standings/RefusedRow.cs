namespace IntegrationHub.Storage.Standings;

/// <summary>A row of an audience's last list that was refused, and may be about a person.</summary>
/// <param name="Audience">The audience.</param>
/// <param name="SnapshotId">The list.</param>
/// <param name="Line">Its line.</param>
/// <param name="Field">The field that is at fault.</param>
/// <param name="Code">Reason code.</param>
/// <param name="LoadedAt">When the list came.</param>
public sealed record RefusedRow(string Audience, Guid SnapshotId, long Line, string Field, string Code, DateTimeOffset LoadedAt);
