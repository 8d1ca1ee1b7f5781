using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>The lane on whose behalf vendor calls are made; it flows with the work that sets it, through the connector, to the gate.</summary>
internal static class CallLane
{
    private static readonly AsyncLocal<string?> _current = new();
    private static readonly AsyncLocal<bool> _insists = new();

    /// <summary>The lane; what says nothing is bulk work.</summary>
    public static string Current
    {
        get => _current.Value ?? Lane.Bulk;
        set => _current.Value = value;
    }

    /// <summary>True for a check: it asks the vendor also where our books say that no call is left, for the books may be wrong.</summary>
    public static bool Insists
    {
        get => _insists.Value;
        set => _insists.Value = value;
    }
}
