using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Hub.Encryption;

/// <summary>Reads the keys that columns are sealed with.</summary>
internal static class EncryptionKeys
{
    public const string Setting = "Hub:Encryption:Keys";
    private const string Make = "Make one: openssl rand -base64 32";

    /// <summary>The keys of a hub.</summary>
    /// <exception cref="HubConfigurationException">A reference leads nowhere or to something that is no key, a name is taken twice, the current one is not among them, or there is none to seal attributes with.</exception>
    public static SealingKeys Read(EncryptionOptions options)
    {
        var keys = (options.Keys ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ReadKey).ToList();
        if (keys.CountBy(key => key.Id).FirstOrDefault(key => key.Value > 1).Key is { } twice)
        {
            throw SecretSetting.Wrong(Setting, $"two keys are named '{twice}'", "Give each a name of its own");
        }

        var current = string.IsNullOrWhiteSpace(options.Current) ? null : options.Current.Trim();
        if (options.Profiles && current is null)
        {
            throw SecretSetting.Wrong("Hub:Encryption:Profiles", "attributes are to be sealed and there is no key to seal them with", "Name one in Hub:Encryption:Current, or leave this unset");
        }

        return current is null || keys.Exists(key => key.Id == current)
            ? new SealingKeys(keys, current) { SealsProfiles = options.Profiles }
            : throw SecretSetting.Wrong("Hub:Encryption:Current", $"there is no key '{current}' among Hub:Encryption:Keys", "Name one of them, or add it there");
    }

    private static SealingKey ReadKey(string entry)
    {
        if (entry.Split('=', 2, StringSplitOptions.TrimEntries) is not [var id, var reference])
        {
            throw SecretSetting.Wrong(Setting, $"'{entry}' does not say name and place", "Write NAME=file:PATH or NAME=env:VARIABLE, separated by commas");
        }

        var text = SecretSetting.Read(Setting, reference).Trim();
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length < SealingKey.LeastBytes)
        {
            throw SecretSetting.Wrong(Setting, $"{reference} does not hold {SealingKey.LeastBytes} random bytes or more in Base64", Make);
        }

        try
        {
            return new SealingKey(id, bytes.AsSpan(0, length));
        }
        catch (ArgumentException)
        {
            throw SecretSetting.Wrong(Setting, $"'{id}' is no name of a key", $"Take 1 to {SealingKey.LongestId} small letters, digits and hyphens");
        }
    }
}
