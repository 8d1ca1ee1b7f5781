namespace IntegrationHub.Storage.Ledger;

/// <summary>What somebody did with a fact that was set aside. It is final, and stays to be seen as long as the fact is kept.</summary>
/// <param name="Outcome">One of <see cref="Replayed"/>, <see cref="Fixed"/>, <see cref="Discarded"/>.</param>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why it was discarded; else null.</param>
/// <param name="Corrected">The corrected fact, which was taken in; empty where it was not corrected, and in a list.</param>
public sealed record QuarantineSettlement(string Outcome, DateTimeOffset At, string By, string? Reason, ReadOnlyMemory<byte> Corrected)
{
    /// <summary>Taken in as it came.</summary>
    public const string Replayed = "replayed";

    /// <summary>Taken in as somebody corrected it.</summary>
    public const string Fixed = "fixed";

    /// <summary>Never taken in.</summary>
    public const string Discarded = "discarded";
}
