namespace IntegrationHub.Hub.Configuration;

/// <summary>Checks <c>ownership.yaml</c> against the rest of the configuration: a line that would decide nothing is a mistake.</summary>
internal static class OwnershipCheck
{
    private const string ListPrefix = "list:";

    /// <summary>Checks the lines of the file.</summary>
    /// <param name="root">The file.</param>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="audiences">Keys of all audiences, also of those that could not be read.</param>
    /// <param name="destinations">Names of all destinations, likewise.</param>
    public static void CheckLines(YamlSection root, HubConfiguration configuration, string[] audiences, string[] destinations)
    {
        var section = root.Section("attributes");
        string[] known =
        [
            .. configuration.Mappings.Values.SelectMany(static mapping => mapping.Fields).SelectMany(static field => field.Reads)
                .Concat(configuration.Mappings.Values.SelectMany(static mapping => mapping.EventAttributes))
                .Concat(configuration.Audiences.Values.SelectMany(static audience => audience.Columns).Where(static column => column.Role == ColumnRole.Attribute).Select(static column => column.Attribute).OfType<string>())
                .Where(static name => !CanonicalSource.IsKey(name))
                .Distinct(StringComparer.Ordinal),
        ];
        foreach (var (attribute, owned) in configuration.Ownership!.Attributes.Where(static owned => !CanonicalSource.IsKey(owned.Key)))
        {
            if (!known.Contains(attribute, StringComparer.Ordinal))
            {
                section!.Fail(attribute, $"Nothing reads an attribute {attribute}: no mapping and no column of an audience.", $"{Spelling.Hint(attribute, known)}Correct the name, or remove the line.");
            }

            if (owned.Flapping is not null && configuration.Mappings.Values.SelectMany(static mapping => mapping.Fields).Where(field => field.Owner == FieldOwner.Hub && field.Reads.Contains(attribute, StringComparer.Ordinal)).ToList() is var written
                && (written.Count == 0 || written.Exists(static field => field.Type != MappedType.Boolean || field.Beside.Count > 0)))
            {
                section!.Section(attribute)!.Fail("flapping", $"Only truth values are held while they go back and forth, and {attribute} is not written as nothing but one.", "Remove flapping, or write type: boolean, and from with one name, for each field in the mappings that is made of it.");
            }

            DirectionCheck.Check(section!.Section(attribute)!, attribute, owned, configuration, destinations);
            foreach (var destination in configuration.Destinations.Values.Where(destination => OwnershipRules.VendorsOf(configuration).GetValueOrDefault(owned.SystemOfRecord) == destination.Name))
            {
                if (configuration.Mappings.GetValueOrDefault(destination.Mapping)?.Fields.FirstOrDefault(field => field.Owner == FieldOwner.Hub && field.Reads.Contains(attribute, StringComparer.Ordinal)) is { } field)
                {
                    section!.Section(attribute)!.Fail(
                        "system_of_record", $"{attribute} comes from {destination.Name}, and mappings/{destination.Mapping}.yaml writes it back there as {field.To}.",
                        $"Write owner: vendor for the field {field.To}, in a mapping of its own where other destinations are to have it, or name another system of record.");
                }
            }

            if (owned.SystemOfRecord.StartsWith(ListPrefix, StringComparison.Ordinal) && owned.SystemOfRecord[ListPrefix.Length..] is var audience && !audiences.Contains(audience, StringComparer.Ordinal))
            {
                section!.Section(attribute)!.Fail("system_of_record", $"There is no audience {audience}, so no list of it can own {attribute}.", $"{Spelling.Hint(audience, audiences)}Known: {string.Join(", ", audiences)}.");
            }
        }
    }
}
