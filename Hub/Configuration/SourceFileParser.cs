using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>sources/*.yaml</c>.</summary>
internal sealed class SourceFileParser(SecretReferenceParser secretReferences)
{
    private static readonly Dictionary<string, SourceDialect[]> _dialects = new(StringComparer.Ordinal)
    {
        ["rename"] = [SourceDialect.Segment, SourceDialect.Rudderstack],
        ["page_views"] = [SourceDialect.Segment, SourceDialect.Rudderstack],
        ["consent"] = [SourceDialect.Segment, SourceDialect.Rudderstack],
        ["audiences"] = [SourceDialect.Segment, SourceDialect.Rudderstack],
        ["integrations"] = [SourceDialect.Segment, SourceDialect.Rudderstack],
        ["record"] = [SourceDialect.Rudderstack],
        ["opt_outs"] = [SourceDialect.Hubspot],
        ["destination"] = [SourceDialect.Hubspot],
        ["facts"] = [SourceDialect.Json],
        ["ignore"] = [SourceDialect.Json],
    };

    private enum Authority
    {
        Gate,
        Ledger,
    }

    /// <summary>The source, or null when too little of its file can be read; every mistake is reported.</summary>
    public SourceConfiguration? Parse(ConfigurationFile file)
    {
        var root = file.Root;
        if (!ConfigurationNames.IsName(file.Name, isFile: true))
        {
            root.Fail(1, $"The source's name {file.Name}, which is the file's name, is not a good name.", $"Rename the file. {ConfigurationNames.Rule}");
        }

        var dialect = root.Choice<SourceDialect>("dialect", required: true);
        var owner = root.Text("owner");
        var signature = new SignatureSectionParser(secretReferences).Parse(root.Section("signature", required: true));
        var publicUrl = ParseUrl(root, signature);
        var rename = root.Section("rename");
        var (events, traits) = (Names(rename?.Section("events")), Names(rename?.Section("traits")));
        rename?.RejectUnknownKeys();
        var pageViews = root.Flag("page_views");
        var consent = ParseConsent(root.Section("consent"));
        var audiences = Names(root.Section("audiences"));
        var unplanned = root.Section("violations") is { } violations ? ViolationsSectionParser.Parse(violations) : null;
        var integrations = Names(root.Section("integrations"));
        var record = root.Section("record");
        var recordAudience = record?.Text("audience", required: true);
        record?.RejectUnknownKeys();
        var destination = root.Text("destination");
        var optOuts = ParseOptOuts(root.Section("opt_outs"));
        var facts = dialect == SourceDialect.Json ? root.Sections("facts", required: true) : root.Sections("facts");
        var rules = facts.Select(ParseRule).OfType<JsonFactRule>().ToList();
        var ignored = root.Sections("ignore").Select(Pointers).ToList();
        root.RejectUnknownKeys();
        foreach (var (key, _) in _dialects.Where(known => dialect is { } spoken && root.Has(known.Key) && !known.Value.Contains(spoken)))
        {
            root.Fail(key, $"{key} means nothing in the dialect {root.Text("dialect")}.", $"Remove it, or write dialect: {string.Join(" or ", _dialects[key].Select(static d => YamlSection.NamesOf<SourceDialect>()[(int)d]))}.");
        }

        if (dialect == SourceDialect.Census && signature is { Scheme: not (SignatureScheme.Bearer or SignatureScheme.SecretHeader) })
        {
            root.Fail("signature", "Census signs nothing.", "Write scheme: bearer.");
        }

        return dialect is null || signature is null
            ? null
            : new SourceConfiguration
            {
                Name = file.Name,
                Owner = owner,
                Dialect = dialect.Value,
                Signature = signature,
                PublicUrl = publicUrl,
                EventNames = events,
                TraitNames = traits,
                PageViews = pageViews,
                Consent = consent,
                Audiences = audiences,
                Unplanned = unplanned,
                Integrations = integrations,
                RecordAudience = recordAudience,
                Destination = destination,
                OptOuts = optOuts,
                Facts = rules,
                Ignored = ignored,
            };
    }

    private static Uri? ParseUrl(YamlSection root, SignatureSection? signature)
    {
        var text = root.Text("public_url");
        if (text is null)
        {
            if (signature is { Scheme: SignatureScheme.Hubspot, AllowsV1: false })
            {
                root.Fail("signature", "HubSpot signs the address that it calls, and public_url does not say which.", "Write public_url with the address exactly as it stands in HubSpot, for example https://hub.example.com/v1/webhooks/crm.");
            }

            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.UserInfo.Length + url.Query.Length + url.Fragment.Length == 0)
        {
            return url;
        }

        root.Fail("public_url", "public_url is not an http or https address.", "Write for example https://hub.example.com/v1/webhooks/crm, without user, query and fragment; a query is taken from the call.");
        return null;
    }

    private static SourceConsent? ParseConsent(YamlSection? section)
    {
        if (section is null)
        {
            return null;
        }

        var categories = Names(section.Section("categories", required: true));
        var authority = section.Choice<Authority>("authority", required: true);
        section.RejectUnknownKeys();
        return new SourceConsent(categories, authority == Authority.Ledger);
    }

    private static Dictionary<string, OptOutProperty> ParseOptOuts(YamlSection? section)
    {
        var properties = new Dictionary<string, OptOutProperty>(StringComparer.Ordinal);
        foreach (var name in section?.Keys ?? [])
        {
            if (section!.Section(name) is not { } property)
            {
                continue;
            }

            var purpose = property.Text("purpose", required: true);
            var denied = property.Texts(ConsentWord.Denied, required: true);
            property.RejectUnknownKeys();
            properties[name] = new OptOutProperty(purpose ?? "", denied);
        }

        return properties;
    }

    private static JsonFactRule? ParseRule(YamlSection section)
    {
        string[] objects = ["attributes", "properties", "purchase", "merged", "evidence"];
        var when = section.Section("when");
        var type = section.Text("event_type", required: true);
        var rule = new JsonFactRule
        {
            When = when is null ? new Dictionary<string, string>() : Pointers(when),
            Each = section.Text("each"),
            EventType = type ?? "",
            EventId = section.Text("event_id"),
            OccurredAt = section.Text("occurred_at", required: true) ?? "",
            Subject = Names(section.Section("subject", required: true)),
            Payload = Names(section.Section("payload")),
            Objects = objects.Where(section.Has).ToDictionary(static name => name, name => (IReadOnlyDictionary<string, string>)Names(section.Section(name)), StringComparer.Ordinal),
        };
        _ = Array.ConvertAll(objects, name => section.Section(name)); // known keys, there or not
        section.RejectUnknownKeys();
        if (type is not null && !EventTypes.All.Contains(type))
        {
            section.Fail("event_type", $"There is no fact of the type {type}.", $"{Spelling.Hint(type, EventTypes.All)}Write one of: {string.Join(", ", EventTypes.All)}.");
        }

        if (rule.Each is not null && rule.Each[0] != '/')
        {
            section.Fail("each", "each is no JSON Pointer.", "Write where the list stands, for example /data/items.");
        }

        return rule;
    }

    private static Dictionary<string, string> Pointers(YamlSection section)
    {
        var pointers = Names(section);
        foreach (var pointer in pointers.Keys.Where(static p => p.Length == 0 || p[0] != '/'))
        {
            section.Fail(pointer, $"{pointer} is no JSON Pointer.", "Write where the text stands and what it must be, for example /type: customer.updated.");
        }

        return pointers;
    }

    private static Dictionary<string, string> Names(YamlSection? section) =>
        (section?.Keys ?? []).Select(key => (Key: key, Text: section!.Text(key))).Where(static pair => pair.Text is not null)
            .ToDictionary(static pair => pair.Key, static pair => pair.Text!, StringComparer.Ordinal);
}
