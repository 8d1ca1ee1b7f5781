using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;

namespace Hub.Tests.Mapping;

/// <summary>Mappings of one field beside the identity key, and ways to look at what they give.</summary>
internal static class Mappings
{
    public static FieldMapping Identity { get; } = new()
    {
        From = CanonicalSource.ExternalId,
        To = "id",
        Type = MappedType.Text,
        Transforms = [TextTransform.Trim],
        Mutability = FieldMutability.Immutable,
        Classification = FieldClassification.Personal,
    };

    public static FieldMapping Field(string from, string to, MappedType type) =>
        new() { From = from, To = to, Type = type, Classification = FieldClassification.Personal };

    public static MappingFile File(bool emailAsciiOnly, params FieldMapping[] fields) => new()
    {
        Name = "test",
        EmailAsciiOnly = emailAsciiOnly,
        EventAttributes = [],
        Fields = fields,
        Version = "v1",
    };

    public static ConnectorDescriptor Connector(bool keysAreCaseInsensitive = false) => new()
    {
        Name = "test",
        DisplayName = "Test",
        AudienceRepresentation = "list",
        DefaultIdentityKey = "id",
        IdentityKeys = ["id", "*"],
        KeysAreCaseInsensitive = keysAreCaseInsensitive,
        Operations = new Dictionary<Operation, OperationLimits>(),
        MaxConcurrency = 1,
        RateLimits = [],
        Settings = [],
        Endpoints = [],
    };

    public static DestinationMapping Compile(params FieldMapping[] fields) =>
        DestinationMapping.Compile(File(false, [Identity, .. fields]), Connector(), "id", FieldPolicy.OfMappingAlone);

    public static MappedRecord MapAttribute(FieldMapping field, string json) =>
        Compile(field).Map(new ProfileView("1", null, null, $$"""{"{{field.From}}":{{json}}}"""));

    /// <summary>The single field as text; <c>(none)</c> when it was omitted, <c>!code</c> when it rejected the record, <c>-code</c> when it was dropped.</summary>
    public static string Show(MappedRecord record)
    {
        if (record.Rejection is { } rejection)
        {
            return $"!{rejection.Code}";
        }

        return record.Dropped.Count > 0 ? $"-{record.Dropped[0].Code}"
            : record.Fields.Count == 0 ? "(none)"
            : record.Fields[0].Value.Kind == FieldKind.Null ? "(null)"
            : record.Fields[0].Value.ToString();
    }
}
