namespace IntegrationHub.Hub.Reads;

/// <summary>Whether what runs here belongs to a call that only looks. What such a call reads, however deep below it, is read on the connections for that.</summary>
internal static class Looking
{
    private static readonly AsyncLocal<bool> _isOn = new();

    /// <summary>True within a call that only looks.</summary>
    public static bool IsOn => _isOn.Value;

    /// <summary>Begins; ends with the asynchronous method that calls it.</summary>
    public static void Begin() => _isOn.Value = true;
}
