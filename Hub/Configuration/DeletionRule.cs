namespace IntegrationHub.Hub.Configuration;

/// <summary>What a destination is owed when a fact says that a profile is deleted.</summary>
internal enum DeletionRule
{
    /// <summary>The person is sent nothing any more, and leaves its audiences with their next run.</summary>
    Retire,

    /// <summary>The destination deletes the person. No vendor can undo it.</summary>
    Delete,
}
