using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>How far an extract is; kept by the hub between two steps.</summary>
/// <param name="Job"><c>exportId</c>; empty while the day's bytes are used up and none could be made.</param>
/// <param name="Fields">Columns of the file after id and key.</param>
internal sealed record MarketoExtractCursor(string Job, IReadOnlyList<string> Fields)
{
    /// <summary>True when the job is in the vendor's queue or beyond.</summary>
    public bool IsQueued { get; init; }

    /// <summary>Bytes of the file; null before it is there.</summary>
    public long? Size { get; init; }

    /// <summary>Rows of the file, without the header.</summary>
    public long Records { get; init; }

    /// <summary><c>fileChecksum</c>, or null.</summary>
    public string? Checksum { get; init; }

    /// <summary>Bytes that were read.</summary>
    public long At { get; init; }

    /// <summary>Rows that were read.</summary>
    public long Read { get; init; }

    public static MarketoExtractCursor Parse(string text) =>
        JsonSerializer.Deserialize<MarketoExtractCursor>(text) ?? throw new ArgumentException("The cursor is not one of an extract.", nameof(text));

    public override string ToString() => JsonSerializer.Serialize(this);
}
