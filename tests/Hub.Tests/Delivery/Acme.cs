using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Destinations;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A destination whose vendor is the test.</summary>
internal static class Acme
{
    public const string Name = "acme";
    public const string Purpose = "email_marketing";
    public const string Granted = """{"email_marketing":{"s":"granted","t":1700000000000,"src":"form"}}""";
    public const string Denied = """{"email_marketing":{"s":"denied","t":1700000000000,"src":"form"}}""";

    /// <param name="connector">What stands for the vendor.</param>
    /// <param name="keepsConsent">Whether the destination is told of changed consent.</param>
    /// <param name="name">Name of the destination.</param>
    /// <param name="audience">Key of its one audience.</param>
    /// <param name="events">The events that it is told.</param>
    /// <param name="quota">Its quota; null where nobody counts.</param>
    /// <param name="audiences">How audiences are represented; null for lists found by name.</param>
    /// <param name="extra">Fields beside id and town.</param>
    /// <param name="topics">Topics that it keeps consent to.</param>
    /// <param name="country">Country of phone numbers that name none.</param>
    /// <param name="connect">The connector behind a gate; null for <paramref name="connector"/> whatever the gate.</param>
    /// <param name="time">Clock of its decisions; the machine's when null.</param>
    /// <param name="sendsUnknown">Whether people are sent of whose will nothing is known.</param>
    /// <param name="live">Whether it is told of changes as they happen.</param>
    /// <param name="change">What else its file says.</param>
    /// <param name="identity">Where its key comes from.</param>
    /// <param name="sources">Sources of webhooks.</param>
    /// <param name="ownership">Whose attributes are.</param>
    /// <param name="consent">Its rules of consent; null for those of <see cref="Hub"/>.</param>
    public static Destination Destination(
        IConnector connector, bool keepsConsent = true, string name = Name, string audience = "customers", IReadOnlyDictionary<string, EventSection>? events = null,
        DestinationQuota? quota = null, IReadOnlyDictionary<string, AudienceRepresentation>? audiences = null,
        IReadOnlyList<FieldMapping>? extra = null, IReadOnlyDictionary<string, TopicSection>? topics = null, string? country = null,
        ConnectorBehind? connect = null, TimeProvider? time = null, bool sendsUnknown = true, bool live = false,
        Func<DestinationConfiguration, DestinationConfiguration>? change = null, string identity = "external_id", IReadOnlyDictionary<string, SourceConfiguration>? sources = null, OwnershipRules? ownership = null, ConsentRules? consent = null)
    {
        var hub = Hub(name, audience, keepsConsent, events, audiences, extra, topics, country, sendsUnknown, live, identity) with { Ownership = ownership };
        hub = sources is null ? hub : hub with { Sources = sources };
        hub = consent is null ? hub : hub with { Consent = consent };
        return new Destination(
            change?.Invoke(hub.Destinations[name]) ?? hub.Destinations[name], hub, connector.Descriptor, connect ?? (_ => connector), quota ?? DestinationQuota.Uncounted(QuotaLimits.For(connector.Descriptor, new Dictionary<string, int>(), new Dictionary<string, double>())), time ?? TimeProvider.System);
    }

