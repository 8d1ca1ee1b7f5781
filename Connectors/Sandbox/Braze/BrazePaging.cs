using System.Globalization;
using System.Text;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Lists of fifty a page: the cursor of the next stands in the header <c>Link</c>.</summary>
internal static class BrazePaging
{
    private const int PageSize = 50;

    /// <summary>The page that is asked for; null when the cursor is none of ours, which is answered.</summary>
    public static IReadOnlyList<T>? Take<T>(SandboxCall call, IReadOnlyCollection<T> all)
    {
        if (Skipped(call.Http.Request.Query["cursor"].FirstOrDefault()) is not { } skipped)
        {
            BrazeAnswers.Fail(call, 400, "Bad Request");
            return null;
        }

        string[] links =
        [
            .. skipped > 0 ? [Link(call, skipped - PageSize, "prev")] : Array.Empty<string>(),
            .. skipped + PageSize < all.Count ? [Link(call, skipped + PageSize, "next")] : Array.Empty<string>(),
        ];
        if (links.Length > 0)
        {
            call.Header("link", string.Join(",", links));
        }

        return [.. all.Skip(skipped).Take(PageSize)];
    }

    private static string Link(SandboxCall call, int skip, string relation)
    {
        var request = call.Http.Request;
        var cursor = Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"skip:{skip}")));
        return $"<{request.Scheme}://{request.Host}{request.PathBase}{request.Path}?cursor={Uri.EscapeDataString(cursor)}>; rel=\"{relation}\"";
    }

    /// <summary>What a cursor says, or null when none of ours says it.</summary>
    private static int? Skipped(string? cursor)
    {
        if (cursor is null)
        {
            return 0;
        }

        var bytes = new byte[cursor.Length];
        return Convert.TryFromBase64String(cursor, bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length).Split(':') is ["skip", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
            ? skip
            : null;
    }
}
