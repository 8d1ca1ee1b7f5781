using System.Text.Json.Serialization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;

namespace IntegrationHub.Hub.Destinations;

/// <summary>Checks a destination without changing anything there: credentials, permissions, and the fields that its mapping writes.</summary>
internal static class DestinationCheck
{
    /// <summary>Runs the checks; the later ones are left out when the first already fails.</summary>
    public static async Task<CheckJson> RunAsync(Destination destination, CancellationToken cancellationToken)
    {
        var findings = new List<FindingJson>();
        var fields = Fields(destination.MappedFields);
        var inspected = 0;
        try
        {
            if (await destination.Connector.CheckAsync(cancellationToken) is { } condition)
            {
                findings.Add(Finding(destination, condition));
            }
            else if (destination.Connector is IFieldInspection inspection)
            {
                var found = await inspection.InspectAsync(fields, cancellationToken);
                findings.AddRange(found.Select(Finding));
                inspected = fields.Count - found.Sum(finding => finding.FieldsNotInspected);
            }
        }
        catch (DestinationException trouble)
        {
            findings.Add(Finding(destination, trouble.Condition));
        }

        return new CheckJson(destination.Name, findings.Count == 0, inspected, findings, destination.Connector.Descriptor.PermissionsNotProven);
    }

    private static List<FieldUse> Fields(IEnumerable<FieldMapping> mapped) =>
        [.. mapped.Where(field => field.Owner == FieldOwner.Hub).Select(field => new FieldUse(field.To, KindOf(field.Type))).DistinctBy(field => field.Name)];

    private static FieldKind KindOf(MappedType type) => type switch
    {
        MappedType.Number or MappedType.Integer => FieldKind.Number,
        MappedType.Boolean => FieldKind.Boolean,
        MappedType.Date => FieldKind.Date,
        _ => FieldKind.Text,
    };

    private static FindingJson Finding(FieldFinding finding) => finding.Code == FieldFinding.PermissionMissing
        ? new("permissions", null, finding.Code, finding.Problem, finding.Fix)
        : new("field", finding.Name, finding.Code, finding.Problem, finding.Fix);

    private static FindingJson Finding(Destination destination, DestinationCondition condition) => condition.Trouble switch
    {
        DestinationTrouble.Unauthorized => new(
            "credentials", null, condition.Code, "The vendor refuses the credentials.", $"Put valid ones where destinations/{destination.Name}.yaml points to; they are read anew, no restart is needed."),
        DestinationTrouble.Misconfigured => new(
            "permissions", null, condition.Code, "The vendor knows the credentials but refuses what the connector needs.", "Give the account's user or app the permissions that the connector's README names, and check the base URL."),
        DestinationTrouble.Throttled => new("quota", null, condition.Code, "The vendor's call quota is used up.", "Check again later."),
        _ => new("connection", null, condition.Code, "The vendor does not answer.", $"Check base_url of destinations/{destination.Name}.yaml and the network, then check again."),
    };
}

/// <summary>What a check found.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Ok">True when nothing is wrong.</param>
/// <param name="FieldsInspected">Mapped fields that were compared with the vendor's; 0 where the vendor or a missing permission does not let them be.</param>
/// <param name="Findings">What is wrong.</param>
/// <param name="PermissionsNotProven">Permissions that are needed but that no call proves without changing something at the vendor.</param>
internal sealed record CheckJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("ok")] bool Ok,
    [property: JsonPropertyName("fields_inspected")] int FieldsInspected,
    [property: JsonPropertyName("findings")] IReadOnlyList<FindingJson> Findings,
    [property: JsonPropertyName("permissions_not_proven")] IReadOnlyList<string>? PermissionsNotProven = null);

/// <summary>Something that is wrong.</summary>
/// <param name="Check">What was checked: credentials, permissions, quota, connection, field.</param>
/// <param name="Field">The vendor's field, with <c>field</c>.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Fix">What to do.</param>
internal sealed record FindingJson(
    [property: JsonPropertyName("check")] string Check,
    [property: JsonPropertyName("field")] string? Field,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("problem")] string Problem,
    [property: JsonPropertyName("fix")] string Fix);
