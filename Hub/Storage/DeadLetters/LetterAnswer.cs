using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>What the outcome <c>g</c> of a delivery makes of the letter <c>l</c> that it sent again, as assignments in SQL.</summary>
internal static class LetterAnswer
{
    private const string Died = $"g.outcome IN ('{LedgerOutcome.Rejected}', '{LedgerOutcome.DeadLettered}')";

    // A letter that died again belongs to the group of its new code.
    private const string ButTheTime =
        $"""
        status = CASE WHEN {Died} THEN '{LetterStatus.CameBack}' WHEN g.outcome = '{LedgerOutcome.Suppressed}' THEN '{LetterStatus.Suppressed}'
            WHEN g.outcome = '{LedgerOutcome.Unchanged}' THEN '{LetterStatus.Superseded}' ELSE '{LetterStatus.Delivered}' END,
        outcome = CASE WHEN {Died} THEN g.outcome ELSE l.outcome END, code = CASE WHEN {Died} THEN coalesce(g.code, '') ELSE l.code END,
        result_code = coalesce(g.code, ''), attempts = l.attempts + g.attempts, first_at = coalesce(l.first_at, l.at), sent_at = coalesce(g.sending_since, l.sent_at), asked_at = CASE WHEN {Died} THEN NULL ELSE l.asked_at END
        """;

    /// <summary>On PostgreSQL, where the time is the sixth parameter of settling.</summary>
    public const string Numbered = $"{ButTheTime}, at = CASE WHEN {Died} THEN $6 ELSE l.at END, settled_at = $6";

    /// <summary>On SQLite.</summary>
    public const string Named = $"{ButTheTime}, at = CASE WHEN {Died} THEN @at ELSE l.at END, settled_at = @at";
}
