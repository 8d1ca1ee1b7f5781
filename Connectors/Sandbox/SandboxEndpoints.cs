namespace IntegrationHub.Connectors.Sandbox;

/// <summary>Serves one call: reads <see cref="SandboxCall.Body"/>, sets the status, writes the answer.</summary>
public delegate ValueTask SandboxHandler(SandboxCall call);

/// <summary>The endpoints of one vendor.</summary>
public sealed class SandboxEndpoints
{
    private readonly List<SandboxEndpoint> _all = [];

    internal IReadOnlyList<SandboxEndpoint> All => _all;

    internal SandboxHandler NotFound { get; private set; } = static call =>
    {
        call.Status = 404;
        return ValueTask.CompletedTask;
    };

    /// <summary>Adds an endpoint.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path below the vendor's prefix without a leading slash, with <c>{name}</c> for variable segments. Also the endpoint's name in faults and statistics.</param>
    /// <param name="handler">Serves the call.</param>
    public void Map(string method, string path, SandboxHandler handler) => _all.Add(new SandboxEndpoint(method, path, handler));

    /// <summary>Sets what answers all other paths.</summary>
    public void MapNotFound(SandboxHandler handler) => NotFound = handler;
}

internal sealed record SandboxEndpoint(string Method, string Path, SandboxHandler Handler);
