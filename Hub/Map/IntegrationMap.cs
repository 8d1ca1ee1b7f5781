using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using Lane = IntegrationHub.Storage.Deliveries.Lane;

namespace IntegrationHub.Hub.Map;

/// <summary>Reads the map of integrations out of the configuration; asks nobody and keeps nothing.</summary>
internal static class IntegrationMap
{
    private const string AsItHappens = "as it happens";
    private const string OnRequest = "on request";

    private static readonly string[] _severities = ["critical", "high", "medium", "low"];

    /// <summary>The map.</summary>
    /// <param name="configuration">The configuration, without errors.</param>
    /// <param name="connectors">Connectors by name; every one that a destination names.</param>
    public static MapJson Of(HubConfiguration configuration, IReadOnlyDictionary<string, ConnectorDescriptor> connectors) => new()
    {
        Configuration = configuration.Version,
        Sources = [.. Facts(configuration), .. Webhooks(configuration), .. Lists(configuration)],
        Destinations = [.. InOrder(configuration.Destinations).Select(destination => Destination(configuration, destination, connectors[destination.Connector]))],
        Flows = [.. InOrder(configuration.Destinations).SelectMany(destination => Flows(configuration, destination, connectors[destination.Connector]))],
    };

    /// <summary>The map of a configuration, of which nobody keeps the connectors.</summary>
    public static MapJson Of(HubConfiguration configuration, IEnumerable<IConnectorFactory> factories) =>
        Of(configuration, factories.ToDictionary(factory => factory.Descriptor.Name, factory => factory.Descriptor, StringComparer.Ordinal));

    private static IEnumerable<MapSourceJson> Facts(HubConfiguration configuration) => InOrder(configuration.Facts).Select(type => new MapSourceJson
    {
        Name = type.Type,
        Kind = "facts",
        Method = "AMQP hub.events, POST /v1/events",
        Data = [],
        Frequency = AsItHappens,
        Owner = type.Owner,
        Slo = $"{type.Slo ?? "none"}, kept {Word(type.Retention)}",
    });

    private static IEnumerable<MapSourceJson> Webhooks(HubConfiguration configuration) => InOrder(configuration.Sources).Select(source => new MapSourceJson
    {
        Name = source.Name,
        Kind = "webhook",
        Method = $"{Word(source.Dialect)}, proven by {Word(source.Signature.Scheme)}",
        Data = [],
        Frequency = AsItHappens,
        Owner = source.Owner,
        Slo = null,
    });

    private static IEnumerable<MapSourceJson> Lists(HubConfiguration configuration) => InOrder(configuration.Audiences).Select(audience => new MapSourceJson
    {
        Name = audience.Key,
        Kind = "list",
        Method = "POST /v1/audiences/{audience}/snapshots",
        Data = [.. audience.Columns.Where(column => column.Role != ColumnRole.Ignored).Select(column => column.Role switch
        {
            ColumnRole.Attribute => column.Attribute!,
            ColumnRole.Consent => $"consent.{column.Attribute}",
            _ => Word(column.Role),
        })],
        Frequency = "when it is loaded",
        Owner = audience.Owner,
        Slo = null,
    });

    private static MapDestinationJson Destination(HubConfiguration configuration, DestinationConfiguration destination, ConnectorDescriptor connector) => new()
    {
        Name = destination.Name,
        Vendor = connector.DisplayName,
        IdentityKey = destination.IdentityKey,
        Purposes = destination.Purposes,
        Owner = destination.Owner,
        Fields = [.. Fields(configuration, destination)],
        Alerts = _severities.ToDictionary(
            severity => severity,
            severity => (IReadOnlyList<string>)[.. configuration.AlertRoutes.Where(route => route.Takes(severity, destination.Name)).Select(route => route.Name)]),
    };

    private static IEnumerable<MapFieldJson> Fields(HubConfiguration configuration, DestinationConfiguration destination)
    {
        var policy = FieldPolicy.For(configuration, destination);
        return configuration.Mappings[destination.Mapping].Fields.Select(field => Field(field, policy.Decide(field), field.Sources is [var only] ? configuration.Ownership?.Attributes.GetValueOrDefault(only) : null, destination.Name));
    }

