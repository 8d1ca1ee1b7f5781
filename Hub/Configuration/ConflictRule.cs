namespace IntegrationHub.Hub.Configuration;

/// <summary>What becomes of a value that another source states than the attribute's system of record.</summary>
internal enum ConflictRule
{
    /// <summary>It is not taken: only the system of record changes the attribute.</summary>
    OwnerWins,

    /// <summary>The later statement counts, whoever makes it.</summary>
    Newest,

    /// <summary>It is not taken, and counted where it differs from what the system of record says.</summary>
    Flag,
}
