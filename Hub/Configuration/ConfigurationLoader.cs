using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using Microsoft.Extensions.Configuration;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Loads and checks a configuration folder.</summary>
/// <param name="connectors">The connectors that the hub knows.</param>
/// <param name="overrides">The section <c>Hub</c> of the process's configuration: <c>Destinations:braze:BaseUrl</c> wins over the file.</param>
/// <param name="environment">Reads an environment variable that a credential refers to; the process's own unless a test says otherwise.</param>
internal sealed class ConfigurationLoader(
    IReadOnlyList<IConnectorFactory> connectors, IConfiguration overrides, Func<string, string?>? environment = null)
{
    private const string ConsentFile = "consent.yaml";
    private const string IdentityFile = "identity.yaml";
    private const string PolicyFile = "policy.yaml";
    /// <summary>The file that says whose attributes are, and whose statements count.</summary>
    public const string OwnershipFile = "ownership.yaml";

    private const string FactsFile = "facts.yaml";
    private const string SchedulesFile = "schedules.yaml";
    private const string SloFile = "slo.yaml";
    private const string AlertsFile = "alerts.yaml";
    private const string ApprovalsFile = "approvals.yaml";
    private const string CanariesFile = "canaries.yaml";

    /// <summary>The sample configuration, which is taken unless <c>Hub:ConfigPath</c> names another folder.</summary>
    public static string SampleFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Samples", "config");

    /// <summary>Reads the folder and reports every error, not only the first.</summary>
    /// <param name="folder">Path of the folder.</param>
    public ConfigurationResult Load(string folder)
    {
        var errors = new List<ConfigurationError>();
        if (!Directory.Exists(folder))
        {
            errors.Add(new ConfigurationError(folder, 0, "The configuration folder does not exist.", "Set Hub:ConfigPath to a folder with destinations, mappings, audiences and consent.yaml."));
            return new ConfigurationResult(null, errors);
        }

        return Load(ConfigurationFiles.ReadFolder(folder), folder);
    }

    /// <summary>Checks files and reports every error, not only the first.</summary>
    /// <param name="content">The files.</param>
    /// <param name="folder">Where files with secrets are that are named without a full path.</param>
    public ConfigurationResult Load(ConfigurationFiles content, string folder)
    {
        var errors = new List<ConfigurationError>();
        if (content.IsTooLarge)
        {
            errors.Add(new ConfigurationError(folder, 0, $"The configuration is larger than {ConfigurationFiles.MostBytes >> 20} MiB or {ConfigurationFiles.MostFiles} files.", "Keep lists of people elsewhere: 'snapshots load' and 'consent load' take them."));
            return new ConfigurationResult(null, errors);
        }

        foreach (var (path, text) in content.Texts)
        {
            if (text.Contains('\0', StringComparison.Ordinal))
            {
                errors.Add(new ConfigurationError(path, 0, "The file is no text.", "Write it anew, in UTF-8."));
            }

            if (SecretScan.FindLine(text) is { } line)
            {
                errors.Add(new ConfigurationError(path, line, "There is a secret in the file.", $"Take it out, also of its history, replace it at whoever gave it, and name where it is: {SecretReferenceParser.Form}."));
            }
        }

        var files = new ConfigurationFolder(content, errors);
        var mappings = files.ReadAll("mappings").Select(static file => (file.Root, Value: MappingFileParser.Parse(file))).ToArray();
        var audiences = files.ReadAll("audiences").Select(static file => (file.Root, Value: AudienceFileParser.Parse(file))).ToArray();
        var destinations = ReadDestinations(folder, files, errors);
        var identityFile = files.Has(IdentityFile) ? files.Read(IdentityFile) : null;
        var identity = identityFile is null ? IdentityRules.Default : IdentityFileParser.Parse(identityFile);
        var sources = files.ReadAll("sources", isNeeded: false).Select(file => (file.Root, Value: new SourceFileParser(new SecretReferenceParser(folder, environment)).Parse(file))).ToArray();
        var schedules = files.Has(SchedulesFile) && files.Read(SchedulesFile) is { } schedulesFile ? SchedulesFileParser.Parse(schedulesFile) : [];
        var consentFile = files.Read(ConsentFile);
        var consent = consentFile is null ? null : ConsentFileParser.Parse(consentFile);

        var policyFile = files.Has(PolicyFile) ? files.Read(PolicyFile) : null;
        var ownershipFile = files.Has(OwnershipFile) ? files.Read(OwnershipFile) : null;

        var configuration = new HubConfiguration
        {
            Policy = policyFile is null ? null : PolicyFileParser.Parse(policyFile),
            Ownership = ownershipFile is null ? null : OwnershipFileParser.Parse(ownershipFile),
            Destinations = destinations.ToDictionary(static d => d.Value.Name, static d => d.Value, StringComparer.Ordinal),
            Mappings = mappings.ToDictionary(static m => m.Value.Name, static m => m.Value, StringComparer.Ordinal),
            Facts = files.Has(FactsFile) && files.Read(FactsFile) is { } factsFile ? FactsFileParser.Parse(factsFile) : new Dictionary<string, FactTypeConfiguration>(),
            Consent = consent ?? new ConsentRules("", []),
            Audiences = audiences.ToDictionary(static a => a.Value.Key, static a => a.Value, StringComparer.Ordinal),
            Identity = identity,
            FormerNames = files.Has(RenamesFileParser.File) && files.Read(RenamesFileParser.File) is { } renamesFile ? RenamesFileParser.Parse(renamesFile, files.NamesIn) : FormerNames.None,
            Approvals = files.Has(ApprovalsFile) && files.Read(ApprovalsFile) is { } approvalsFile ? ApprovalsFileParser.Parse(approvalsFile) : new Dictionary<string, ApprovalConfiguration>(),
            Schedules = schedules.Select(static s => s.Value).ToDictionary(static s => s.Name, StringComparer.Ordinal),
            Sources = sources.Select(static s => s.Value).OfType<SourceConfiguration>()
                .ToDictionary(static s => s.Name, s => s with { Connectors = destinations.ToDictionary(static d => d.Value.Name, static d => d.Value.Connector, StringComparer.Ordinal) }, StringComparer.Ordinal),
        };
        configuration = configuration with
        {
            Ownership = configuration.Ownership is { } ownership ? ownership with { Vendors = OwnershipRules.VendorsOf(configuration) } : null,
            Slo = files.Has(SloFile) && files.Read(SloFile) is { } sloFile ? SloFileParser.Parse(sloFile, files.NamesIn("destinations")) : SloRules.Usual,
            AlertRoutes = files.Has(AlertsFile) && files.Read(AlertsFile) is { } alertsFile
                ? new AlertsFileParser(new SecretReferenceParser(folder, environment)).Parse(alertsFile, files.NamesIn("destinations"))
                : [],
        };
        if (files.Has(CanariesFile) && files.Read(CanariesFile) is { } canariesFile)
        {
            var read = configuration;
            configuration = configuration with
            {
                Canaries = CanariesFileParser.Parse(canariesFile).Select(canary => CanaryCheck.Complete(canary.Root, canary.Value, read)).ToDictionary(static canary => canary.Name, StringComparer.Ordinal),
            };
        }

        configuration = configuration with { Version = files.Version };
        FormerNamesCheck.CheckLines(configuration, consentFile?.Root, ownershipFile?.Root, identityFile?.Root);
        foreach (var (root, audience) in audiences)
        {
            CheckNames(root, "destinations", audience.Destinations, files.NamesIn("destinations"), "destination");
            if (consent is not null)
            {
                CheckNames(root, "columns", audience.Columns.Where(static c => c.Role == ColumnRole.Consent).Select(static c => c.Attribute!), [.. consent.Purposes.Select(static p => p.Name)], "purpose");
            }
        }

        if (consentFile?.Root.Section("sources") is { } authorities)
        {
            CheckAuthorities(authorities, consent!.Sources!, files.NamesIn("destinations"));
        }

        if (policyFile is not null)
        {
            FieldPolicyCheck.CheckLines(policyFile.Root, configuration, files.NamesIn("destinations"));
        }

        if (ownershipFile is not null)
        {
            OwnershipCheck.CheckLines(ownershipFile.Root, configuration, files.NamesIn("audiences"), files.NamesIn("destinations"));
        }

        foreach (var (root, destination) in destinations)
        {
            CheckDestination(root, destination, configuration, hasConsent: consent is not null, files);
            CheckVendor(root, destination, configuration);
        }

        foreach (var (root, source) in sources.Where(static s => s.Value is not null))
        {
            CheckSource(root, source!, consent is null ? null : [.. consent.Purposes.Select(static p => p.Name)], files.NamesIn("audiences"), files.NamesIn("destinations"));
        }

        foreach (var (root, schedule) in schedules)
        {
            CheckNames(root, schedule.What, [schedule.Audience], files.NamesIn("audiences"), "audience");
            CheckNames(root, "destinations", schedule.Destinations, configuration.Audiences.TryGetValue(schedule.Audience, out var scheduled) ? [.. scheduled.Destinations] : files.NamesIn("destinations"), "destination of the audience");
        }

        foreach (var (root, mapping) in mappings)
        {
            FieldPolicyCheck.CheckClass(root, mapping, configuration);
            CheckMutability(root, mapping, [.. destinations.Select(static d => d.Value).Where(d => d.Mapping == mapping.Name)]);
        }

        var ordered = errors.Distinct().OrderBy(static e => e.File, StringComparer.Ordinal).ThenBy(static e => e.Line).ToArray();
        return new ConfigurationResult(ordered.Length == 0 ? configuration : null, ordered);
    }

    private List<(YamlSection Root, DestinationConfiguration Value)> ReadDestinations(
        string folder, ConfigurationFolder files, List<ConfigurationError> errors)
    {
        var parser = new DestinationFileParser(new SecretReferenceParser(folder, environment), connectors);
        var sections = overrides.GetSection("Destinations");
        var destinations = new List<(YamlSection Root, DestinationConfiguration Value)>();
        var read = files.ReadAll("destinations");
        foreach (var file in read)
        {
            if (parser.Parse(file, new DestinationOverrides(sections.GetSection(file.Name), errors)) is { } destination)
            {
                destinations.Add((file.Root, destination));
            }
        }

        var names = files.NamesIn("destinations");
        foreach (var section in sections.GetChildren().Where(s => !names.Contains(s.Key, StringComparer.OrdinalIgnoreCase)))
        {
            errors.Add(new ConfigurationError(
                section.Path, 0, $"There is no destination {section.Key}.", $"{Spelling.Hint(section.Key, names)}Destinations are: {string.Join(", ", names)}."));
        }

        return destinations;
    }

    private static void CheckDestination(YamlSection root, DestinationConfiguration destination, HubConfiguration configuration, bool hasConsent, ConfigurationFolder files)
    {
        if (hasConsent)
        {
            string[] purposes = [.. configuration.Consent.Purposes.Select(static p => p.Name)];
            CheckNames(root, "purposes", destination.Purposes, purposes, "purpose");
            CheckNames(root, "consent", destination.Consent?.Purposes ?? [], purposes, "purpose");
        }

        CheckNames(root, "audiences", destination.Audiences.Keys, files.NamesIn("audiences"), "audience");
        if (destination.Mapping.Length == 0)
        {
            return;
        }

        CheckNames(root, "mapping", [destination.Mapping], files.NamesIn("mappings"), "mapping");
        if (!configuration.Mappings.TryGetValue(destination.Mapping, out var mapping))
        {
            return;
        }

        if (mapping.Fields.FirstOrDefault(f => f.To == destination.IdentityKey && f is { Owner: FieldOwner.Hub, Mutability: FieldMutability.Immutable }) is { } key)
        {
            CheckKey(root, mapping, key);
            FieldPolicyCheck.CheckKey(root, destination, key, configuration);
        }
        else
        {
            root.Fail(
                "mapping",
                $"The mapping {mapping.Name} has no immutable field {destination.IdentityKey} that the hub owns, and that is the identity key.",
                $"Map it: {{ from: external_id, to: {destination.IdentityKey}, type: text, mutability: immutable, classification: personal }}.");
        }

        CheckSources(root, destination, mapping, configuration);
    }

    private void CheckVendor(YamlSection root, DestinationConfiguration destination, HubConfiguration configuration)
    {
        if (configuration.Mappings.TryGetValue(destination.Mapping, out var mapping) && connectors.FirstOrDefault(factory => factory.Descriptor.Name == destination.Connector)?.Descriptor is { } vendor)
        {
            VendorFieldCheck.Check(root, mapping, vendor);
        }
    }

    private static void CheckSource(YamlSection root, SourceConfiguration source, string[]? purposes, string[] audiences, string[] destinations)
    {
        CheckNames(root, "destination", source.Destination is null ? [] : [source.Destination], destinations, "destination");
        CheckNames(root, "integrations", source.Integrations.Values, destinations, "destination");
        CheckNames(root, "audiences", source.Audiences.Values, audiences, "audience");
        CheckNames(root, "record", source.RecordAudience is null ? [] : [source.RecordAudience], audiences, "audience");
        if (purposes is not null)
        {
            CheckNames(root, "consent", source.Consent?.Categories.Values ?? [], purposes, "purpose");
            CheckNames(root, "opt_outs", source.OptOuts.Values.Select(static o => o.Purpose), purposes, "purpose");
        }
    }

    /// <summary>A key is what the ledger finds a person by, so it is sent, removed, looked up and compared as it stands there.</summary>
    private static void CheckKey(YamlSection root, MappingFile mapping, FieldMapping key)
    {
        var fits = key.From switch
        {
            CanonicalSource.ExternalId => key.Type == MappedType.Text && key.Transforms.All(static t => t == TextTransform.Trim),
            CanonicalSource.Email => key.Type == MappedType.Email && key.Transforms.All(static t => t is TextTransform.Trim or TextTransform.Lower),
            _ => false,
        };
        if (!fits || key.Values is not null || key.NullWords.Count > 0)
        {
            root.Fail(
                "mapping",
                $"In the mapping {mapping.Name} the identity key {key.To} is made of {key.From} in a way that the hub could not follow back to the person.",
                $"Write {{ from: external_id, to: {key.To}, type: text, mutability: immutable, … }} or {{ from: email, to: {key.To}, type: email, mutability: immutable, … }}, without values, null_words or transforms other than trim.");
        }
    }

    /// <summary>Nothing but the key is protected from being written again, so nothing else may be said to be.</summary>
    private static void CheckMutability(YamlSection root, MappingFile mapping, DestinationConfiguration[] destinations)
    {
        foreach (var field in mapping.Fields.Where(f => f.Mutability == FieldMutability.Immutable && destinations.Length > 0 && destinations.All(d => d.IdentityKey != f.To)))
        {
            root.Fail("fields", $"The field {field.To} is immutable, but it is no destination's identity key: the hub would write it again like any other.", "Remove mutability from the field, or let vendor be its owner.");
        }
    }

    private static void CheckSources(YamlSection root, DestinationConfiguration destination, MappingFile mapping, HubConfiguration configuration)
    {
        var attributes = configuration.Audiences.Values
            .Where(a => a.Destinations.Contains(destination.Name))
            .SelectMany(static a => a.Columns)
            .Where(static c => c.Role == ColumnRole.Attribute)
            .Select(static c => c.Attribute)
            .OfType<string>()
            .Concat(mapping.EventAttributes)
            .ToArray();
        if (attributes.Length == 0)
        {
            return;
        }

        foreach (var source in mapping.Fields.SelectMany(static f => f.Reads).Where(f => !CanonicalSource.IsKey(f) && !attributes.Contains(f)))
        {
            root.Fail(
                "mapping",
                $"The mapping {mapping.Name} reads the attribute {source}, which no column of the destination's audiences brings.",
                $"{Spelling.Hint(source, attributes)}Name a column for it in audiences/*.yaml, or list it under event_attributes in the mapping.");
        }
    }

    /// <summary>What comes back from a vendor is a copy of what the hub told it, or an opt-out.</summary>
    private static void CheckAuthorities(YamlSection section, IReadOnlyList<ConsentSource> sources, string[] destinations)
    {
        foreach (var source in sources.Where(source => source.MayGrant && (destinations.Contains(source.Name, StringComparer.OrdinalIgnoreCase) || ConsentSource.IsOfVendor(source.Name))))
        {
            section.Fail(source.Name, $"The source {source.Name} is {(ConsentSource.IsOfVendor(source.Name) ? "of " : "")}a destination, and what a vendor says can only deny.", $"Write {source.Name}: {{ may: [deny] }}, and give the right to grant to the source where people decide.");
        }
    }

    private static void CheckNames(YamlSection root, string key, IEnumerable<string> names, string[] known, string what)
    {
        foreach (var name in names.Where(n => !known.Contains(n)))
        {
            root.Fail(key, $"There is no {what} {name}.", $"{Spelling.Hint(name, known)}{(known.Length == 0 ? "None is configured" : $"Known: {string.Join(", ", known)}")}.");
        }
    }
}
