using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Files of comma-separated values as RFC 4180 has them, in and out.</summary>
internal static class CsvFile
{
    /// <summary>The part <c>file</c> of a multipart body, or null.</summary>
    public static string? Find(SandboxCall call)
    {
        if (!MediaTypeHeaderValue.TryParse(call.Http.Request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
        {
            return null;
        }

        try
        {
            using var body = new MemoryStream(call.Body.ToArray());
            var reader = new MultipartReader(boundary, body);
            while (reader.ReadNextSectionAsync(call.Http.RequestAborted).GetAwaiter().GetResult() is { } section)
            {
                if (section.GetContentDispositionHeader() is { } disposition && HeaderUtilities.RemoveQuotes(disposition.Name) == "file")
                {
                    using var text = new StreamReader(section.Body, Encoding.UTF8);
                    return text.ReadToEnd();
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
        }

        return null;
    }

    public static List<string[]> Read(string text)
    {
        var (rows, row, cell) = (new List<string[]>(), new List<string>(), new StringBuilder());
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted)
            {
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = false;
                }
            }
            else if (c == '"')
            {
                isQuoted = true;
            }
            else if (c is ',' or '\n')
            {
                EndCell();
                if (c == '\n')
                {
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        if (cell.Length > 0 || row.Count > 0)
        {
            EndCell();
            rows.Add([.. row]);
        }

        return rows;

        void EndCell()
        {
            row.Add(cell.ToString());
            cell.Clear();
        }
    }

    public static byte[] Line(IEnumerable<string> cells) => Encoding.UTF8.GetBytes(
        string.Join(',', cells.Select(cell => cell.AsSpan().ContainsAny("\",\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell)) + "\n");
}
