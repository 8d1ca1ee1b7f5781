namespace IntegrationHub.Hub.Intake;

/// <summary>Files that people send in place of text, told by their first bytes.</summary>
internal static class FileKinds
{
    private const string SaveAsText = "Open it there and save it as CSV (UTF-8), then load that file.";
    private const string ExportAsText = "Export the list as CSV (UTF-8) or as one JSON object per line.";
    private const string Unpack = "Unpack it and load the file inside.";

    /// <summary>What the file is and what to do, or null when its first bytes may be text.</summary>
    public static (string Name, string Fix)? NameOf(ReadOnlySpan<byte> begin) => begin switch
    {
        [(byte)'P', (byte)'K', 3, 4, ..] => OfZip(begin),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => ("an old Excel workbook (XLS)", SaveAsText),
        [0x1F, 0x8B, ..] => ("compressed (gzip)", Unpack),
        [(byte)'B', (byte)'Z', (byte)'h', ..] => ("compressed (bzip2)", Unpack),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => ("compressed (zstd)", Unpack),
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => ("compressed (xz)", Unpack),
        [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => ("a 7z archive", Unpack),
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => ("a PDF document", "Export the list as CSV (UTF-8) from the program that holds it."),
        [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => ("a Parquet file", ExportAsText),
        [(byte)'O', (byte)'b', (byte)'j', 1, ..] => ("an Avro file", ExportAsText),
        [(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A, 7, ..] => ("a RAR archive", Unpack),
        [(byte)'O', (byte)'R', (byte)'C', ..] => ("an ORC file", ExportAsText),
        _ when begin.StartsWith("ARROW1"u8) => ("an Arrow file", ExportAsText),
        _ when Begins(begin, "BEGIN:VCARD"u8) => ("a file of business cards (vCard)", ExportAsText),
        _ when Begins(begin, "-- "u8) || Begins(begin, "/*"u8) || Begins(begin, "INSERT INTO "u8) || Begins(begin, "CREATE TABLE "u8) => ("a dump of a database (SQL)", ExportAsText),
        _ when begin.StartsWith("{\\rtf"u8) => ("a text document with formatting (RTF)", "Export the list as CSV (UTF-8) from the program that holds it."),
        _ when begin.StartsWith("SQLite format 3"u8) => ("an SQLite database", ExportAsText),
        _ => null,
    };

    private static (string Name, string Fix) OfZip(ReadOnlySpan<byte> begin) =>
        begin.IndexOf("[Content_Types].xml"u8) >= 0 || begin.IndexOf("xl/"u8) >= 0 ? ("an Excel workbook (XLSX)", SaveAsText)
        : begin.IndexOf("mimetypeapplication/vnd.oasis.opendocument"u8) >= 0 ? ("an OpenDocument spreadsheet (ODS)", SaveAsText)
        : begin.IndexOf("Index/"u8) >= 0 && begin.IndexOf(".iwa"u8) >= 0 ? ("a Numbers spreadsheet", SaveAsText)
        : ("a ZIP archive", Unpack);

    private static bool Begins(ReadOnlySpan<byte> begin, ReadOnlySpan<byte> with) => (begin.StartsWith("\uFEFF"u8) ? begin[3..] : begin).StartsWith(with);
}
