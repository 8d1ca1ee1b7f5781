using System.Security.Cryptography;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.StaticFiles;

namespace IntegrationHub.Hub.Console.Layout;

/// <summary>Style sheet and scripts, carried in the program itself: nothing lies beside it that could be missing, and a page that is older than the hub gets the present file.</summary>
internal static class Files
{
    private static readonly FileExtensionContentTypeProvider _types = new();

    private static readonly Dictionary<string, (byte[] Bytes, string Hash)> _all = new[] { "console.css", "console.js", "idiomorph.js" }.ToDictionary(name => name, Read, StringComparer.Ordinal);

    /// <summary>Changes with every build that differs: what a page shows is drawn by the program, too.</summary>
    public static string Version { get; } = typeof(Files).Module.ModuleVersionId.ToString("N");

    /// <summary>Address of a file; it changes with its content.</summary>
    public static string Address(string name) => $"/assets/{name}?v={_all[name].Hash}";

    public static void MapFiles(this IEndpointRouteBuilder routes) => routes.MapGet("/assets/{file}", (string file, string? v, HttpContext http) =>
    {
        if (!_all.TryGetValue(file, out var found) || !_types.TryGetContentType(file, out var type))
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = v == found.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Bytes(found.Bytes, type, entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{found.Hash}\""));
    }).WithMetadata(new OpenToStrangers()).ExcludeFromDescription();

    private static (byte[] Bytes, string Hash) Read(string name)
    {
        using var stream = typeof(Files).Assembly.GetManifestResourceStream($"console/{name}") ?? throw new InvalidOperationException($"The console's file {name} is missing from the program.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return (memory.ToArray(), Convert.ToHexStringLower(SHA256.HashData(memory.ToArray()))[..12]);
    }
}
