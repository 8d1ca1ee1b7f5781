using IntegrationHub.Hub.Console.Api;
using Microsoft.AspNetCore.Components;

namespace IntegrationHub.Hub.Console.Layout;

/// <summary>What every page, and every part that asks by itself, has: its request, and the API to ask. It is drawn once, when it has its answers: a component as such is drawn at its first wait, too, with nothing to show yet.</summary>
public abstract class PageBase : ComponentBase
{
    /// <summary>The page's request.</summary>
    [CascadingParameter]
    protected HttpContext Http { get; set; } = null!;

    [Inject]
    private HubApi Api { get; set; } = null!;

    /// <inheritdoc/>
    public sealed override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        await OnInitializedAsync();
        StateHasChanged();
    }

    /// <summary>A value of the page's address, or null.</summary>
    protected string? Asked(string name) => Http.Request.RouteValues[name]?.ToString() ?? (Http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null);

    private protected async Task<Answer<T>> AskAsync<T>(string path)
        where T : class => await Api.GetAsync<T>(Http, path);
}
