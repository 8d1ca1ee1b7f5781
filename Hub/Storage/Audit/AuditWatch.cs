namespace IntegrationHub.Storage.Audit;

/// <summary>Tells whether something was added to the audit log within a piece of work, whoever added it.</summary>
public sealed class AuditWatch
{
    private static readonly AsyncLocal<AuditWatch?> _current = new();

    /// <summary>Whether something was.</summary>
    public bool HasAppended { get; private set; }

    /// <summary>Begins to watch the work that the caller does from now on.</summary>
    public static AuditWatch Begin() => _current.Value = new AuditWatch();

    internal static void Note()
    {
        if (_current.Value is { } watch)
        {
            watch.HasAppended = true;
        }
    }
}
