namespace IntegrationHub.Storage.DeadLetters;

/// <summary>How far an action on dead letters is.</summary>
public static class LetterActionState
{
    /// <summary>Somebody has to agree first; it has no letters yet.</summary>
    public const string Waiting = "waiting";

    /// <summary>Its letters are being marked as its own, batch by batch.</summary>
    public const string Freezing = "freezing";

    /// <summary>Of a replay: its letters are owed again and their new outcomes are awaited.</summary>
    public const string Running = "running";

    /// <summary>Somebody stopped it: what was not sent is given back, what is on its way is awaited.</summary>
    public const string Stopping = "stopping";

    /// <summary>It was stopped, and nothing of it is on its way any more.</summary>
    public const string Stopped = "stopped";

    /// <summary>Every letter of it has a new outcome.</summary>
    public const string Done = "done";
}
