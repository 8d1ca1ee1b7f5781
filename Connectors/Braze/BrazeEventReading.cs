using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Looks for events in what Braze exports of a person: of each name of an event, and each product, how often and when first and last in 90 days
/// (https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier). That proves that an event is there when it is the first or the last one, and that it is
/// not when it lies outside of the two; between them it proves nothing.
/// </summary>
internal sealed class BrazeEventReading(BrazeProfiles profiles, TimeProvider time)
{
    private const string CountsOnly = "braze_counts_only";
    private const string OutsideOfCounts = "braze_outside_of_counts";
    private static readonly TimeSpan _counted = TimeSpan.FromDays(89);

    /// <summary>Braze asks to leave five minutes between calls that depend on each other, and takes longer at peak hours; it gives no bound.</summary>
    public static readonly TimeSpan ShownAfter = TimeSpan.FromHours(24);

    public async Task<IReadOnlyList<EventSighting>> FindAsync(IReadOnlyList<EventQuestion> questions, CancellationToken cancellationToken)
    {
        var users = await profiles.HappenedAsync([.. questions.Select(question => question.Key).Distinct(StringComparer.Ordinal)], cancellationToken);
        var since = time.GetUtcNow() - _counted;
        return [.. questions.Select(question => users[question.Key].ToList() switch
        {
            [] => Unclear(question, ReasonCode.NotFound),
            [var user] => Judge(question, user, since),
            _ => Unclear(question, ReasonCode.DuplicatesAtVendor),
        })];
    }

    private static EventSighting Judge(EventQuestion question, ExportedUser user, DateTimeOffset since)
    {
        var at = Spelled(question.Event.OccurredAt);
        if (at < since || at > question.SentFrom)
        {
            // Counted no more, or of the future, for which Braze puts the time when it took the event.
            return Unclear(question, OutsideOfCounts);
        }

        return user.Happened(question.Event) switch
        {
            null => new(question.RecordId, EventPresence.NotThere),
            var (first, last) when at < Spelled(first) || at > Spelled(last) => new(question.RecordId, EventPresence.NotThere),
            var (first, last) when at == Spelled(first) || at == Spelled(last) => new(question.RecordId, EventPresence.There),
            _ => Unclear(question, CountsOnly),
        };
    }

    private static EventSighting Unclear(EventQuestion question, string code) => new(question.RecordId, EventPresence.Unclear, code);

    /// <summary>Times are sent and shown to the millisecond.</summary>
    private static DateTimeOffset Spelled(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
