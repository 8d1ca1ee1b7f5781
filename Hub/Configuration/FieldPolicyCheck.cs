namespace IntegrationHub.Hub.Configuration;

/// <summary>Checks <c>policy.yaml</c> and the classes of mappings against the rest of the configuration: a line that would decide nothing is a mistake.</summary>
internal static class FieldPolicyCheck
{
    private static readonly MappedType[] _hashable = [MappedType.Text, MappedType.Email, MappedType.Phone];

    /// <summary>Checks the lines of the file.</summary>
    /// <param name="root">The file.</param>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="destinations">Names of all destinations, also of those that could not be read.</param>
    public static void CheckLines(YamlSection root, HubConfiguration configuration, string[] destinations)
    {
        var policy = configuration.Policy!;
        CheckAttributes(root, policy, configuration);
        var section = root.Section("destinations");
        foreach (var (name, purposes) in policy.Destinations)
        {
            if (!destinations.Contains(name, StringComparer.Ordinal))
            {
                section!.Fail(name, $"There is no destination {name}.", $"{Spelling.Hint(name, destinations)}Known: {string.Join(", ", destinations)}.");
            }
            else if (configuration.Destinations.TryGetValue(name, out var destination) && configuration.Mappings.TryGetValue(destination.Mapping, out var mapping))
            {
                CheckDestination(section!.Section(name)!, destination, mapping, purposes);
            }
        }
    }

    /// <summary>Checks what a destination's mapping is left with: its identity key leaves as it is, or nobody can be told there.</summary>
    public static void CheckKey(YamlSection root, DestinationConfiguration destination, FieldMapping key, HubConfiguration configuration)
    {
        if (FieldPolicy.For(configuration, destination).Decide(key) is { Handling: not FieldHandling.Send } decision)
        {
            root.Fail(
                "mapping",
                $"The identity key {key.To} of {destination.Name} is made of {key.From}, which {(decision.Handling == FieldHandling.Hash ? "leaves only as a hash" : "does not leave")} by policy.yaml{(decision.Purpose is null ? "" : $" ({decision.Purpose})")}.",
                $"Write {key.From}: send for {destination.Name} and each of its purposes ({string.Join(", ", destination.Purposes)}) in policy.yaml, or take another identity key.");
        }
    }

    /// <summary>Checks that an attribute is of one class wherever it is said.</summary>
    public static void CheckClass(YamlSection root, MappingFile mapping, HubConfiguration configuration)
    {
        var elsewhere = configuration.Mappings.Values.Where(other => string.CompareOrdinal(other.Name, mapping.Name) <= 0)
            .SelectMany(other => other.Fields.Where(field => field.Classification is not null).SelectMany(field => field.Sources, (field, source) => (From: source, Where: $"mappings/{other.Name}.yaml", Class: field.Classification!.Value)))
            .Concat(configuration.Policy?.Attributes.Select(static said => (From: said.Key, Where: "policy.yaml", Class: said.Value)) ?? [])
            .ToLookup(static said => said.From, StringComparer.Ordinal);
        foreach (var (field, source) in mapping.Fields.Where(static field => field.Classification is not null).SelectMany(static field => field.Sources, static (field, source) => (field, source)).DistinctBy(static one => one.source, StringComparer.Ordinal))
        {
            foreach (var other in elsewhere[source].Where(other => other.Class != field.Classification).Take(1))
            {
                root.Fail("fields", $"The attribute {source} is {Word(field.Classification!.Value)} here and {Word(other.Class)} in {other.Where}.", "Say it once, under attributes of policy.yaml, or say the same everywhere.");
            }
        }
    }

    private static void CheckAttributes(YamlSection root, PolicyRules policy, HubConfiguration configuration)
    {
        string[] known =
        [
            .. configuration.Mappings.Values.SelectMany(static mapping => mapping.Fields).SelectMany(static field => field.Reads)
                .Concat(configuration.Audiences.Values.SelectMany(static audience => audience.Columns).Where(static column => column.Role == ColumnRole.Attribute).Select(static column => column.Attribute).OfType<string>())
                .Concat(configuration.Destinations.Values.SelectMany(static destination => destination.Events.Values).SelectMany(static told => told.Properties.Keys))
                .Distinct(StringComparer.Ordinal),
        ];
        foreach (var attribute in policy.Attributes.Keys.Except(known, StringComparer.Ordinal))
        {
            root.Section("attributes")!.Fail(attribute, $"Nothing reads an attribute {attribute}: no mapping, no column of an audience and no event.", $"{Spelling.Hint(attribute, known)}Correct the name, or remove the line.");
        }
    }

    private static void CheckDestination(
        YamlSection section, DestinationConfiguration destination, MappingFile mapping, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>> purposes)
    {
        var fields = mapping.Fields.Where(static field => field.Owner == FieldOwner.Hub).SelectMany(static field => field.Sources, static (field, source) => (field, source)).ToLookup(static one => one.source, static one => one.field, StringComparer.Ordinal);
        string[] known = [.. fields.Select(static field => field.Key).Concat(destination.Events.Values.SelectMany(static told => told.Properties.Keys)).Distinct(StringComparer.Ordinal)];
        foreach (var (purpose, lines) in purposes)
        {
            if (destination.Purposes.Count > 0 && !destination.Purposes.Contains(purpose))
            {
                section.Fail(purpose, $"The destination {destination.Name} does not serve the purpose {purpose}.", $"{Spelling.Hint(purpose, destination.Purposes)}Its purposes are: {string.Join(", ", destination.Purposes)}.");
                continue;
            }

            var below = section.Section(purpose)!;
            foreach (var (attribute, handling) in lines)
            {
                if (attribute != PolicyRules.Others && !known.Contains(attribute, StringComparer.Ordinal))
                {
                    below.Fail(attribute, $"{destination.Name} has nothing that is made of {attribute}: the mapping {mapping.Name} does not read it, and no event tells it.", $"{Spelling.Hint(attribute, known)}Correct the name, or remove the line.");
                }

                if (handling == FieldHandling.Hash && (attribute == PolicyRules.Others || fields[attribute].FirstOrDefault(field => !_hashable.Contains(field.Type)) is not null || !fields[attribute].Any()))
                {
                    below.Fail(
                        attribute,
                        $"{below.PathOf(attribute)} cannot be hash: {(attribute == PolicyRules.Others ? "whether a field can take a hash is said field by field" : "only a text, an e-mail address or a phone number that a mapping writes can be sent as a hash")}.",
                        attribute == PolicyRules.Others ? "Write send or drop, and hash for the attributes that it is meant for." : "Write send or drop, or map the attribute as text into a field of text.");
                }
            }
        }
    }

    private static string Word(FieldClassification classification) => classification.ToString().ToLowerInvariant();
}
