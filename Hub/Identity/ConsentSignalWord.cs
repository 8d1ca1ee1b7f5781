namespace IntegrationHub.Identity;

/// <summary>Signals that stand for a decision, as they are kept in the ledger: each as a purpose of its own that is denied.</summary>
public static class ConsentSignalWord
{
    /// <summary>The Global Privacy Control (<c>Sec-GPC: 1</c>).</summary>
    public const string Gpc = "signal:gpc";

    /// <summary>Source of what the Global Privacy Control says.</summary>
    public const string GpcSource = "gpc";
}