    /// <summary>The configuration that the destination and its one audience stand in.</summary>
    public static HubConfiguration Hub(
        string name = Name, string audience = "customers", bool keepsConsent = true, IReadOnlyDictionary<string, EventSection>? events = null,
        IReadOnlyDictionary<string, AudienceRepresentation>? audiences = null,
        IReadOnlyList<FieldMapping>? extra = null, IReadOnlyDictionary<string, TopicSection>? topics = null, string? country = null, bool sendsUnknown = true, bool live = false, string identity = "external_id")
    {
        var configuration = new DestinationConfiguration
        {
            Name = name,
            Connector = Name,
            BaseUrl = null,
            UsesSandbox = true,
            IdentityKey = "id",
            Credentials = new Dictionary<string, SecretReference>(),
            Settings = new Dictionary<string, string>(),
            Mapping = Name,
            Purposes = [Purpose],
            AudienceNamePattern = "{key}",
            Audiences = audiences ?? new Dictionary<string, AudienceRepresentation>(),
            Events = events ?? new Dictionary<string, EventSection>(),
            Consent = keepsConsent ? new ConsentSection(Purpose, topics ?? new Dictionary<string, TopicSection>()) : null,
            DefaultCountry = country,
            Live = live,
        };
        return new HubConfiguration
        {
            Destinations = new Dictionary<string, DestinationConfiguration> { [name] = configuration },
            Mappings = new Dictionary<string, MappingFile>
            {
                [Name] = new()
                {
                    Name = Name,
                    Version = "1",
                    EmailAsciiOnly = false,
                    EventAttributes = [],
                    Fields =
                    [
                        new FieldMapping { From = identity, To = "id", Type = MappedType.Text, Classification = FieldClassification.Personal },
                        new FieldMapping { From = "city", To = "town", Type = MappedType.Text, Classification = FieldClassification.Personal },
                        .. extra ?? [],
                    ],
                },
            },
            // Whoever maps what is sensitive has a policy, and this one has no line for it.
            Policy = extra?.Any(field => field.Classification == FieldClassification.Sensitive) != true ? null : new PolicyRules(
                new Dictionary<string, FieldClassification>(),
                new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>>
                {
                    [name] = new Dictionary<string, IReadOnlyDictionary<string, FieldHandling>> { [Purpose] = new Dictionary<string, FieldHandling> { [PolicyRules.Others] = FieldHandling.Send } },
                }),
            Consent = new ConsentRules("v1", [new ConsentPurpose(Purpose, new ConsentRule("in", true), new ConsentRule("out", false), new ConsentRule("unknown", sendsUnknown))]),
            Audiences = new Dictionary<string, AudienceConfiguration> 
            {
                [audience] = new() { Key = audience, DisplayName = audience, Columns = [], Guardrail = new AudienceGuardrail(1, null), Destinations = [name] },
            },
        };
    }

    /// <summary>One topic of text messages.</summary>
    public static IReadOnlyDictionary<string, TopicSection> Texts { get; } = new Dictionary<string, TopicSection> { ["texts"] = new("group-1", ConsentChannel.Sms) };

    /// <summary>A field that is left out when its value cannot be turned.</summary>
    public static FieldMapping Dropped(string name, MappedType type) => new() { From = name, To = name, Type = type, OnError = ErrorRule.Drop, Classification = FieldClassification.Personal };

    /// <summary>The connector's declaration, with small batches.</summary>
    /// <summary>A code that the connector knows a repair for.</summary>
    public const string FolderMissing = "folder_missing";

    public static ConnectorDescriptor Descriptor { get; } = new()
    {
        Repairs = new Dictionary<string, Repair> { [FolderMissing] = new("settings", "There is no folder.", "Set folder.") },
        Name = Name,
        DisplayName = "Acme",
        AudienceRepresentation = "list",
        DefaultIdentityKey = "id",
        IdentityKeys = ["id"],
        KeysAreCaseInsensitive = false,
        Operations = Enum.GetValues<Operation>().ToDictionary(operation => operation, _ => new OperationLimits(3, 100_000, RepeatIsHarmless: true)),
        MaxConcurrency = 2,
        RateLimits = [],
        Settings = [],
        Endpoints = [],
    };

    /// <summary>The declaration of a vendor that would apply an event twice.</summary>
    public static ConnectorDescriptor DescriptorOfWhatDoubles { get; } = Descriptor with
    {
        Operations = Descriptor.Operations.ToDictionary(entry => entry.Key, entry => entry.Value with { RepeatIsHarmless = entry.Key != Operation.TrackEvent }),
    };
}
