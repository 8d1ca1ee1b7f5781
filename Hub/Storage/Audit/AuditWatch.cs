namespace IntegrationHub.Storage.Audit;

/// <summary>Tells whether something was added to the audit log within a piece of work, whoever added it.</summary>
public sealed class AuditWatch
{
    private static readonly AsyncLocal<AuditWatch?> _current = new();
    private readonly string _role;

    private AuditWatch(string role) => _role = role;

    /// <summary>Whether something was, and was not taken back with its transaction.</summary>
    public bool HasAppended { get; private set; }

    /// <summary>Whether something was, as far as the caller is watched; false where nobody watches.</summary>
    public static bool HasSeen => _current.Value is { HasAppended: true };

    /// <summary>What whoever does the work may do; null where nobody watches.</summary>
    internal static string? Role => _current.Value?._role;

    /// <summary>Begins to watch the work that the caller does from now on.</summary>
    /// <param name="role">What whoever does it may do; every entry of the work that does not say it takes it from here.</param>
    public static AuditWatch Begin(string role) => _current.Value = new AuditWatch(role);

    /// <summary>What was added since did not come to stand: its transaction was given up.</summary>
    /// <param name="hadSeen"><see cref="HasSeen"/> when the transaction began.</param>
    public static void TakeBack(bool hadSeen)
    {
        if (_current.Value is { } watch)
        {
            watch.HasAppended = hadSeen;
        }
    }

    internal static void Note()
    {
        if (_current.Value is { } watch)
        {
            watch.HasAppended = true;
        }
    }
}
