using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace IntegrationHub.Hub.Console.Parts;

/// <summary>The address is the state: filters and places in lists stand in the query.</summary>
internal static class Addresses
{
    /// <summary>The page's own address with other values; null takes one away.</summary>
    public static string With(HttpContext http, params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        var query = QueryHelpers.ParseQuery(http.Request.QueryString.Value).ToDictionary(entry => entry.Key, entry => entry.Value.ToString(), StringComparer.Ordinal);
        query.Remove("done");
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                query.Remove(name);
            }
            else
            {
                query[name] = value;
            }
        }

        return Of(http.Request.Path.ToString(), [.. query.Select(entry => (entry.Key, (string?)entry.Value))]);
    }

    /// <summary>A path with a query of those values that are not null or empty.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var built = new QueryBuilder();
        foreach (var (name, value) in query)
        {
            if (!string.IsNullOrEmpty(value))
            {
                built.Add(name, value);
            }
        }

        return $"{path}{built.ToQueryString()}";
    }
}
