using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Holds a canary against the rest of the configuration: one who cannot travel, or whose look could not tell, is refused before she sets off.</summary>
internal static class CanaryCheck
{
    /// <summary>The source, and the producer, of what canaries state.</summary>
    public const string Source = "hub.canary";

    /// <summary>Shorter values stand in many fields by chance.</summary>
    public const int ShortestRecognised = 6;

    /// <summary>The canary with the destinations that she travels to: those that are written, else those of her audience that are told of changes as they happen.</summary>
    public static CanaryConfiguration Complete(YamlSection root, CanaryConfiguration canary, HubConfiguration configuration)
    {
        if (!configuration.Audiences.TryGetValue(canary.Audience, out var audience))
        {
            root.Fail("audience", $"There is no audience {canary.Audience}.", $"{Spelling.Hint(canary.Audience, configuration.Audiences.Keys)}Known: {string.Join(", ", configuration.Audiences.Keys.Order(StringComparer.Ordinal))}. Give canaries one of their own, so that they are in the numbers of no other.");
            return canary;
        }

        var live = audience.Destinations.Where(name => configuration.Destinations.TryGetValue(name, out var destination) && destination.Live).ToArray();
        foreach (var name in canary.Destinations.Except(live, StringComparer.Ordinal))
        {
            root.Fail(
                "destinations", $"{canary.Name} cannot travel to {name}: {(audience.Destinations.Contains(name) ? "it is not told of changes as they happen" : $"her audience {canary.Audience} does not go there")}.",
                audience.Destinations.Contains(name) ? $"Write live: on into destinations/{name}.yaml, or take it out." : $"Add it to the destinations of audiences/{canary.Audience}.yaml, or take it out.");
        }

        canary = canary.Destinations.Count > 0 ? canary : canary with { Destinations = live };
        if (canary.Destinations.Count == 0)
        {
            root.Fail("audience", $"No destination of {canary.Audience} is told of changes as they happen, so {canary.Name} would travel nowhere.", "Write live: on into the file of a destination.");
        }

        CheckOwnership(root, canary, configuration.Ownership);
        CheckElements(root, canary, configuration.Ownership);
        CheckConsents(root, canary, configuration.Consent);
        foreach (var destination in canary.Destinations.Intersect(live, StringComparer.Ordinal))
        {
            CheckEvent(root, canary, configuration.Destinations[destination]);
            CheckMapping(root, canary, destination, configuration.Mappings.GetValueOrDefault(configuration.Destinations[destination].Mapping), FieldPolicy.For(configuration, configuration.Destinations[destination]));
        }

        return canary;
    }

    /// <summary>What is not taken of her does not travel, and she would be told as lost.</summary>
    private static void CheckOwnership(YamlSection root, CanaryConfiguration canary, OwnershipRules? ownership)
    {
        if (ownership?.Attributes.GetValueOrDefault(canary.Stamp) is { } stamped && !stamped.MayChange(Source))
        {
            root.Fail("stamp", $"{canary.Stamp} does not change with each trip of {canary.Name}: by ownership.yaml it belongs to {stamped.SystemOfRecord}, or stays as it is.", "Name as stamp an attribute that ownership.yaml does not name, or write conflict: newest there, without mutability.");
        }

        foreach (var (name, owned) in (ownership?.Attributes ?? new Dictionary<string, AttributeOwnership>()).Where(owned => canary.Attributes.ContainsKey(owned.Key) && !owned.Value.Takes(Source)))
        {
            root.Fail("attributes", $"{name} belongs to {owned.SystemOfRecord} by ownership.yaml, so that it is not taken of {canary.Name}.", $"Leave it out, or write conflict: newest there.");
        }
    }

    /// <summary>What only grows is kept in one order, and would be told as different in another.</summary>
    private static void CheckElements(YamlSection root, CanaryConfiguration canary, OwnershipRules? ownership)
    {
        foreach (var (name, value) in canary.Attributes.Where(attribute => ownership?.Attributes.GetValueOrDefault(attribute.Key)?.Mutability == AttributeMutability.AppendOnly))
        {
            var separator = ownership!.SeparatorOf(name);
            if (ElementText.Of(ElementText.In(value, separator), separator)?.GetString() is var kept && kept != value)
            {
                root.Fail("attributes", $"{name} only grows by ownership.yaml, which keeps {kept ?? "nothing"} of what {canary.Name} states.", kept is null ? "Leave it out, or state an element." : $"Write {kept}.");
            }
        }
    }

    private static void CheckConsents(YamlSection root, CanaryConfiguration canary, ConsentRules rules)
    {
        foreach (var purpose in canary.Consents.Keys.Where(purpose => !purpose.StartsWith(Suppression.Prefix, StringComparison.Ordinal) && rules.Purposes.All(known => known.Name != purpose)))
        {
            root.Fail("consents", $"There is no purpose {purpose}.", $"{Spelling.Hint(purpose, [.. rules.Purposes.Select(known => known.Name)])}Write one that consent.yaml names.");
        }

        if (canary.Consents.Values.Contains(ConsentWord.Granted) && !MayGrant(rules))
        {
            root.Fail("consents", $"{canary.Name} grants, and consent.yaml does not let the source {Source} grant: she would be sent nowhere.", $"Add under sources of consent.yaml: {Source}: {{ may: [grant, deny], producers: [{Source}] }}");
        }
    }

    private static bool MayGrant(ConsentRules rules) =>
        rules.Sources is not { } sources || (sources.FirstOrDefault(source => source.Name == Source) ?? sources.FirstOrDefault(source => source.Name == ConsentSource.Others)) is { MayGrant: true };

    private static void CheckEvent(YamlSection root, CanaryConfiguration canary, DestinationConfiguration destination)
    {
        if (canary.Event is { } happens && !destination.Events.ContainsKey(happens))
        {
            root.Fail(
                "event", $"{canary.Name} does {happens}, of which {destination.Name} is not told.",
                $"{Spelling.Hint(happens, [.. destination.Events.Keys])}Name the event under events of destinations/{destination.Name}.yaml, name one of which all her destinations are told, or take {destination.Name} out of destinations.");
        }
    }

    private static void CheckMapping(YamlSection root, CanaryConfiguration canary, string destination, MappingFile? mapping, FieldPolicy policy)
    {
        if (mapping is null)
        {
            return;
        }

        var sent = mapping.Fields.Where(field => field.Owner == FieldOwner.Hub && policy.Decide(field).Handling == FieldHandling.Send).ToArray();
        if (!sent.Any(field => field is { Beside.Count: 0 } && field.From == canary.Stamp && field is { Type: MappedType.Text, Values: null }))
        {
            root.Fail("stamp", $"The mapping {mapping.Name} of {destination} writes {canary.Stamp} into no field of type text, so that nobody could see there which trip is shown.", $"Map {canary.Stamp} there as text without values, or name as stamp an attribute that every mapping writes so.");
        }

        foreach (var (name, value) in canary.Attributes.Where(attribute => attribute.Value.Length < ShortestRecognised && !sent.Any(field => field.Reads.Contains(attribute.Key))))
        {
            root.Fail("attributes", $"{name} must not leave for {destination}, and its value {value} is too short to be recognised if it did.", $"Write a value of {ShortestRecognised} characters or more that nothing else has, or leave {name} out.");
        }
    }
}
