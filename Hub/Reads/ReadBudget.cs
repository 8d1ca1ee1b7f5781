using System.Reflection;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Reads;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Reads;

/// <summary>
/// Has everything that <c>GET</c> routes of the API read, and so the pages too, read within a budget: on few connections of its own, each statement for seconds at most. What takes longer is answered with 503
/// and what to narrow.
/// </summary>
internal sealed partial class ReadBudget(RequestDelegate next, ILogger<ReadBudget> logger)
{
    private const string ComeAgain = "5";

    public async Task InvokeAsync(HttpContext http)
    {
        if (!Holds(http))
        {
            await next(http);
            return;
        }

        try
        {
            Looking.Begin();
            await next(http);
        }
        catch (ReadOverBudgetException over) when (!http.Response.HasStarted)
        {
            var route = (RouteEndpoint)http.GetEndpoint()!;
            LogGivenUp(route.RoutePattern.RawText, over.Longest, over.IsBusy);
            http.Response.Headers[HeaderNames.RetryAfter] = ComeAgain;
            await Answer(over, route.Metadata.GetMetadata<TakesItsTime>() is null ? Narrowing(route, http.Request.Query) : null).ExecuteAsync(http);
        }
    }

    private static bool Holds(HttpContext http) => HttpMethods.IsGet(http.Request.Method) && http.GetEndpoint() is RouteEndpoint route
        && route.RoutePattern.RawText?.StartsWith("/v1/", StringComparison.Ordinal) is true && (route.Metadata.GetMetadata<TakesItsTime>() is null || http.Features.Get<WithinProcess>() is not null);

    /// <param name="over">What took too long.</param>
    /// <param name="narrowing">Parameters that would make the answer smaller; null where only a page has no time, and a terminal has.</param>
    private static IResult Answer(ReadOverBudgetException over, List<string>? narrowing)
    {
        var seconds = FormattableString.Invariant($"{over.Longest.TotalSeconds:0.##} s");
        return over.IsBusy
            ? Problems.Of(503, "reads-busy", "path", $"So much is looked at that nothing became free for this within {seconds}; what is delivered goes on. Ask again after the seconds that Retry-After names.")
            : narrowing is null ? Problems.Of(503, "read-over-budget", "path", $"Reading this took longer than {seconds}, which is as long as a page waits. Ask in a terminal: there it may take its time.")
            : Problems.Of(503, "read-over-budget", narrowing.Count > 0 ? narrowing[0] : "path",
                $"Reading this took longer than {seconds} and was given up, so that it holds up nothing that is delivered. {(narrowing.Count > 0 ? $"Narrow it with {string.Join(" or ", narrowing.Select(name => $"'{name}'"))}." : "Ask again after the seconds that Retry-After names.")}");
    }

    /// <summary>Parameters of the route that would make the answer smaller: filters that were not given, and how many items.</summary>
    private static List<string> Narrowing(RouteEndpoint route, IQueryCollection given) =>
    [
        .. (route.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [])
            .Where(parameter => IsValue(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType))
            .Select(parameter => parameter.Name!)
            .Where(name => name is not "after" && !IsOfPath(route.RoutePattern, name) && (name is "limit" || !given.ContainsKey(name))),
    ];

    private static bool IsValue(Type type) => type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(Guid) || type == typeof(DateTimeOffset);

    private static bool IsOfPath(RoutePattern pattern, string name) => pattern.Parameters.Any(part => string.Equals(part.Name, name, StringComparison.OrdinalIgnoreCase));

    [LoggerMessage(3820, LogLevel.Warning, "A read of {Name} was given up: longer than {Longest} (waited for a connection: {IsBusy})")]
    private partial void LogGivenUp(string? name, TimeSpan longest, bool isBusy);
}
