namespace IntegrationHub.Storage.Ledger;

/// <summary>How an attribute may change once somebody has a value of it. None of the answers depends on the order in which statements come.</summary>
public enum AttributeMutability
{
    /// <summary>The latest statement counts.</summary>
    Mutable,

    /// <summary>Its owner's latest statement counts; as long as the owner has given no value, the earliest one of others.</summary>
    FillEmpty,

    /// <summary>The earliest value counts. A later null takes it away, and then it is never written again.</summary>
    WriteOnce,

    /// <summary>It is a set of elements in one text: what is stated is added, and nothing is ever taken out.</summary>
    AppendOnly,

    /// <summary>The earliest value counts, whatever is stated later.</summary>
    Immutable,
}
