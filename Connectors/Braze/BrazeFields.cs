using System.Diagnostics.CodeAnalysis;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Holds the fields of a mapping against Braze's own fields and the workspace's custom attributes.</summary>
internal sealed partial class BrazeFields(BrazeClient client, BrazeOptions options, ILogger logger)
{
    /// <summary>What somebody put on the blocklist, or in the trash: Braze drops what is written to it. Custom events have the same.</summary>
    public const string Blocklisted = "Blocklisted", Trashed = "Trashed";

    private const string DetectedType = " (automatically detected)";
    private const string SettingsPage = "Braze's Data Settings, Custom Attributes";

    /// <summary>The types of attributes, with the words that the list has for them: https://www.braze.com/docs/user_guide/data/activation/attributes/data_types</summary>
    private static readonly HashSet<string> Types =
        ["string", "number", "integer", "float", "boolean", "time", "date", "array", "object", "object array", "object_array", "array of objects"];

    /// <summary>Finds what is wrong with the fields. The attributes are read only when a field is one.</summary>
    /// <exception cref="DestinationException">The attributes could not be read, for another reason than a missing permission.</exception>
    public async Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken)
    {
        var findings = fields.Select(JudgeOwn).OfType<FieldFinding>().ToList();
        FieldUse[] custom = [.. fields.Where(use => !IsOwn(use.Name))];
        if (custom.Length == 0)
        {
            return findings;
        }

        if (await ReadAsync([.. custom.Select(NameOf)], cancellationToken) is not { } attributes)
        {
            findings.Add(BrazePermissions.Missing(BrazeApiVersion.CustomAttributes) with { FieldsNotInspected = custom.Length });
            return findings;
        }

        findings.AddRange(custom.Select(use => Judge(use, attributes.GetValueOrDefault(NameOf(use)))).OfType<FieldFinding>());
        if (custom.Select(NameOf).Where(name => !attributes.ContainsKey(name)).Distinct().ToArray() is { Length: > 0 } absent)
        {
            Log.Absent(logger, options.Destination, string.Join(", ", absent));
        }

        return findings;
    }

    /// <summary>All custom attributes; none where the key may not read them. Braze lists its own fields nowhere, and tells no lengths.</summary>
    /// <exception cref="DestinationException">They could not be read.</exception>
    public async Task<IReadOnlyList<VendorField>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await ReadAsync(null, cancellationToken) ?? []).Values.Select(attribute => new VendorField(attribute.Name, TypeOf(attribute)) { IsArchived = attribute.Status is Blocklisted or Trashed })];

    /// <summary>That nobody fixed a type changes with what is written; the type itself is what counts.</summary>
    private static string TypeOf(CustomAttribute attribute) => attribute.DataType is { } type ? Type(type) : "";

    private static bool IsOwn(string name) => BrazeParts.AttributeOf(name) is var attribute && (BrazeStandardFields.Contains(attribute) || BrazeMapper.Steers(attribute));

    /// <summary>Braze takes the spaces off both ends of a name.</summary>
    private static string NameOf(FieldUse use) => BrazeParts.AttributeOf(use.Name).Trim(' ');

    private FieldFinding? JudgeOwn(FieldUse use)
    {
        if (FieldAddress.IsPart(use.Name))
        {
            return IsOwn(use.Name)
                ? new(use.Name, "field_type_differs", $"{NameOf(use)} is one of Braze's own names, and {Written(use)} is not written there.", "Name a custom attribute.")
                : null;
        }

        if (BrazeMapper.Steers(use.Name) && (use.Name != BrazeDescriptor.ExternalId || options.IdentityIsEmail))
        {
            return new(use.Name, "field_read_only", $"{use.Name} says whom a call is about or how it is carried out; a record that sets it is rejected.", "Take it out of the mapping.");
        }

        return BrazeStandardFields.Refusal(use.Name, use.Kind) is { } taken
            ? new(use.Name, "field_type_differs", $"{use.Name} is one of Braze's own fields and takes {taken}, the mapping writes {use.Kind}.", "Change the mapping's type, or map another field.")
            : null;
    }

    /// <summary>A write makes an attribute that is not there, of the type that it has: nothing to find. A type that no page names is not judged.</summary>
    private static FieldFinding? Judge(FieldUse use, CustomAttribute? attribute) => attribute switch
    {
        { Status: Blocklisted or Trashed } => new(
            use.Name, "field_read_only", $"{NameOf(use)} is {attribute.Status} in the workspace: Braze drops what is written to it.",
            $"Reactivate it under {SettingsPage}, or map another attribute."),
        { DataType: { } type } when !Takes(Type(type), use) && !(IsTimeAsText(type, use.Kind) && !FieldAddress.IsPart(use.Name)) => new(
            use.Name, "field_type_differs", $"{NameOf(use)} is of type {type}, the mapping writes {Written(use)}: Braze turns such values into the other type or drops them.",
            $"Map another attribute, change the mapping's type, or the attribute's under {SettingsPage}."),
        _ => null,
    };

    private static string Written(FieldUse use) => BrazeParts.AddressOf(use.Name) switch
    {
        { Path.Count: > 0 } => "a property of an object",
        { Element: not null } => "an element of an array",
        _ => use.Kind.ToString(),
    };

    /// <summary>Which types the properties of an object have is told nowhere. A type that no page names is not judged.</summary>
    private static bool Takes(string type, FieldUse use) => BrazeParts.AddressOf(use.Name) switch
    {
        { Path.Count: > 0 } => type == "object" || !Types.Contains(type),
        { Element: not null } => type == "array" || !Types.Contains(type),
        _ => Takes(type, use.Kind),
    };

    /// <summary>Braze knows a day or a time by the spelling of a text, so that an attribute of texts keeps both as they are.</summary>
    private static bool Takes(string type, FieldKind kind) => kind == FieldKind.Null || type switch
    {
        "string" => kind is FieldKind.Text or FieldKind.Date or FieldKind.Instant,
        "number" or "integer" or "float" => kind == FieldKind.Number,
        "boolean" => kind == FieldKind.Boolean,
        "time" or "date" => kind is FieldKind.Date or FieldKind.Instant,
        "array" or "object" or "object array" or "object_array" or "array of objects" => false,
        _ => true,
    };

    /// <summary>Texts that Braze found to be times: the type follows what is written, so that going on to write texts changes nothing.</summary>
    private static bool IsTimeAsText(string type, FieldKind kind) =>
        kind == FieldKind.Text && type.Trim().EndsWith(DetectedType, StringComparison.OrdinalIgnoreCase) && Type(type) is "time" or "date";

    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "A comparison, of words that read better so.")]
    private static string Type(string text)
    {
        var type = text.ToLowerInvariant();
        return (type.EndsWith(DetectedType, StringComparison.Ordinal) ? type[..^DetectedType.Length] : type).Trim();
    }

    /// <summary>Reads until all names are found or the list ends.</summary>
    /// <param name="names">The names, or null for all that there are.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <returns>The attributes by name, or null when the key may not read them.</returns>
    private async Task<Dictionary<string, CustomAttribute>?> ReadAsync(HashSet<string>? names, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, CustomAttribute>(StringComparer.Ordinal);
        var isShown = await BrazePages.ReadAsync(cursor => client.AttributesAsync(cursor, cancellationToken), page =>
        {
            foreach (var attribute in page.Attributes.Where(attribute => names?.Contains(attribute.Name) != false))
            {
                found[attribute.Name] = attribute;
            }

            return page.Attributes.Count > 0 && found.Count != names?.Count;
        });
        return isShown ? found : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Destination} has no custom attribute {Names} yet: the first write makes it")]
        public static partial void Absent(ILogger logger, string destination, string names);
    }
}
