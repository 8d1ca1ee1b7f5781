namespace IntegrationHub.Hub.Configuration;

/// <summary>Checks <c>direction</c> of <c>ownership.yaml</c> against the rest of the configuration: nothing may be said twice and otherwise.</summary>
internal static class DirectionCheck
{
    /// <summary>Checks what is said of one attribute.</summary>
    /// <param name="about">Its section.</param>
    /// <param name="attribute">Its name.</param>
    /// <param name="owned">What the section says.</param>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="destinations">Names of all destinations, also of those that could not be read.</param>
    public static void Check(YamlSection about, string attribute, AttributeOwnership owned, HubConfiguration configuration, string[] destinations)
    {
        foreach (var unknown in owned.Directions.At.Keys.Where(name => !destinations.Contains(name, StringComparer.Ordinal)))
        {
            about.Section(DirectionsParser.Key)!.Fail(unknown, $"There is no destination {unknown}.", $"{Spelling.Hint(unknown, destinations)}Known: {string.Join(", ", destinations)}.");
        }

        var said = configuration.Destinations.Values.Where(destination => owned.Directions.Of(destination.Name) is not null).OrderBy(static destination => destination.Name, StringComparer.Ordinal).ToList();
        foreach (var destination in said)
        {
            CheckOwner(about, attribute, owned, destination, configuration);
            CheckFields(about, attribute, owned, destination, configuration);
        }

        foreach (var destination in Deaf(owned, said, configuration))
        {
            Fail(
                about, destination, owned,
                $"Nothing of {attribute} could come in{(owned.Directions.Everywhere is null ? $" from {destination.Name}" : "")}, as direction says: by {WordOf(owned)} only {owned.SystemOfRecord} changes it.",
                $"Write conflict: newest, or out, or name {ConsentSource.OfVendor(destination.Name)} as system_of_record.");
        }
    }

    /// <summary>Destinations from which it is to come in and cannot. A word for all is meant of those that can, and means nothing where none does.</summary>
    private static List<DestinationConfiguration> Deaf(AttributeOwnership owned, List<DestinationConfiguration> said, HubConfiguration configuration)
    {
        var deaf = said.Where(destination => owned.Directions.Of(destination.Name) != Direction.Out && !IsHeard(owned, destination, configuration)).ToList();
        return owned.Directions.Everywhere is null ? deaf : deaf.Count < said.Count ? [] : [.. deaf.Take(1)];
    }

    /// <summary>What a vendor owns comes in from it, and is not written back.</summary>
    private static void CheckOwner(YamlSection about, string attribute, AttributeOwnership owned, DestinationConfiguration destination, HubConfiguration configuration)
    {
        if (owned.Directions.Of(destination.Name) is Direction.Out or Direction.Both && OwnershipRules.VendorsOf(configuration).GetValueOrDefault(owned.SystemOfRecord) == destination.Name)
        {
            Fail(
                about, destination, owned,
                $"{attribute} comes from {destination.Name} by system_of_record: {owned.SystemOfRecord}, and direction says that {(owned.Directions.Of(destination.Name) == Direction.Out ? "nothing of it is taken from there" : "it is written back there")}.",
                $"Write in for {destination.Name}, or name another system of record.");
        }
    }

    private static void CheckFields(YamlSection about, string attribute, AttributeOwnership owned, DestinationConfiguration destination, HubConfiguration configuration)
    {
        var fields = (configuration.Mappings.GetValueOrDefault(destination.Mapping)?.Fields ?? []).Where(field => field.Reads.Contains(attribute, StringComparer.Ordinal)).ToList();
        var isOwners = OwnershipRules.VendorsOf(configuration).GetValueOrDefault(owned.SystemOfRecord) == destination.Name;
        if (owned.Directions.Of(destination.Name) == Direction.In)
        {
            foreach (var field in isOwners ? [] : fields.Where(static field => field.Owner == FieldOwner.Hub))
            {
                Fail(
                    about, destination, owned,
                    $"{attribute} only comes in from {destination.Name} (direction), and mappings/{destination.Mapping}.yaml writes the field {field.To} there, which is made of it.",
                    $"Write owner: vendor for the field {field.To}, take {attribute} out of it, or write both or out for {destination.Name}.");
            }
        }
        else if (fields.FirstOrDefault(static field => field.Owner == FieldOwner.Vendor) is { } left)
        {
            Fail(
                about, destination, owned,
                $"{attribute} is written to {destination.Name} (direction), and mappings/{destination.Mapping}.yaml leaves the field {left.To}, which is made of it, to the vendor.",
                $"Remove owner: vendor from the field {left.To}, or write in for {destination.Name}.");
        }
    }

    private static bool IsHeard(AttributeOwnership owned, DestinationConfiguration destination, HubConfiguration configuration) =>
        OwnershipRules.VendorsOf(configuration).Where(vendor => vendor.Value == destination.Name).Any(vendor => owned.Takes(vendor.Key));

    private static string WordOf(AttributeOwnership owned) => owned.Conflict == ConflictRule.Flag ? "conflict: flag" : "conflict: owner_wins";

    private static void Fail(YamlSection about, DestinationConfiguration destination, AttributeOwnership owned, string problem, string fix)
    {
        if (owned.Directions.At.ContainsKey(destination.Name))
        {
            about.Section(DirectionsParser.Key)!.Fail(destination.Name, problem, fix);
        }
        else
        {
            about.Fail(DirectionsParser.Key, problem, fix);
        }
    }
}
