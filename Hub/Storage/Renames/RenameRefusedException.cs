namespace IntegrationHub.Storage.Renames;

/// <summary>An audience cannot be called otherwise now. Nothing was written.</summary>
/// <param name="type">Stable problem type, kebab-case: <c>rename-busy</c>, <c>rename-taken</c> or <c>rename-moves-list</c>.</param>
/// <param name="detail">What is in the way and what to do.</param>
public sealed class RenameRefusedException(string type, string detail) : Exception(detail)
{
    /// <summary>Work of the audience is under way; over when it is.</summary>
    public const string Busy = "rename-busy";

    /// <summary>The new name was another audience's.</summary>
    public const string Taken = "rename-taken";

    /// <summary>By the new name another list of a vendor would be asked for, and the one that holds the members left behind.</summary>
    public const string MovesList = "rename-moves-list";

    /// <summary>Stable problem type, kebab-case.</summary>
    public string Type => type;
}
