namespace IntegrationHub.Hub.Intake;

/// <summary>How a snapshot is written.</summary>
internal enum SnapshotFormat
{
    /// <summary>Comma-separated values with a header line, UTF-8.</summary>
    Csv,

    /// <summary>One JSON object per line, UTF-8.</summary>
    Ndjson,
}
