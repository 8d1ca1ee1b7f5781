using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Holds the fields of a mapping against the account's contact properties.</summary>
internal sealed class HubSpotFields(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal)
{
    private const string SettingsPage = "HubSpot's settings, Properties, Contact properties";

    /// <summary>Finds what is wrong with the fields, and with the identity property.</summary>
    /// <exception cref="DestinationException">The definitions could not be read.</exception>
    public async Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken)
    {
        var properties = await ListAsync(cancellationToken);
        var byName = properties.Where(static property => property.Name is not null).DistinctBy(static property => property.Name)
            .ToDictionary(static property => property.Name!);
        var identity = JudgeIdentity(byName.GetValueOrDefault(options.IdentityProperty));
        var others = fields.Where(use => identity is null || use.Name != identity.Name).Select(use => Judge(use, byName.GetValueOrDefault(use.Name)));
        return [.. others.Prepend(identity).OfType<FieldFinding>()];
    }

    /// <summary>The account's contact properties, 1 or more.</summary>
    /// <exception cref="DestinationException">The definitions could not be read.</exception>
    public async Task<IReadOnlyList<PropertyDefinition>> ListAsync(CancellationToken cancellationToken)
    {
        var answer = await client.ListPropertiesAsync(cancellationToken);
        if (answer.Failure is { } failure)
        {
            var judgement = journal.Judge(failure, HubSpotApiVersion.ListProperties, 0);
            throw new DestinationException(judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code));
        }

        if (answer.Body!.Results is not { Count: > 0 } properties)
        {
            throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "malformed_answer"));
        }

        return properties;
    }

    private static FieldFinding? Judge(FieldUse use, PropertyDefinition? property) => property switch
    {
        null => Missing(use.Name),
        { Calculated: true } => new(use.Name, "field_read_only", $"HubSpot computes {use.Name} itself.", "Map another property."),
        { Modification.ReadOnlyValue: true } => new(use.Name, "field_read_only", $"The value of {use.Name} cannot be written.", "Map another property."),
        _ when use.IsAddedTo && property is not { Type: "enumeration", FieldType: "checkbox" } => new(
            use.Name, "field_type_differs", $"{use.Name} is no property with multiple checkboxes, so that choices would take the place of its value and not be added to it.",
            $"Map a property of the field type Multiple checkboxes, or remove mutability: append_only from {use.Name} in the mapping."),
        _ when !Takes(property, use.Kind) => new(
            use.Name, "field_type_differs", $"{use.Name} is of type {property.Type}, the mapping writes {use.Kind}.", $"Map another property, or change the mapping's type to fit {property.Type}."),
        _ => null,
    };

    private FieldFinding? JudgeIdentity(PropertyDefinition? property) => property switch
    {
        null => new(
            options.IdentityProperty, "field_missing", $"The account has no contact property {options.IdentityProperty}, which is the identity key of this destination.",
            $"{MakeUnique(options.IdentityProperty)}, or name another property with unique values as identity_key."),
        { HasUniqueValue: false } when !options.IdentityIsEmail => new(
            options.IdentityProperty, "field_not_unique", $"{options.IdentityProperty} was not made with unique values, which cannot be changed later.",
            $"{MakeUnique("another property")}, and name it as identity_key."),
        _ => null,
    };

    private static string MakeUnique(string property)
        => $"Make {property} under {SettingsPage}: object type Contact, field type Single-line text, with \"Require unique values for this property\" on (in the API: hasUniqueValue true)";

    private static FieldFinding Missing(string name)
        => new(name, "field_missing", $"The account has no contact property {name}.", $"Make it under {SettingsPage}, or correct the spelling in the mapping.");

    /// <summary>Every value is a text on HubSpot's wire, so that a text property takes all kinds; the others check what the text says.</summary>
    private static bool Takes(PropertyDefinition property, FieldKind kind) => property.Type switch
    {
        "string" or "phone_number" or null => true,
        "number" => kind is FieldKind.Number or FieldKind.Null,
        "date" => kind is FieldKind.Date or FieldKind.Null,
        "datetime" => kind is FieldKind.Instant or FieldKind.Null,
        "bool" => kind is FieldKind.Boolean or FieldKind.Null,
        "enumeration" => kind is FieldKind.Text or FieldKind.Null || (kind is FieldKind.Boolean && property.FieldType == "booleancheckbox"),
        _ => true,
    };
}
