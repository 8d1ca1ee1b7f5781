using Microsoft.AspNetCore.Http.Features;

namespace IntegrationHub.Hub.Console.Api;

/// <summary>Says of a call that it has a body: there is no connection that could.</summary>
internal sealed class BodyGiven : IHttpRequestBodyDetectionFeature
{
    public static readonly BodyGiven Instance = new();

    /// <inheritdoc />
    public bool CanHaveBody => true;
}