    private static MapFieldJson Field(FieldMapping field, FieldDecision policy, AttributeOwnership? owned, string destination) => new()
    {
        From = field.Source,
        To = field.To,
        Type = Word(field.Type),
        MadeBy = string.Join(", ", field.Transforms.Select(Word).Concat(field.Values is { } values ? [$"{values.Count} words"] : []).Concat(field.Formats)
            .Concat(field.Zone is { } zone ? [zone.Id] : []).Concat(field.Constant is { } constant ? [$"always {constant}"] : []).Concat(field.Default is { } word ? [$"else {word}"] : []).Concat(field.Until is { } last ? [$"until {last:yyyy-MM-dd}"] : [])),
        OnNull = Word(field.OnNull),
        OnError = Word(field.OnError),
        Owner = Word(field.Owner),
        Mutability = Word(field.Mutability),
        SystemOfRecord = owned?.SystemOfRecord,
        Conflict = owned is null ? null : Word(owned.Conflict),
        AttributeMutability = owned is null ? null : Word(owned.Mutability),
        AttributeDirection = owned?.Directions.Of(destination) is { } direction ? Word(direction) : null,
        Classification = Word(policy.Classification),
        Policy = policy.IsWithheld ? "withheld" : Word(policy.Handling),
    };

    private static IEnumerable<MapFlowJson> Flows(HubConfiguration configuration, DestinationConfiguration destination, ConnectorDescriptor connector)
    {
        var policy = FieldPolicy.For(configuration, destination);
        var sent = configuration.Mappings[destination.Mapping].Fields.Where(field => field.Owner == FieldOwner.Hub)
            .Select(field => (field.To, Decision: policy.Decide(field))).Where(field => field.Decision.Handling != FieldHandling.Drop).ToList();
        foreach (var audience in InOrder(configuration.Audiences).Where(audience => audience.Destinations.Contains(destination.Name)))
        {
            yield return Flow(configuration, destination, Lane.Bulk, audience.Key, "members") with
            {
                Data = [.. sent.Select(field => field.To)],
                IsPersonal = sent.Exists(field => field.Decision.Classification != FieldClassification.Public),
                Method = connector.AudienceRepresentation,
                Frequency = string.Join("; ", [.. Bells(configuration, audience.Key, destination.Name), .. destination.Live ? new[] { $"changes {AsItHappens}" } : [], OnRequest]),
                Owner = audience.Owner,
            };
        }

        foreach (var (name, section) in destination.Events.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            yield return Flow(configuration, destination, Lane.Live, name, "event") with
            {
                Data = [.. section.Properties.Where(property => policy.DecideProperty(property.Key).Handling == FieldHandling.Send).Select(property => property.Value)],
                IsPersonal = true, // it tells what a person did
                Method = $"event {section.Name}",
                Owner = configuration.Facts.GetValueOrDefault("behavior_tracked")?.Owner,
            };
        }

        foreach (var purpose in destination.Consent?.Purposes.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())
        {
            yield return Flow(configuration, destination, Lane.Urgent, purpose, "consent") with
            {
                IsPersonal = true,
                Method = destination.Consent!.MarketingEmail == purpose ? "global opt-out of marketing e-mail" : "topic",
                Owner = configuration.Facts.GetValueOrDefault("consent_updated")?.Owner,
            };
        }
    }

    private static MapFlowJson Flow(HubConfiguration configuration, DestinationConfiguration destination, string lane, string what, string kind)
    {
        var goal = configuration.Slo.Of(destination.Name, lane);
        return new MapFlowJson
        {
            What = what,
            Kind = kind,
            Destination = destination.Name,
            Data = [],
            IsPersonal = false,
            Method = "",
            Frequency = AsItHappens,
            Lane = lane,
            FreshnessGoal = goal.Freshness.TotalSeconds,
            LagP95Goal = goal.LagP95.TotalSeconds,
            Owner = null,
        };
    }

    private static IEnumerable<string> Bells(HubConfiguration configuration, string audience, string destination) => InOrder(configuration.Schedules)
        .Where(schedule => schedule.Audience == audience && schedule.Mode != SyncMode.Reconcile && (schedule.Destinations.Count == 0 || schedule.Destinations.Contains(destination)))
        .Select(schedule => $"{schedule.Name}: {schedule.Cron} {schedule.TimeZone.Id}");

    private static IEnumerable<T> InOrder<T>(IReadOnlyDictionary<string, T> named) => named.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value);

    /// <summary>The word that files use.</summary>
    private static string Word<T>(T value)
        where T : struct, Enum => YamlSection.NamesOf<T>()[Array.IndexOf(Enum.GetValues<T>(), value)];
}
