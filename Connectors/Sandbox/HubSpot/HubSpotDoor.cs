namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Puts the check of token and limits before every endpoint.</summary>
/// <param name="endpoints">Where endpoints are served.</param>
/// <param name="access">Who may call.</param>
/// <param name="fail">Fails a call that was applied, where a fault says so.</param>
internal sealed class HubSpotDoor(SandboxEndpoints endpoints, HubSpotAccess access, Action<SandboxCall> fail)
{
    /// <summary>Serves an endpoint to tokens that have the scope; null for any token.</summary>
    public void Serve(string method, string path, string? scope, Action<SandboxCall> handler) => endpoints.Map(method, path, call =>
    {
        if (access.Admits(call, scope))
        {
            handler(call);
            fail(call);
        }

        return ValueTask.CompletedTask;
    });
}
