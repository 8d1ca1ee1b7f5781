namespace IntegrationHub.Storage.Retention;

/// <summary>How long facts of a type are kept; in the table in small letters. The ages stand in <see cref="FactRetention"/>.</summary>
public enum FactClass
{
    /// <summary>What is worth little after days, such as page views.</summary>
    Short,

    /// <summary>What nobody said anything else of.</summary>
    Standard,

    /// <summary>What proofs rest on, such as changes of consent.</summary>
    Long,
}
