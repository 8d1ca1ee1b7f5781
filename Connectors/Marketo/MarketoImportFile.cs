using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using CsvHelper;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// The file of an import. All rows have the same fields and a value in each: what an empty cell does to a field is not documented, so
/// a record that leaves out a field of the others, or clears one, does not go into the file.
/// </summary>
internal sealed class MarketoImportFile : IDisposable
{
    /// <summary>Room for the header and the parts' own lines within the vendor's limit.</summary>
    private const int HeaderRoom = 64 * 1024;

    private static readonly CsvWriterOptions Written = new() { NewLine = "\n" };
    private static readonly CsvReaderOptions Read = new() { Separator = ',', HasHeader = false, IncludeValuesInExceptions = false };

    private readonly MemoryStream _bytes = new();

    private readonly List<BatchItem> _others = [];

    private MarketoImportFile()
    {
    }

    public int Rows { get; private set; }

    /// <summary>The items that are not in the file.</summary>
    public IReadOnlyList<BatchItem> Others => _others;

    /// <summary>Writes the file for a batch.</summary>
    public static MarketoImportFile Write(MarketoOptions options, Batch batch)
    {
        var file = new MarketoImportFile();
        var shape = Shape(options, batch.Items);
        using var csv = CsvWriter.Create(file._bytes, Written, leaveOpen: true);
        csv.WriteRecord((string[])[LookupField(options, batch), .. shape]);
        var size = 0;
        foreach (var item in batch.Items)
        {
            if (!Fits(options, batch, item, shape))
            {
                file._others.Add(item);
                continue;
            }

            string[] row = [batch.UpdateOnly ? item.RemoteId! : item.Key, .. shape.Select(name => MarketoMapper.Cell(Value(item, name)))];
            var length = row.Sum(Length);
            if (size + length > MarketoDescriptor.MaxImportBytes - HeaderRoom)
            {
                file._others.Add(item);
                continue;
            }

            csv.WriteRecord(row);
            size += length;
            file.Rows++;
        }

        return file;
    }

    /// <summary>The column by which the vendor finds people: by the key it creates them, by the lead id it only updates.</summary>
    public static string LookupField(MarketoOptions options, Batch batch) => batch.UpdateOnly ? "id" : options.IdentityKey;

    /// <summary>The keys of a file of rows that the vendor gives back. What it adds about them is prose and may quote values, so it is left there.</summary>
    public static MarketoAnswer ReadKeys(byte[] utf8, string lookupField)
    {
        if (utf8.AsSpan().TrimStart(" \r\n\t"u8).StartsWith("{"u8))
        {
            return MarketoAnswer.Parse(utf8) is { Failure: not null } failed ? failed : MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }

        try
        {
            using var csv = CsvReader.Create(utf8, Read);
            string[] header = csv.Read() ? [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)] : [];
            var column = Array.FindIndex(header, name => string.Equals(name, lookupField, StringComparison.OrdinalIgnoreCase));
            if (column < 0)
            {
                return MarketoAnswer.Failed(MarketoAnswer.Malformed);
            }

            var rows = new List<AnswerRow>();
            while (csv.Read())
            {
                rows.Add(new(0, RowStatus.None, null, csv.GetString(column)));
            }

            return MarketoAnswer.OfRows(rows);
        }
        catch (Exception e) when (e is CsvFormatException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }
    }

    /// <summary>
    /// The request's body, whose only part is the file. The line that ends the part follows from all that is in the file, so no value in
    /// it can hold that line.
    /// </summary>
    public MultipartFormDataContent ToContent()
    {
        var bytes = _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);
        var boundary = $"hub-{Convert.ToHexStringLower(SHA256.HashData(bytes.Span)[..16])}";
        var part = new ReadOnlyMemoryContent(bytes);
        part.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "\"file\"", FileName = "\"people.csv\"" };
        var content = new MultipartFormDataContent(boundary) { part };
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary={boundary}");
        return content;
    }

    public void Dispose() => _bytes.Dispose();

    /// <summary>The set of fields that most items write.</summary>
    private static string[] Shape(MarketoOptions options, IReadOnlyList<BatchItem> items) =>
        items.Select(item => Names(options, item)).GroupBy(names => string.Join('\n', names), StringComparer.Ordinal)
            .MaxBy(group => group.Count())!.First();

    private static string[] Names(MarketoOptions options, BatchItem item) =>
    [
        .. item.Fields.Select(field => field.Name)
            .Where(name => !string.Equals(name, options.IdentityKey, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
    ];

    private static bool Fits(MarketoOptions options, Batch batch, BatchItem item, string[] shape) =>
        !(batch.UpdateOnly && item.RemoteId is null)
        && MarketoMapper.HasAsciiEmail(options.IdentityKey, item)
        && item.Fields.All(field => field.Value.Kind != FieldKind.Null && !(field.Value.Kind == FieldKind.Text && field.Value.Text.Length == 0))
        && Names(options, item).AsSpan().SequenceEqual(shape);

    private static FieldValue Value(BatchItem item, string name) => item.Fields.First(field => field.Name == name).Value;

    /// <summary>Most bytes that a cell can take: its text, quotes around it and one before each quote in it, and a separator.</summary>
    private static int Length(string cell) => Encoding.UTF8.GetByteCount(cell) + cell.Count(c => c == '"') + 3;
}
