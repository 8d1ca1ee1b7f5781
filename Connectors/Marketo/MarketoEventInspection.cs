using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Holds the events of a destination's file against the instance's custom activity types
/// (https://github.com/AdobeDocs/marketo-developer.en/blob/main/help/rest-api/activities.md): what would be refused with every event is found before the first.
/// </summary>
internal sealed class MarketoEventInspection(MarketoClient client, MarketoOptions options, TimeProvider time)
{
    private const string Page = "Admin, Marketo Custom Activities";

    private static readonly string[] _purchase = ["productId", "currency", "price", "quantity"];

    /// <summary>Finds what is wrong, reading the types anew.</summary>
    /// <exception cref="DestinationException">The types could not be read.</exception>
    public async Task<IReadOnlyList<FieldFinding>> FindAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken)
    {
        var types = new MarketoActivityTypes(time);
        var findings = new List<FieldFinding>();
        foreach (var use in events)
        {
            var (type, failure) = await types.FindAsync(client, use.Name, cancellationToken);
            findings.AddRange(type is not null ? Judge(use, type) : [Refused(use, failure!)]);
        }

        return findings;
    }

    private FieldFinding Refused(EventUse use, MarketoAnswer failure) => failure.Failure switch
    {
        MarketoOutcomes.EventTypeUnknown => new(
            use.Name, MarketoOutcomes.EventTypeUnknown, $"The instance has no custom activity type of the API name or id {use.Name}.", $"Make it under {Page} and approve it, or correct the name under events in the destination's file."),
        MarketoOutcomes.EventTypeNotApproved => new(
            use.Name, MarketoOutcomes.EventTypeNotApproved, $"The custom activity type {use.Name} is still a draft.", $"Approve it under {Page}."),
        _ => throw new DestinationException(MarketoOutcomes.ConditionOf(failure, time.GetUtcNow())),
    };

    private IEnumerable<FieldFinding> Judge(EventUse use, ActivityType type)
    {
        if (type.Primary != options.EventIdField && !type.Secondary.Contains(options.EventIdField))
        {
            yield return new(
                use.Name, MarketoOutcomes.EventIdAttributeMissing, $"The custom activity type {use.Name} has no attribute {options.EventIdField}, in which the hub writes the id of the event.",
                $"Add it under {Page}, type String, and approve the draft; or name another attribute as event_id_attribute of the destination's file.");
        }

        string[] absent = [.. use.Properties.Where(property => property != type.Primary && !type.Secondary.Contains(property))];
        if (absent.Length > 0)
        {
            yield return new(
                use.Name, MarketoOutcomes.EventAttributeUnknown, $"The custom activity type {use.Name} has no attribute {string.Join(", ", absent)}: every event that has it is refused.",
                $"Add it under {Page} and approve the draft, or take it out of the properties of the event in the destination's file.");
        }

        if (type.Primary != options.EventIdField && !use.Properties.Contains(type.Primary) && !_purchase.Contains(type.Primary))
        {
            yield return new(
                use.Name, MarketoOutcomes.PrimaryAttributeMissing, $"The custom activity type {use.Name} wants its primary attribute {type.Primary} with every activity, and no property of the event is mapped to it.",
                "Map a property that every such event has to it, or name it as name_property in the destination's file.");
        }
    }
}
