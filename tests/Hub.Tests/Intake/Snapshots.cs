using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake;

namespace Hub.Tests.Intake;

/// <summary>A small audience and ways to read a snapshot of it.</summary>
internal static class Snapshots
{
    public static AudienceConfiguration Audience { get; } = new()
    {
        Key = "people",
        DisplayName = "People",
        Columns =
        [
            new SnapshotColumn("Id", ColumnRole.ExternalId, null),
            new SnapshotColumn("Mail", ColumnRole.Email, null),
            new SnapshotColumn("Tel", ColumnRole.Phone, null),
            new SnapshotColumn("Name", ColumnRole.Attribute, "first_name"),
            new SnapshotColumn("Shoe", ColumnRole.Ignored, null),
        ],
        Guardrail = new AudienceGuardrail(0.2, null),
        Destinations = [],
    };

    public static Task<List<SnapshotRow>> ReadCsv(string text, int maxFieldBytes = 1024, int chunk = 7) => ReadCsv(Encoding.UTF8.GetBytes(text), maxFieldBytes, chunk);

    public static Task<List<SnapshotRow>> ReadCsv(byte[] bytes, int maxFieldBytes = 1024, int chunk = 7) =>
        Read(bytes, SnapshotFormat.Csv, maxFieldBytes, chunk);

    public static Task<List<SnapshotRow>> ReadCsv(string text, AudienceConfiguration audience) => Read(Encoding.UTF8.GetBytes(text), SnapshotFormat.Csv, 1024, 7, audience);

    public static Task<List<SnapshotRow>> ReadNdjson(string text, AudienceConfiguration audience) => Read(Encoding.UTF8.GetBytes(text), SnapshotFormat.Ndjson, 1024, 7, audience);

    public static Task<List<SnapshotRow>> ReadNdjson(string text, int maxFieldBytes = 1024, int chunk = 7) => ReadNdjson(Encoding.UTF8.GetBytes(text), maxFieldBytes, chunk);

    public static Task<List<SnapshotRow>> ReadNdjson(byte[] bytes, int maxFieldBytes = 1024, int chunk = 7) =>
        Read(bytes, SnapshotFormat.Ndjson, maxFieldBytes, chunk);

    public static async Task<SnapshotFormatException> ErrorAsync(Func<Task> read) => (await Assert.ThrowsAsync<SnapshotFormatException>(read))!;

    private static async Task<List<SnapshotRow>> Read(byte[] bytes, SnapshotFormat format, int maxFieldBytes, int chunk, AudienceConfiguration? audience = null)
    {
        await using var stream = new ChunkStream(bytes, chunk);
        var rows = new List<SnapshotRow>();
        await foreach (var row in new SnapshotReader(audience ?? Audience, maxFieldBytes).ReadAsync(stream, format, "people.csv", CancellationToken.None))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Gives a few bytes per read, so that every state is left and entered at every byte.</summary>
    private sealed class ChunkStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));
    }
}
