using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Holds the events of a destination's file against the account's definitions of custom events. HubSpot refuses a whole call for one event that is not defined, and answers 204 whatever becomes of the others, so that what is
/// wrong is best found before the first.
/// </summary>
internal sealed class HubSpotEventDefinitions(HubSpotClient client, HubSpotJournal journal)
{
    /// <summary>The scope that lets definitions be read; HubSpot has none that only reads, and events are sent without it.</summary>
    public const string Scope = "behavioral_events.event_definitions.read_write";

    public const string Undefined = "event_type_unknown";

    public const string PropertyUndefined = "event_attribute_unknown";

    private const string SettingsPage = "HubSpot's custom events (https://developers.hubspot.com/docs/api/events/custom-events)";

    /// <summary>Finds what is wrong, reading the definitions anew.</summary>
    /// <exception cref="DestinationException">The definitions could not be read, for another reason than that the token may not.</exception>
    public async Task<IReadOnlyList<FieldFinding>> FindAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken) =>
        await ListAsync(cancellationToken) is { } definitions ? [.. events.SelectMany(use => Judge(use, definitions))] : [NotShown(events.Count)];

    private static IEnumerable<FieldFinding> Judge(EventUse use, List<EventDefinition> definitions)
    {
        var definition = definitions.Find(known => known.FullName == use.Name);
        if (definition is not { IsArchived: false })
        {
            yield return new(
                use.Name, Undefined,
                definition is null ? $"The account has no definition of a custom event {use.Name}, and takes no event that is not defined." : $"The definition of the custom event {use.Name} is archived.",
                definitions.Find(known => known.Name == use.Name) is { FullName: { } full }
                    ? $"Its full name is {full}: write that one under events in the destination's file."
                    : $"Define it under {SettingsPage}, or correct the name under events in the destination's file: pe, the account's id, _ and the name.");
        }
        else if (definition.Properties is { } properties && use.Properties.Where(name => !properties.Any(property => property.Name == name && !property.IsArchived)).ToArray() is { Length: > 0 } absent)
        {
            yield return new(
                use.Name, PropertyUndefined, $"The definition of the custom event {use.Name} has no property {string.Join(", ", absent)}.",
                $"Add it to the definition under {SettingsPage}, or take it out of the properties of the event in the destination's file.");
        }
    }

    private static FieldFinding NotShown(int events) => new(
        Scope, FieldFinding.PermissionMissing, $"The kinds of event could not be checked: the private app lacks the scope {Scope}, or the account a product with custom events.",
        "Add the scope to the private app (Settings, Integrations, Private Apps, Scopes) for the check alone, or compare the names by hand: events are sent without it.")
    { FieldsNotInspected = events, IsUnknown = true };

    /// <summary>The account's definitions, 500 at most; null when the token may not read them.</summary>
    private async Task<List<EventDefinition>?> ListAsync(CancellationToken cancellationToken)
    {
        var (found, asked) = (new List<EventDefinition>(), new HashSet<string>(StringComparer.Ordinal));
        for (var cursor = default(string); ;)
        {
            var answer = await client.ListEventDefinitionsAsync(cursor, cancellationToken);
            if (answer.Failure is { } failure)
            {
                var judgement = journal.Judge(failure, HubSpotApiVersion.ListEventDefinitions, 0);
                return failure is { Refusal: null, Status: 403 } ? null : throw new DestinationException(judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code));
            }

            found.AddRange(answer.Body!.Results ?? throw Malformed());
            cursor = answer.Body.Paging?.Next?.After;
            if (cursor is null)
            {
                return found;
            }

            if (!asked.Add(cursor))
            {
                throw Malformed();
            }
        }
    }

    private static DestinationException Malformed() => new(new DestinationCondition(DestinationTrouble.Unavailable, "malformed_answer"));
}
