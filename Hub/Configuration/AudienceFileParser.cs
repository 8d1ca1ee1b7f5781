using IntegrationHub.Contracts.Audiences;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>audiences/*.yaml</c>.</summary>
internal static class AudienceFileParser
{
    /// <summary>Before the purpose in the meaning of a column.</summary>
    public const string ConsentPrefix = "consent.";

    private const string ConsentTimeMeaning = "consent_at";
    private const double DefaultMaxRemovalShare = 0.2;

    public static AudienceConfiguration Parse(ConfigurationFile file)
    {
        var root = file.Root;
        if (!ConfigurationNames.IsName(file.Name, isFile: true))
        {
            root.Fail(1, $"The audience's key {file.Name}, which is the file's name, is not a good name.", $"Rename the file. {ConfigurationNames.Rule}");
        }

        var displayName = root.Text("display_name", required: true) ?? file.Name;
        var owner = root.Text("owner");
        var columns = root.Section("columns", required: true) is { } section ? ParseColumns(section) : [];
        var defaultCountry = CountryCode.Parse(root, "default_country");
        if (defaultCountry is not null && !columns.Exists(static c => c.Role == ColumnRole.Phone))
        {
            root.Fail("default_country", "No column means phone, so no number has a country.", "Write phone for the column that holds the number, or remove the key.");
        }

        var guardrail = ParseGuardrail(root.Section("guardrail"));
        var reconcile = ReconcileSectionParser.Parse(root.Section("reconcile"));
        var destinations = root.Texts("destinations", required: true);
        root.RejectUnknownKeys();
        return new AudienceConfiguration
        {
            Key = file.Name,
            DisplayName = displayName,
            Owner = owner,
            Columns = columns,
            DefaultCountry = defaultCountry,
            Guardrail = guardrail,
            Reconcile = reconcile,
            Destinations = destinations,
        };
    }

    private static List<SnapshotColumn> ParseColumns(YamlSection section)
    {
        var columns = new List<SnapshotColumn>();
        foreach (var header in section.Keys)
        {
            if (section.Text(header, required: true) is not { } meaning)
            {
                continue;
            }

            var role = meaning switch
            {
                CanonicalSource.ExternalId => ColumnRole.ExternalId,
                CanonicalSource.Email => ColumnRole.Email,
                CanonicalSource.Phone => ColumnRole.Phone,
                "ignored" => ColumnRole.Ignored,
                ConsentTimeMeaning => ColumnRole.ConsentTime,
                _ when meaning.StartsWith(ConsentPrefix, StringComparison.Ordinal) => ColumnRole.Consent,
                _ => ColumnRole.Attribute,
            };
            var name = role == ColumnRole.Consent ? meaning[ConsentPrefix.Length..] : meaning;
            if (!ConfigurationNames.IsName(name))
            {
                section.Fail(header, $"{section.PathOf(header)} means {meaning}, which is not a good name of {(role == ColumnRole.Consent ? "a purpose" : "an attribute")}.", ConfigurationNames.Rule);
            }
            else if (role != ColumnRole.Ignored && columns.Any(c => c.Role == role && (c.Attribute ?? MeaningOf(c.Role)) == (role is ColumnRole.Attribute or ColumnRole.Consent ? name : MeaningOf(role))))
            {
                section.Fail(header, $"Two columns mean {meaning}.", "Let one column mean it, and write ignored for the other.");
            }

            columns.Add(new SnapshotColumn(header, role, role is ColumnRole.Attribute or ColumnRole.Consent ? name : null));
        }

        if (columns.Find(static c => c.Role == ColumnRole.ConsentTime) is { } time && !columns.Exists(static c => c.Role == ColumnRole.Consent))
        {
            section.Fail(time.Header, "No column means a consent whose time this could be.", $"Write {ConsentPrefix}PURPOSE for the column that says whether the person agreed, or ignored here.");
        }

        if (!columns.Exists(static c => c.Role == ColumnRole.ExternalId))
        {
            section.Fail(section.Line, "No column means external_id.", "Write external_id for the column that holds the company's id of the person.");
        }

        return columns;
    }

    private static string MeaningOf(ColumnRole role) => role switch
    {
        ColumnRole.ExternalId => CanonicalSource.ExternalId,
        ColumnRole.Email => CanonicalSource.Email,
        ColumnRole.Phone => CanonicalSource.Phone,
        ColumnRole.ConsentTime => ConsentTimeMeaning,
        _ => "",
    };

    private static AudienceGuardrail ParseGuardrail(YamlSection? section)
    {
        var guardrail = new AudienceGuardrail(
            section?.Number("max_removal_share", 0, 1) ?? DefaultMaxRemovalShare,
            section?.Number("max_addition_multiple", 0, StartAudienceSync.LargestAdditionMultiple));
        section?.RejectUnknownKeys();
        return guardrail;
    }
}
