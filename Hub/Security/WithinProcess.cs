namespace IntegrationHub.Hub.Security;

/// <summary>Feature of a call that the hub makes of itself for a page, which has been counted already. No call from outside can have it.</summary>
internal sealed class WithinProcess
{
    public static readonly WithinProcess Instance = new();
}
