namespace IntegrationHub.Storage.Reconciliations;

/// <summary>How far a comparison is.</summary>
public static class ReconciliationStage
{
    /// <summary>The vendor's members are read.</summary>
    public const string Members = "members";

    /// <summary>They are compared with what the hub believes.</summary>
    public const string Compare = "compare";

    /// <summary>Who is missing is looked for at the vendor.</summary>
    public const string Missing = "missing";

    /// <summary>Why others are there is found out.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>Who was never delivered is found out.</summary>
    public const string Owed = "owed";

    /// <summary>The vendor is asked who was changed there.</summary>
    public const string Changes = "changes";

    /// <summary>Fields are read.</summary>
    public const string Fields = "fields";

    /// <summary>Events are counted, and how well the destination knows the people of the audience.</summary>
    public const string Measures = "measures";

    /// <summary>What was found is counted, and owed where it is to be healed.</summary>
    public const string Conclude = "conclude";

    /// <summary>Everything is compared; what is to be healed stands in the run's scope.</summary>
    public const string Done = "done";
}
