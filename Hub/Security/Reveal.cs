using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Security;

/// <summary>Showing values of people in full: only to whoever may, who says why, and with an entry in the audit log before anything is shown.</summary>
internal static class Reveal
{
    private const int LongestReason = 500;

    /// <summary>Why values are not shown in full; null when they may be.</summary>
    public static IResult? Refuse(HttpContext http, string? reason) =>
        http.Refuse(Scope.PeopleReveal) ?? (string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason
            ? Problems.Of(400, "field-missing", "reason", $"Say in 'reason', in at most {LongestReason} characters, why the values have to be seen; it stays in the audit log.")
            : null);

    /// <summary>Writes down that they are shown.</summary>
    /// <param name="http">The call.</param>
    /// <param name="transactions">Where it is written.</param>
    /// <param name="action">What is shown, as <c>person.reveal</c>.</param>
    /// <param name="subject">Of whom or what; never a personal value.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static Task NoteAsync(HttpContext http, OutboxTransaction transactions, string action, string subject, string reason, CancellationToken cancellationToken) =>
        transactions.RunAsync((db, _) => AuditLog.AppendAsync(db, http.Entry(action, subject, reason.Trim()), cancellationToken), cancellationToken);
}
