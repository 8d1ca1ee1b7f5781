using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Storage.Watch;

/// <summary>What the last comparison of an audience with a destination found, in people.</summary>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="RunId">The reconciliation.</param>
/// <param name="ComparedAt">When it had compared.</param>
/// <param name="Heal">One of <see cref="HealingWord"/>.</param>
/// <param name="IsHealed">True when it then did what <paramref name="Heal"/> says.</param>
/// <param name="Missing">Who should be a member and was not.</param>
/// <param name="Unexpected">Who was a member and should not be.</param>
/// <param name="Different">Who had another value in a field.</param>
public sealed record MemberDrift(string Audience, string Destination, Guid RunId, DateTimeOffset ComparedAt, string Heal, bool IsHealed, long Missing, long Unexpected, long Different)
{
    /// <summary>How many there are.</summary>
    public long Total => Missing + Unexpected + Different;

    /// <summary>The same of those whom nobody put right.</summary>
    public MemberDrift Left() => IsHealed && Heal != HealingWord.Report ? this with { Missing = 0, Different = 0, Unexpected = Heal == HealingWord.All ? 0 : Unexpected } : this;
}
