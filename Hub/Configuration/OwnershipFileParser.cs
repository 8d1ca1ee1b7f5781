using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>ownership.yaml</c>.</summary>
internal static class OwnershipFileParser
{
    private const string SystemOfRecord = "system_of_record";
    private const string Conflict = "conflict";
    private const string Mutability = "mutability";
    private const string AppendOnly = "append_only";

    public static OwnershipRules Parse(ConfigurationFile file)
    {
        var owned = new Dictionary<string, AttributeOwnership>(StringComparer.Ordinal);
        var shadows = ShadowsSectionParser.Parse(file.Root.Section("shadows"));
        var section = file.Root.Section("attributes", required: !file.Root.Has("shadows"));
        foreach (var attribute in section?.Keys ?? [])
        {
            if (CanonicalSource.IsKey(attribute))
            {
                section!.Fail(attribute, $"{attribute} is a key of people and no attribute.", "Remove it: identity.yaml says which keys tell people.");
            }

            if (section!.Section(attribute) is { } about)
            {
                var owner = about.Text(SystemOfRecord, required: true);
                var conflict = about.Choice<ConflictRule>(Conflict);
                var mutability = MutabilityOf(attribute, about);
                if (mutability == AttributeMutability.FillEmpty && conflict is not null)
                {
                    about.Fail(Conflict, $"{attribute} is fill_empty, which says itself what becomes of values of others.", "Remove conflict, or write another mutability.");
                }

                about.RejectUnknownKeys();
                if (owner is not null)
                {
                    owned[attribute] = new AttributeOwnership(shadows.GetValueOrDefault(owner, owner), conflict ?? ConflictRule.OwnerWins) { Mutability = mutability };
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return new OwnershipRules(owned) { Shadows = shadows };
    }

    private static AttributeMutability MutabilityOf(string attribute, YamlSection about)
    {
        if (about.Text(Mutability) != AppendOnly)
        {
            return about.Choice<AttributeMutability>(Mutability) ?? AttributeMutability.Mutable;
        }

        about.Fail(
            Mutability, $"{attribute} cannot be append_only: an attribute is one value, and what only grows are several.",
            "State an attribute for each value, or what happens as events; for one value that stays write immutable or write_once.");
        return AttributeMutability.Mutable;
    }
}
