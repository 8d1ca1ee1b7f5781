using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>The settings of one Braze destination. The key is never held here: it is read when it is needed.</summary>
internal sealed class BrazeOptions(DestinationSettings settings)
{
    public const string ApiKeySetting = "api_key";

    /// <summary>Name of the destination, for logs.</summary>
    public string Destination => settings.Name;

    /// <summary>The instance's REST address without a trailing slash.</summary>
    public string BaseUrl { get; } = settings.BaseUrl.AbsoluteUri.TrimEnd('/');

    /// <summary>True when people are found by e-mail; otherwise by external id.</summary>
    public bool IdentityIsEmail => settings.IdentityKey == BrazeDescriptor.Email;

    /// <summary>The current key, or null when its reference leads nowhere or to something that cannot stand in a header.</summary>
    public string? ApiKey()
        => settings.Secrets.TryGetValue(ApiKeySetting, out var read) && read()?.Trim() is { Length: > 0 } key && key.All(char.IsAscii) && !key.Any(char.IsControl)
            ? key
            : null;

    /// <summary>Every mistake in the settings.</summary>
    public static IReadOnlyList<SettingError> Validate(DestinationSettings settings)
    {
        var errors = new List<SettingError>();
        if (settings.BaseUrl is not { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "" })
        {
            errors.Add(new("base_url", "It is not an http or https address.", "Write the REST address of the instance, such as https://rest.fra-01.braze.eu."));
        }

        if (!BrazeDescriptor.Instance.IdentityKeys.Contains(settings.IdentityKey))
        {
            errors.Add(new("identity_key", "Braze does not find people by it.", "Write external_id or email."));
        }

        if (!settings.Secrets.TryGetValue(ApiKeySetting, out var read) || string.IsNullOrWhiteSpace(read()))
        {
            errors.Add(new(ApiKeySetting, "There is no API key.", "Refer to an environment variable or a file that holds the key, such as BRAZE_API_KEY."));
        }

        foreach (var name in settings.Values.Keys)
        {
            errors.Add(new(name, "Braze destinations have no such setting.", "Remove it."));
        }

        return errors;
    }
}
