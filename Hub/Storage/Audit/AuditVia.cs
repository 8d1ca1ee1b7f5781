namespace IntegrationHub.Storage.Audit;

/// <summary>By which way something was done.</summary>
public static class AuditVia
{
    /// <summary>A program that calls the hub.</summary>
    public const string Api = "api";

    /// <summary>The hub's own command line.</summary>
    public const string Cli = "cli";

    /// <summary>The console.</summary>
    public const string Console = "console";

    /// <summary>A bell of a schedule.</summary>
    public const string Schedule = "schedule";

    /// <summary>The hub by itself.</summary>
    public const string Hub = "hub";
}
