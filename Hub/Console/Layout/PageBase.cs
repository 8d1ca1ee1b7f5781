using IntegrationHub.Hub.Console.Api;
using Microsoft.AspNetCore.Components;

namespace IntegrationHub.Hub.Console.Layout;

/// <summary>What every page has: its request, and the API to ask.</summary>
public abstract class PageBase : ComponentBase
{
    /// <summary>The page's request.</summary>
    [CascadingParameter]
    protected HttpContext Http { get; set; } = null!;

    [Inject]
    private HubApi Api { get; set; } = null!;

    /// <summary>A value of the page's address, or null.</summary>
    protected string? Asked(string name) => Http.Request.RouteValues[name]?.ToString() ?? (Http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null);

    private protected async Task<Answer<T>> AskAsync<T>(string path)
        where T : class => await Api.GetAsync<T>(Http, path);
}
