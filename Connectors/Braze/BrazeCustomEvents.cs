using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Holds the events of a destination's file against the workspace's custom events. The first event of a name makes it, so that one which is not there is well; what is told of one that somebody put on the blocklist is taken and
/// dropped without a word.
/// </summary>
internal sealed class BrazeCustomEvents(BrazeClient client)
{
    public const string Blocked = "event_blocked";

    /// <summary>Finds what is wrong.</summary>
    /// <exception cref="DestinationException">The events could not be read, for another reason than a missing permission.</exception>
    public async Task<IReadOnlyList<FieldFinding>> FindAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken)
    {
        var wanted = events.Select(static use => use.Name).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, string?>(StringComparer.Ordinal);
        var isShown = await BrazePages.ReadAsync(cursor => client.EventsAsync(cursor, cancellationToken), page =>
        {
            foreach (var known in page.Events.Where(known => wanted.Contains(known.Name)))
            {
                found[known.Name] = known.Status;
            }

            return page.Events.Count > 0 && found.Count < wanted.Count;
        });
        return isShown ? [.. events.Select(use => Judge(use.Name, found.GetValueOrDefault(use.Name))).OfType<FieldFinding>()] : [NotShown(events.Count)];
    }

    /// <summary>A status that no page names is not judged.</summary>
    private static FieldFinding? Judge(string name, string? status) => status is BrazeFields.Blocklisted or BrazeFields.Trashed
        ? new(
            name, Blocked, $"The custom event {name} is {status} in the workspace: Braze drops what is told of it.",
            "Reactivate it under Braze's Data Settings, Custom Events, or tell the event under another name in the destination's file.")
        : null;

    private static FieldFinding NotShown(int events)
    {
        var missing = BrazePermissions.Missing(BrazeApiVersion.Events);
        return missing with
        {
            Problem = $"The kinds of event could not be checked. {missing.Problem}", Fix = $"{missing.Fix} Or look whether one is on the blocklist by hand: events are sent without it.",
            FieldsNotInspected = events, IsUnknown = true,
        };
    }
}
