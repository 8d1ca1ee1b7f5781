namespace IntegrationHub.Hub.Configuration;

/// <summary>What a destination is owed when two people turn out to be one.</summary>
internal enum MergeRule
{
    /// <summary>The one that is shown no more leaves the audiences that the hub put it into, and is sent nothing.</summary>
    Retire,

    /// <summary>The destination joins the two. No vendor can undo it.</summary>
    Merge,

    /// <summary>Nothing: what it has of the one that is shown no more stays as it is.</summary>
    Ignore,
}
