namespace IntegrationHub.Identity;

/// <summary>What somebody decided about keys.</summary>
public enum IdentityVerdict
{
    /// <summary>Two primary keys are one person.</summary>
    Merge,

    /// <summary>Two primary keys are two people after all; or a key that was claimed with a primary one is not that person's.</summary>
    Unmerge,

    /// <summary>A key joins nobody.</summary>
    Block,

    /// <summary>A key may join people, whatever pattern it matches and however many claim it.</summary>
    Unblock,

    /// <summary>A key is the person's of a primary key, whoever else claims it.</summary>
    Assign,
}
