namespace IntegrationHub.Storage.Reconciliations;

/// <summary>What a reconciliation does about what it found.</summary>
public static class HealingWord
{
    /// <summary>Nothing.</summary>
    public const string Report = "report";

    /// <summary>Who is missing is owed again, but for those whom the vendor deleted, and fields that differ.</summary>
    public const string Missing = "missing";

    /// <summary>That, whom the vendor deleted is made there again, and members who should not be there are removed.</summary>
    public const string All = "all";
}
