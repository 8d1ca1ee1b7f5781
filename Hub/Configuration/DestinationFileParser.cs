using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>destinations/*.yaml</c>.</summary>
/// <param name="secretReferences">Reads references to secrets.</param>
/// <param name="connectors">The connectors that the hub knows.</param>
internal sealed class DestinationFileParser(SecretReferenceParser secretReferences, IReadOnlyList<IConnectorFactory> connectors)
{
    private const string DefaultAudienceNamePattern = "{display_name}";

    private enum Switch
    {
        On,
        Off,
    }

    public DestinationConfiguration? Parse(ConfigurationFile file, DestinationOverrides overrides)
    {
        var root = file.Root;
        if (!ConfigurationNames.IsName(file.Name, isFile: true))
        {
            root.Fail(1, $"The destination's name {file.Name}, which is the file's name, is not a good name.", $"Rename the file. {ConfigurationNames.Rule}");
        }

        var connectorName = root.Text("connector", required: true);
        var owner = root.Text("owner");
        var baseUrl = ParseUrl(root, "base_url", overrides.Text("base_url"));
        var defaultBaseUrl = ParseUrl(root, "default_base_url", null);
        var identityKey = overrides.Text("identity_key") ?? root.Text("identity_key");
        var mapping = overrides.Text("mapping") ?? root.Text("mapping", required: true);
        var defaultCountry = CountryCode.Parse(root, "default_country");
        var purposes = root.Texts("purposes", required: true);
        var pattern = overrides.Text("audience_name_pattern") ?? root.Text("audience_name_pattern") ?? DefaultAudienceNamePattern;
        var live = ParseLive(root, overrides.Text("live"));
        var audiences = ParseAudiences(root.Section("audiences"));
        var credentials = root.Section("credentials");
        var settings = root.Section("settings");
        var quota = root.Section("quota");
        var consent = root.Section("consent");
        var events = root.Section("events");
        var reconcile = ReconcileSectionParser.Parse(root.Section("reconcile"), ofDestination: true);
        var backfill = BackfillSectionParser.Parse(root.Section("backfill"));
        var optOuts = root.Choice<Switch>("opt_outs");
        var create = root.Choice<CreationRule>("create");
        var onMerge = root.Choice<MergeRule>("on_merge");
        var onDelete = root.Choice<DeletionRule>("on_delete");
        var aliases = root.Section("aliases");

        // Overridden keys are known keys too.
        _ = (root.Text("identity_key"), root.Text("mapping"), root.Text("audience_name_pattern"));
        root.RejectUnknownKeys();
        overrides.RejectUnknownKeys();

        var factory = connectors.FirstOrDefault(c => c.Descriptor.Name == connectorName);
        if (factory is null)
        {
            if (connectorName is not null)
            {
                var names = connectors.Select(static c => c.Descriptor.Name).ToArray();
                root.Fail("connector", $"There is no connector {connectorName}.", $"{Spelling.Hint(connectorName, names)}Write one of: {string.Join(", ", names)}.");
            }

            return null;
        }

        var destination = new DestinationConfiguration
        {
            Name = file.Name,
            Owner = owner,
            Connector = factory.Descriptor.Name,
            BaseUrl = baseUrl,
            UsesSandbox = false,
            IdentityKey = identityKey ?? factory.Descriptor.DefaultIdentityKey,
            Credentials = ParseCredentials(root, credentials, factory.Descriptor, overrides),
            Settings = ParseSettings(root, settings, factory.Descriptor, overrides),
            Mapping = mapping ?? "",
            DefaultCountry = defaultCountry,
            Purposes = purposes,
            AudienceNamePattern = pattern,
            Audiences = audiences,
            Live = live,
            Reconcile = reconcile,
            Backfill = backfill,
            Consent = ConsentSectionParser.Parse(consent, factory.Descriptor),
            AsksForOptOuts = optOuts != Switch.Off,
            Create = create ?? CreationRule.Always,
            OnMerge = onMerge ?? MergeRule.Retire,
            OnDelete = onDelete ?? DeletionRule.Retire,
            Aliases = AliasSectionParser.Parse(aliases, factory.Descriptor),
            Events = EventSectionParser.Parse(events, factory.Descriptor),
            Quota = QuotaSectionParser.Calls(quota, factory.Descriptor),
            DailyShares = QuotaSectionParser.DailyShares(quota),
        };
        quota?.RejectUnknownKeys();
        CheckIdentityKey(root, factory.Descriptor, destination.IdentityKey);
        CheckOperation(root, "on_merge", destination.OnMerge == MergeRule.Merge, Operation.MergeProfiles, factory.Descriptor, "join people", "Write on_merge: retire, which takes the one that is shown no more out of its audiences, or on_merge: ignore.");
        CheckOperation(root, "on_delete", destination.OnDelete == DeletionRule.Delete, Operation.DeleteProfile, factory.Descriptor, "delete people", "Write on_delete: retire: the person is sent nothing any more.");
        return Connect(root, credentials, settings, destination, factory, defaultBaseUrl);
    }

    private static Uri? ParseUrl(YamlSection root, string key, string? overriding)
    {
        var written = root.Text(key);
        if ((overriding ?? written) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var url)
            && url.Scheme is "https" or "http"
            && url.UserInfo.Length + url.Query.Length + url.Fragment.Length == 0)
        {
            return url;
        }

        root.Fail(key, $"{key}{(overriding is null ? "" : ", as overridden,")} is not an http or https address.", "Write for example https://api.example.com, without user, query and fragment.");
        return null;
    }

    private static bool ParseLive(YamlSection root, string? overriding)
    {
        var written = root.Text("live");
        if ((overriding ?? written) is not (null or "on" or "off"))
        {
            root.Fail("live", $"live{(overriding is null ? "" : ", as overridden,")} is neither on nor off.", "Write live: on to send changes of people and memberships as they happen, or live: off to leave them to runs.");
        }

        return (overriding ?? written) == "on";
    }

    private static Dictionary<string, AudienceRepresentation> ParseAudiences(YamlSection? section)
    {
        var audiences = new Dictionary<string, AudienceRepresentation>(StringComparer.Ordinal);
        foreach (var key in section?.Keys ?? [])
        {
            if (section!.Section(key) is not { } audience)
            {
                continue;
            }

            audiences[key] = new AudienceRepresentation(audience.Text("name"), audience.Text("id"));
            audience.RejectUnknownKeys();
            if (audience.Has("name") == audience.Has("id"))
            {
                section.Fail(key, $"{section.PathOf(key)} needs either a name or an id.", "Write name to find or create it by name, or id to take the one that exists.");
            }
        }

        return audiences;
    }

    private Dictionary<string, SecretReference> ParseCredentials(
        YamlSection root, YamlSection? section, ConnectorDescriptor connector, DestinationOverrides overrides)
    {
        var secrets = connector.Settings.Where(static s => s.Secret).ToArray();
        var names = secrets.Select(static s => s.Name).ToArray();
        var credentials = new Dictionary<string, SecretReference>(StringComparer.Ordinal);
        foreach (var name in section?.Keys ?? [])
        {
            if (!names.Contains(name))
            {
                section!.Fail(name, $"{connector.DisplayName} has no credential {name}.", $"{Spelling.Hint(name, names)}Known credentials: {string.Join(", ", names)}.");
            }
            else if (section!.Section(name) is { } reference)
            {
                if (secretReferences.Parse(reference) is { } secret)
                {
                    credentials[name] = secret;
                }
                else
                {
                    section.Fail(name, $"{section.PathOf(name)} needs either env or file.", $"Write {SecretReferenceParser.Form}.");
                }
            }
        }

        foreach (var (name, variable, path) in overrides.Credentials())
        {
            if (names.FirstOrDefault(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase)) is { } known && secretReferences.Make(variable, path) is { } secret)
            {
                credentials[known] = secret;
            }
            else
            {
                root.Fail(root.LineOfKey("credentials"), $"The overriding credential {overrides.Path}:Credentials:{name} is wrong.", $"Set Env or File of one of: {string.Join(", ", names)}.");
            }
        }

        foreach (var missing in secrets.Where(s => s.Required && !credentials.ContainsKey(s.Name) && section?.Has(s.Name) != true))
        {
            root.Fail("credentials", $"The credential {missing.Name} is missing.", $"Write credentials: {{ {missing.Name}: {{ env: NAME }} }}. It is the {missing.Description}");
        }

        return credentials;
    }

    private static Dictionary<string, string> ParseSettings(
        YamlSection root, YamlSection? section, ConnectorDescriptor connector, DestinationOverrides overrides)
    {
        var names = connector.Settings.Where(static s => !s.Secret).Select(static s => s.Name).ToArray();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in section?.Keys ?? [])
        {
            if (connector.Settings.Any(s => s.Secret && s.Name == name))
            {
                section!.Fail(name, $"{name} is a secret and must not stand in a file.", $"Write it under credentials: {name}: {{ env: NAME }}, and change the secret if this file was shared.");
            }
            else if (!names.Contains(name))
            {
                section!.Fail(name, $"{connector.DisplayName} has no setting {name}.", $"{Spelling.Hint(name, names)}Known settings: {string.Join(", ", names)}.");
            }
            else if (section!.Text(name) is { } value)
            {
                settings[name] = value;
            }
        }

        foreach (var (name, value) in overrides.Settings())
        {
            if (names.FirstOrDefault(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase)) is { } known)
            {
                settings[known] = value;
            }
            else
            {
                root.Fail(root.LineOfKey("settings"), $"The overriding setting {overrides.Path}:Settings:{name} is not known.", $"{Spelling.Hint(name, names)}Known settings: {string.Join(", ", names)}.");
            }
        }

        foreach (var missing in connector.Settings.Where(s => s is { Required: true, Secret: false } && !settings.ContainsKey(s.Name)))
        {
            root.Fail("settings", $"The setting {missing.Name} is missing.", $"Write settings: {{ {missing.Name}: … }}. It is the {missing.Description}");
        }

        return settings;
    }

    private static void CheckOperation(YamlSection root, string key, bool isAskedFor, Operation operation, ConnectorDescriptor connector, string what, string fix)
    {
        if (isAskedFor && !connector.Operations.ContainsKey(operation))
        {
            root.Fail(key, $"{connector.DisplayName} cannot {what}.", fix);
        }
    }

    private static void CheckIdentityKey(YamlSection root, ConnectorDescriptor connector, string identityKey)
    {
        var admitted = connector.IdentityKeys.Any(key =>
            key.EndsWith('*') ? identityKey.StartsWith(key[..^1], StringComparison.Ordinal) : key == identityKey);
        if (!admitted)
        {
            root.Fail(
                "identity_key",
                $"{connector.DisplayName} cannot find people by {identityKey}.",
                $"{Spelling.Hint(identityKey, connector.IdentityKeys)}Write one of: {string.Join(", ", connector.IdentityKeys)}.");
        }
    }

    private static DestinationConfiguration Connect(
        YamlSection root, YamlSection? credentials, YamlSection? settings, DestinationConfiguration destination, IConnectorFactory factory, Uri? defaultBaseUrl)
    {
        var required = factory.Descriptor.Settings.Where(static s => s is { Secret: true, Required: true }).Select(static s => s.Name).ToArray();
        var unset = destination.Credentials.Where(c => c.Value.Read() is null).Select(static c => c.Key).ToArray();
        var anySet = unset.Length < destination.Credentials.Count;
        if (destination.BaseUrl is null && !root.Has("base_url") && !anySet)
        {
            destination = destination with { UsesSandbox = true };
        }
        else
        {
            foreach (var name in unset.Where(required.Contains))
            {
                var line = credentials?.LineOfKey(name) ?? root.Line;
                root.Fail(line, $"The credential {name} is not set: {destination.Credentials[name]} is missing or empty.", "Set it, or unset base URL and all credentials of the destination to use the sandbox.");
            }

            destination = destination with { BaseUrl = destination.BaseUrl ?? defaultBaseUrl };
            if (destination.BaseUrl is null && !root.Has("base_url"))
            {
                root.Fail("credentials", "There are credentials but no base URL.", $"Write base_url, or set Hub__Destinations__{destination.Name}__BaseUrl.");
            }
        }

        ReportSettingErrors(root, credentials, settings, destination, factory);
        return destination;
    }

    private static void ReportSettingErrors(
        YamlSection root, YamlSection? credentials, YamlSection? settings, DestinationConfiguration destination, IConnectorFactory factory)
    {
        var descriptor = factory.Descriptor;
        var stand = new Uri("https://localhost");
        var secrets = descriptor.Settings.Where(static s => s.Secret).ToDictionary(static s => s.Name, static _ => "sandbox");
        var checkable = destination.UsesSandbox || destination.BaseUrl is null ? destination.ToSettings(stand, secrets) : destination.ToSettings();
        foreach (var error in factory.Validate(checkable))
        {
            var isConnection = error.Setting == "base_url" || descriptor.Settings.Any(s => s.Secret && s.Name == error.Setting);
            if (isConnection && (destination.UsesSandbox || destination.BaseUrl is null || IsUnset(destination, error.Setting)))
            {
                continue;
            }

            var line = settings?.Has(error.Setting) == true ? settings.LineOfKey(error.Setting)
                : credentials?.Has(error.Setting) == true ? credentials.LineOfKey(error.Setting)
                : root.LineOfKey(error.Setting);
            root.Fail(line, $"{error.Setting}: {error.Problem}", error.Fix);
        }
    }

    private static bool IsUnset(DestinationConfiguration destination, string credential) =>
        destination.Credentials.TryGetValue(credential, out var reference) && reference.Read() is null;
}
