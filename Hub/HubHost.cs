using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using Microsoft.AspNetCore.Connections;

namespace IntegrationHub.Hub;

/// <summary>The verbs <c>serve</c> and <c>validate</c>.</summary>
internal static class HubHost
{
    /// <summary>Serves until the process is told to stop.</summary>
    /// <exception cref="CommandLineException">The configuration has errors.</exception>
    public static async Task ServeAsync(string[] settings, CancellationToken cancellationToken)
    {
        await using var hub = await BuildAsync(settings, cancellationToken);
        try
        {
            await hub.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new CommandLineException(
                ExitCode.Failed,
                $"Something else answers at {string.Join(", ", hub.Web.Urls)} already, perhaps another hub. Stop it, or take another address: --Hub:Urls=http://localhost:8081, and HUB_URL=http://localhost:8081 for the other verbs.");
        }

        await System.Console.Error.WriteLineAsync($"The console is at {HubAddress.Of(hub.Web.Urls)}");
        await hub.Web.WaitForShutdownAsync(cancellationToken);
    }

    /// <summary>Every error of settings and configuration folder; empty when all is well.</summary>
    public static Task<IReadOnlyList<ConfigurationError>> ValidateAsync(string[] settings, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build();
        try
        {
            HubSettings.Load(configuration, HubSettings.Read(configuration), new ServiceCollection().AddConnectors().BuildConnectorFactories());
            return Task.FromResult<IReadOnlyList<ConfigurationError>>([]);
        }
        catch (HubConfigurationException exception)
        {
            return Task.FromResult(exception.Errors);
        }
    }

    /// <summary>What a configuration without errors allows and may not mean.</summary>
    public static IReadOnlyList<string> Warnings(string[] settings)
    {
        var given = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build();
        return ConsentWarnings.Of(HubSettings.Load(given, HubSettings.Read(given), new ServiceCollection().AddConnectors().BuildConnectorFactories()));
    }

    /// <summary>Builds a hub; what is wrong with its configuration becomes a usage error.</summary>
    /// <exception cref="CommandLineException">The configuration has errors.</exception>
    public static async Task<HubApplication> BuildAsync(string[] settings, CancellationToken cancellationToken)
    {
        try
        {
            return await HubApplication.BuildAsync(settings, null, cancellationToken);
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }
    }
}
