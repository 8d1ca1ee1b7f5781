namespace IntegrationHub.Hub.Intake;

/// <summary>Files that people send in place of text, told by their first bytes.</summary>
internal static class FileKinds
{
    private const string SaveAsText = "Open it there and save it as CSV (UTF-8), then load that file.";
    private const string Unpack = "Unpack it and load the file inside.";

    /// <summary>What the file is and what to do, or null when its first bytes may be text.</summary>
    public static (string Name, string Fix)? NameOf(ReadOnlySpan<byte> begin) => begin switch
    {
        [(byte)'P', (byte)'K', 3, 4, ..] => IsWorkbook(begin) ? ("an Excel workbook (XLSX)", SaveAsText) : ("a ZIP archive", Unpack),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => ("an old Excel workbook (XLS)", SaveAsText),
        [0x1F, 0x8B, ..] => ("compressed (gzip)", Unpack),
        [(byte)'B', (byte)'Z', (byte)'h', ..] => ("compressed (bzip2)", Unpack),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => ("compressed (zstd)", Unpack),
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => ("compressed (xz)", Unpack),
        [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => ("a 7z archive", Unpack),
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => ("a PDF document", "Export the list as CSV (UTF-8) from the program that holds it."),
        [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => ("a Parquet file", "Export the list as CSV (UTF-8) or as one JSON object per line."),
        [(byte)'O', (byte)'b', (byte)'j', 1, ..] => ("an Avro file", "Export the list as CSV (UTF-8) or as one JSON object per line."),
        _ when begin.StartsWith("{\\rtf"u8) => ("a text document with formatting (RTF)", "Export the list as CSV (UTF-8) from the program that holds it."),
        _ when begin.StartsWith("SQLite format 3"u8) => ("an SQLite database", "Export the list as CSV (UTF-8) or as one JSON object per line."),
        _ => null,
    };

    private static bool IsWorkbook(ReadOnlySpan<byte> begin) => begin.IndexOf("[Content_Types].xml"u8) >= 0 || begin.IndexOf("xl/"u8) >= 0;
}
