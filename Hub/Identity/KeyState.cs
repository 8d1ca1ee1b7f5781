namespace IntegrationHub.Identity;

/// <summary>Where a key stands.</summary>
public enum KeyState
{
    /// <summary>Exactly one person has it.</summary>
    Held,

    /// <summary>Several people claim it, or one person has more of its kind than a person has.</summary>
    Contested,

    /// <summary>It joins nobody: by a pattern, by a decision, or because too many people had it.</summary>
    Blocked,
}
