using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>The secret of the console's client at the provider, read anew on every use.</summary>
internal sealed class ClientSecret(OidcOptions options)
{
    private const int LeastLength = 16;

    /// <summary>The secret; null when it is missing, or so short that it could be guessed from what is sealed with it.</summary>
    public string? Read() => options.ClientSecretFile is { } file && SecretReference.ToFile(Path.GetFullPath(file)).Read() is { Length: >= LeastLength } secret ? secret : null;

    /// <summary>Looks once, at the start.</summary>
    /// <exception cref="HubConfigurationException">There is none.</exception>
    public void Check()
    {
        if (Read() is null)
        {
            throw new HubConfigurationException([new ConfigurationError("settings", 0, $"Hub:Oidc:ClientSecretFile: {options.ClientSecretFile} holds no secret of {LeastLength} characters or more.", "Put there what the provider shows for the client.")]);
        }
    }
}
