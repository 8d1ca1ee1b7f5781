namespace IntegrationHub.Storage.DeadLetters;

/// <summary>Something that somebody does with dead letters, from the confirmation to the last outcome.</summary>
public sealed record LetterAction
{
    /// <summary>Its id; 0 for one that is not stored yet.</summary>
    public long ActionId { get; init; }

    /// <summary>One of <see cref="LetterActionKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Which letters, as it was confirmed.</summary>
    public required LetterFilter Filter { get; init; }

    /// <summary>Name of the column that this version cannot read, so that which letters are meant is not known; null when all is.</summary>
    public string? Unreadable { get; init; }

    /// <summary>One of <see cref="LetterActionState"/>.</summary>
    public string State { get; init; } = LetterActionState.Freezing;

    /// <summary>Who.</summary>
    public required string By { get; init; }

    /// <summary>Why, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The same request has the same key; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>True when letters may be sent that the vendor may have, though it does not recognise a repeat.</summary>
    public bool AllowsRepeat { get; init; }

    /// <summary>How many letters the person was shown.</summary>
    public required long Confirmed { get; init; }

    /// <summary>How many are its own.</summary>
    public long Frozen { get; init; }

    /// <summary>When it was confirmed.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Who stopped it, or null.</summary>
    public string? StoppedBy { get; init; }

    /// <summary>When every letter had its outcome, or null.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Since when every attempt to go on fails, or null.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>What it waits for, or why it cannot go on, one sentence; null when nothing keeps it.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>Partitions over which people of its destination are spread.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>The newest letter at its confirmation: later ones are left alone.</summary>
    internal long UpperId { get; init; }

    /// <summary>The last letter that is known to be its own.</summary>
    internal long FrozenId { get; init; }

    /// <summary>The last letter that was owed again.</summary>
    internal long OwedId { get; init; }
}
