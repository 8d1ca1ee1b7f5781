namespace IntegrationHub.Storage.Ledger;

/// <summary>From when on a truth value that goes back and forth is held at destinations that are told changes as they happen. Pure.</summary>
/// <param name="Changes">From this change of an unrest on it is held, at least 2. An unrest begins with a change that follows a rest.</param>
/// <param name="Within">The rest: how long a value has to stay as it is, by the times of the statements.</param>
public sealed record FlappingRule(int Changes, TimeSpan Within)
{
    /// <summary>Reason code of what is held, and of the delivery that waits for the rest.</summary>
    public const string Held = "value_flapping";

    /// <summary>Which texts are truth values.</summary>
    public TruthWords Words { get; init; } = TruthWords.Usual;

    /// <summary>The unrest after another change.</summary>
    /// <param name="before">As it was.</param>
    /// <param name="at">When the value changed, unix ms.</param>
    public Unrest Next(Unrest before, long at) => before.Changes == 0 || at - before.LastAt >= (long)Within.TotalMilliseconds ? new Unrest(at, at, 1) : before with { LastAt = at, Changes = before.Changes + 1 };

    /// <summary>When the value will have rested.</summary>
    public DateTimeOffset SteadyAt(Unrest unrest) => DateTimeOffset.FromUnixTimeMilliseconds(unrest.LastAt) + Within;

    /// <summary>True while the value is held.</summary>
    public bool Holds(Unrest unrest, DateTimeOffset at) => unrest.Changes >= Changes && at < SteadyAt(unrest);

    /// <summary>What is held: the value of before the change that was one too many.</summary>
    /// <param name="now">The value as it is.</param>
    /// <param name="unrest">Its unrest, which holds it.</param>
    public bool HeldValue(bool now, Unrest unrest) => (unrest.Changes - Changes) % 2 == 0 ? !now : now;
}
