namespace IntegrationHub.Storage.Reconciliations;

/// <summary>What a reconciliation does about what it found.</summary>
public static class HealingWord
{
    /// <summary>Nothing.</summary>
    public const string Report = "report";

    /// <summary>Who is missing is owed again, and fields that differ.</summary>
    public const string Missing = "missing";

    /// <summary>That, and members who should not be there are removed.</summary>
    public const string All = "all";
}
