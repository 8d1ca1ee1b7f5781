namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>ownership.yaml</c>.</summary>
internal static class OwnershipFileParser
{
    private const string SystemOfRecord = "system_of_record";

    public static OwnershipRules Parse(ConfigurationFile file)
    {
        var owned = new Dictionary<string, AttributeOwnership>(StringComparer.Ordinal);
        var section = file.Root.Section("attributes", required: true);
        foreach (var attribute in section?.Keys ?? [])
        {
            if (CanonicalSource.IsKey(attribute))
            {
                section!.Fail(attribute, $"{attribute} is a key of people and no attribute.", "Remove it: identity.yaml says which keys tell people.");
            }

            if (section!.Section(attribute) is { } about)
            {
                var owner = about.Text(SystemOfRecord, required: true);
                var conflict = about.Choice<ConflictRule>("conflict") ?? ConflictRule.OwnerWins;
                about.RejectUnknownKeys();
                if (owner is not null)
                {
                    owned[attribute] = new AttributeOwnership(owner, conflict);
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return new OwnershipRules(owned);
    }
}
