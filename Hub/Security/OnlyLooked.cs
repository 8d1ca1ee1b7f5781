namespace IntegrationHub.Hub.Security;

/// <summary>A call that asked what a command would do, and did nothing: there is nothing to write down.</summary>
internal sealed class OnlyLooked
{
    public static OnlyLooked Instance { get; } = new();
}
