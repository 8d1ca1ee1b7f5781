using IntegrationHub.Hub.Console.Layout;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console.Access;

/// <summary>A page that says why somebody may not see another one.</summary>
internal sealed class RefusedResult(CallRefusal refusal, Principal? caller) : IResult
{
    /// <inheritdoc />
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (caller is not null)
        {
            httpContext.Features.Set(caller);
        }

        return new RazorComponentResult<RefusedPage>(new Dictionary<string, object?> { [nameof(RefusedPage.Detail)] = refusal.Detail }) { StatusCode = refusal.Status, PreventStreamingRendering = true }.ExecuteAsync(httpContext);
    }
}
