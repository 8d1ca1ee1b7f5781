using Microsoft.AspNetCore.Http.Features;

namespace IntegrationHub.Hub.Intake;

/// <summary>How a list arrives over HTTP: what its content type says, its name, its size, and what is answered when it cannot be read.</summary>
internal static class SnapshotFormats
{
    private const int LongestName = 255;

    /// <summary>How the body is written, or null when its content type is none of a list.</summary>
    public static SnapshotFormat? Of(string? contentType) => contentType?.Split(';')[0].Trim().ToLowerInvariant() switch
    {
        "text/csv" or "text/plain" or "text/tab-separated-values" or "application/vnd.ms-excel" => SnapshotFormat.Csv,
        "application/x-ndjson" or "application/ndjson" or "application/json" or "application/jsonl" => SnapshotFormat.Ndjson,
        _ => null,
    };

    /// <summary>The content type is none of a list.</summary>
    public static IResult Unknown() => Problems.Of(415, "content-type-unknown", "Content-Type", "Send text/csv or application/x-ndjson.");

    /// <summary>A list is streamed, so it may be as long as it likes.</summary>
    public static void AllowAnySize(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    /// <summary>The file's name as the caller says it, for error messages.</summary>
    public static string FileNameOf(HttpRequest request) =>
        request.Headers["X-File-Name"].ToString() is { Length: > 0 and <= LongestName } given ? Path.GetFileName(Uri.UnescapeDataString(given)) : "request body";

    /// <summary>The list as a whole cannot be read.</summary>
    /// <param name="type">Name of the problem.</param>
    /// <param name="exception">What is wrong with it.</param>
    /// <param name="more">What else there is to say; may be empty.</param>
    public static IResult Malformed(string type, SnapshotFormatException exception, string more = "") =>
        Problems.Of(400, type, exception.Field ?? "body", $"{exception.Problem} {exception.Fix}{more}", new Dictionary<string, object?>
        {
            ["file"] = exception.File,
            ["line"] = exception.Line,
            ["code"] = exception.Code,
        });
}
