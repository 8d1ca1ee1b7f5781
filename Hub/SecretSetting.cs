using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub;

/// <summary>A secret that a setting of the process names by reference: <c>env:NAME</c> or <c>file:PATH</c>.</summary>
internal static class SecretSetting
{
    /// <summary>What stands where a reference leads.</summary>
    /// <param name="setting">The setting, for who reads the error.</param>
    /// <param name="reference">The reference.</param>
    /// <exception cref="HubConfigurationException">It is no reference, or leads nowhere.</exception>
    public static string Read(string setting, string reference)
    {
        var secret = reference.Split(':', 2) switch
        {
            ["env", var name] => SecretReference.ToEnvironment(name),
            ["file", var path] => SecretReference.ToFile(Path.GetFullPath(path)),
            _ => throw Wrong(setting, $"'{reference}' is no reference to a secret", "Write env:NAME or file:PATH; where several are given they are separated by commas"),
        };
        return secret.Read() ?? throw Wrong(setting, $"{secret} is missing or empty", "Put the secret there, or name another place");
    }

    /// <summary>Says what is wrong with a setting.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="problem">What is wrong, without the full stop.</param>
    /// <param name="fix">What to do, without the full stop.</param>
    public static HubConfigurationException Wrong(string setting, string problem, string fix) => new([new ConfigurationError("settings", 0, $"{setting}: {problem}.", $"{fix}.")]);
}
