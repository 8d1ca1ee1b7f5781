using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>A destination's settings, read and checked. Secrets stay behind <see cref="DestinationSettings.Secrets"/> and are never copied.</summary>
internal sealed record MarketoOptions
{
    public const string ClientId = "client_id";
    public const string ClientSecret = "client_secret";
    public const string FolderId = "folder_id";
    public const string FolderType = "folder_type";
    public const string PartitionName = "partition_name";
    public const string EventIdAttribute = "event_id_attribute";
    public const string CallsPerDay = "calls_per_day";
    public const string ImportFrom = "import_from";
    public const string ExtractFrom = "extract_from";
    public const string DefaultEventIdAttribute = "hubEventId";

    private static readonly string[] FolderTypes = ["Folder", "Program"];

    /// <summary>The lookup field, <c>email</c> by default.</summary>
    public required string IdentityKey { get; init; }

    /// <summary>Where missing lists are created; null when they are not.</summary>
    public long? Folder { get; init; }

    /// <summary><c>Folder</c> or <c>Program</c>.</summary>
    public string FolderKind { get; init; } = FolderTypes[0];

    /// <summary>Partition for new people, or null for the instance's default.</summary>
    public string? Partition { get; init; }

    /// <summary>Attribute of custom activities that holds the hub's event id.</summary>
    public string EventIdField { get; init; } = DefaultEventIdAttribute;

    /// <summary>Calls a day by contract.</summary>
    public int DailyCalls { get; init; } = MarketoDescriptor.CallsPerDay;

    /// <summary>Records of one partition from which on an import is used; 0 for never, null where nobody chose.</summary>
    public int? ImportsFrom { get; init; }

    /// <summary>Members of a list from which on a comparison reads them from a file; 0 for never.</summary>
    public int ExtractsFrom { get; init; } = MarketoExtracts.WorthwhileFrom;

    public static MarketoOptions Read(DestinationSettings settings) => new()
    {
        IdentityKey = settings.IdentityKey,
        Folder = settings.Values.TryGetValue(FolderId, out var folder) ? long.Parse(folder, CultureInfo.InvariantCulture) : null,
        FolderKind = settings.Values.GetValueOrDefault(FolderType, FolderTypes[0]),
        Partition = settings.Values.GetValueOrDefault(PartitionName),
        EventIdField = settings.Values.GetValueOrDefault(EventIdAttribute, DefaultEventIdAttribute),
        DailyCalls = settings.Values.TryGetValue(CallsPerDay, out var calls) ? int.Parse(calls, CultureInfo.InvariantCulture) : MarketoDescriptor.CallsPerDay,
        ExtractsFrom = settings.Values.TryGetValue(ExtractFrom, out var extracts) ? int.Parse(extracts, CultureInfo.InvariantCulture) : MarketoExtracts.WorthwhileFrom,
        ImportsFrom = settings.Values.TryGetValue(ImportFrom, out var imports) ? int.Parse(imports, CultureInfo.InvariantCulture) : null,
    };

    /// <summary>An identity key as the vendor spells it, in the hub's normal form: an e-mail address in lower case, any other as it is.</summary>
    public string Normal(string key) => string.Equals(IdentityKey, "email", StringComparison.OrdinalIgnoreCase) ? key.ToLowerInvariant() : key;

    public static IReadOnlyList<SettingError> Validate(DestinationSettings settings)
    {
        var errors = new List<SettingError>();
        if (!settings.BaseUrl.IsAbsoluteUri
            || settings.BaseUrl.Scheme is not ("https" or "http") || settings.BaseUrl.Query.Length > 0)
        {
            errors.Add(new("base_url", "is not the address of a Marketo instance", "write its root without /rest, for example https://123-ABC-456.mktorest.com"));
        }

        if (!IsFieldName(settings.IdentityKey) || settings.IdentityKey is "id")
        {
            errors.Add(new("identity_key", "is not a field by which Marketo can find a person", "write email or the REST name of a custom string field"));
        }

        foreach (var secret in (string[])[ClientId, ClientSecret])
        {
            if (string.IsNullOrWhiteSpace(settings.Secrets.GetValueOrDefault(secret)?.Invoke()))
            {
                errors.Add(new(secret, "is missing or refers to nothing", "refer to the environment variable or file that holds it"));
            }
        }

        if (settings.Values.TryGetValue(FolderId, out var folder)
            && !(long.TryParse(folder, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0))
        {
            errors.Add(new(FolderId, "is not a positive whole number", "write the id of a Marketo folder or program"));
        }

        if (settings.Values.TryGetValue(FolderType, out var kind) && !FolderTypes.Contains(kind, StringComparer.Ordinal))
        {
            errors.Add(new(FolderType, "is neither Folder nor Program", "write Folder or Program"));
        }
        else if (kind is not null && !settings.Values.ContainsKey(FolderId))
        {
            errors.Add(new(FolderType, "says what folder_id names, and there is no folder_id", "set folder_id too, or leave folder_type out"));
        }

        if (settings.Values.TryGetValue(PartitionName, out var partition) && string.IsNullOrWhiteSpace(partition))
        {
            errors.Add(new(PartitionName, "is empty", "write the partition's name or leave the setting out"));
        }

        if (settings.Values.TryGetValue(EventIdAttribute, out var attribute) && !IsFieldName(attribute))
        {
            errors.Add(new(EventIdAttribute, "is not the API name of an attribute", "write the name of an attribute that every custom activity type has"));
        }

        if (settings.Values.TryGetValue(CallsPerDay, out var calls)
            && !(int.TryParse(calls, NumberStyles.None, CultureInfo.InvariantCulture, out var daily) && daily > 0))
        {
            errors.Add(new(CallsPerDay, "is not a positive whole number", "write the calls per day of the subscription's contract, for example 50000"));
        }

        if (settings.Values.TryGetValue(ImportFrom, out var from)
            && !(int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var least) && least <= MarketoImports.MaxRecords))
        {
            errors.Add(new(ImportFrom, $"is no whole number from 0 to {MarketoImports.MaxRecords}", "write from how many records on imports are used, or 0 to use none"));
        }

        if (settings.Values.TryGetValue(ExtractFrom, out var members) && !int.TryParse(members, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            errors.Add(new(ExtractFrom, "is no whole number", "write from how many members on a comparison reads a list from a file, or 0 to read it page by page"));
        }

        string[] plain = [FolderId, FolderType, PartitionName, EventIdAttribute, CallsPerDay, ImportFrom, ExtractFrom];
        errors.AddRange(settings.Values.Keys.Where(name => !plain.Contains(name, StringComparer.Ordinal))
            .Select(name => new SettingError(name, "is not a setting of this connector", $"use one of {string.Join(", ", plain)}")));
        return errors;
    }

    private static bool IsFieldName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
