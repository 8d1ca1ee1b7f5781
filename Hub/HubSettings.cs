using System.ComponentModel.DataAnnotations;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Marketo;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Security.Oidc;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub;

/// <summary>The configuration has errors; the message lists every one with file, line and fix.</summary>
internal sealed class HubConfigurationException(IReadOnlyList<ConfigurationError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<ConfigurationError> Errors { get; } = errors;
}

/// <summary>Reads and checks what a hub instance is told at start.</summary>
internal static class HubSettings
{
    private const string Section = "Hub";

    /// <exception cref="HubConfigurationException">A setting is missing or wrong.</exception>
    public static HubOptions Read(IConfiguration configuration)
    {
        HubOptions options;
        try
        {
            options = configuration.GetSection(Section).Get<HubOptions>() ?? new HubOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new HubConfigurationException([new ConfigurationError("settings", 0, exception.Message, "See the README for the settings below Hub.")]);
        }

        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        var errors = results.Select(result => new ConfigurationError("settings", 0, $"{Section}:{result.MemberNames.First()}: {result.ErrorMessage}", "Set it or leave it out.")).ToList();
        if (options.Bus == BusKind.RabbitMq && !Uri.TryCreate(options.RabbitMq, UriKind.Absolute, out _))
        {
            errors.Add(new ConfigurationError("settings", 0, "Hub:RabbitMq holds no address.", "Set Hub__RabbitMq=amqp://user:password@host:5672/vhost, or Hub__Bus=InMemory."));
        }

        if (options.Database == StorageDatabase.Postgres && string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            errors.Add(new ConfigurationError("settings", 0, "Hub:ConnectionString is missing.", "Set Hub__ConnectionString=Host=...;Database=...;Username=...;Password=..., or Hub__Database=Sqlite."));
        }

        if (options.Config.Poll < TimeSpan.FromMilliseconds(100) || options.Config.Poll > TimeSpan.FromMinutes(1))
        {
            errors.Add(new ConfigurationError("settings", 0, $"{Section}:Config:Poll is not between 0.1 s and 1 min.", "Set Hub__Config__Poll=00:00:05, or leave it out."));
        }

        if (options.Config.LongestEnd < TimeSpan.FromSeconds(1) || options.Config.LongestEnd > TimeSpan.FromMinutes(10))
        {
            errors.Add(new ConfigurationError("settings", 0, $"{Section}:Config:LongestEnd is not between 1 s and 10 min.", "Set Hub__Config__LongestEnd=00:01:00, or leave it out."));
        }

        errors.AddRange(OidcSettings.Check(options.Oidc));
        return errors.Count == 0 ? options : throw new HubConfigurationException(errors);
    }

    /// <exception cref="HubConfigurationException">A file of the configuration folder has errors.</exception>
    public static HubConfiguration Load(IConfiguration configuration, HubOptions options, IReadOnlyList<IConnectorFactory> factories)
    {
        var result = new ConfigurationLoader(factories, configuration.GetSection(Section)).Load(ConfigPath(options));
        return result.Configuration ?? throw new HubConfigurationException(result.Errors);
    }

    /// <summary>Checks files as if they stood in the configuration folder: settings override them, and secrets are looked for from there.</summary>
    public static ConfigurationResult Check(IConfiguration configuration, HubOptions options, IReadOnlyList<IConnectorFactory> factories, ConfigurationFiles files) =>
        new ConfigurationLoader(factories, configuration.GetSection(Section)).Load(files, ConfigPath(options));

    /// <summary>The configuration folder.</summary>
    public static string ConfigPath(HubOptions options) => Path.GetFullPath(options.ConfigPath ?? Path.Combine(AppContext.BaseDirectory, "Samples", "config"));

    /// <summary>What storage needs to know.</summary>
    /// <exception cref="HubConfigurationException">A key of <c>Hub:Encryption</c> is missing or wrong.</exception>
    public static StorageOptions Storage(HubOptions options)
    {
        if (options.Database == StorageDatabase.Postgres)
        {
            return new StorageOptions { Database = options.Database, ConnectionString = options.ConnectionString!, Migrates = options.MigrateAtStart, ReadConnections = options.ReadConnections, LongestRead = options.LongestRead, Sealing = EncryptionKeys.Read(options.Encryption) };
        }

        if (options.ConnectionString is null)
        {
            Directory.CreateDirectory(options.DataPath);
        }

        return new StorageOptions { Database = options.Database, ConnectionString = options.ConnectionString ?? $"Data Source={Path.Combine(Path.GetFullPath(options.DataPath), "hub.db")}", Migrates = options.MigrateAtStart, ReadConnections = options.ReadConnections, LongestRead = options.LongestRead, Sealing = EncryptionKeys.Read(options.Encryption) };
    }

    /// <summary>The connectors that ship; a new vendor is one more line.</summary>
    public static IServiceCollection AddConnectors(this IServiceCollection services) => services
        .AddBraze()
        .AddHubSpot()
        .AddMarketo();

    /// <summary>The connectors that were registered, needed before the container is built because they check the configuration.</summary>
    public static IReadOnlyList<IConnectorFactory> BuildConnectorFactories(this IServiceCollection services)
    {
        using var provider = services.BuildServiceProvider();
        return [.. provider.GetServices<IConnectorFactory>()];
    }
}
