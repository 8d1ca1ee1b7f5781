using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Webhooks.Dialects;

namespace IntegrationHub.Hub.Intake.Webhooks;

/// <summary>What would come of a call, without a hub: no signature is asked for, and nothing is taken in.</summary>
internal static class SourceTrial
{
    private const string AnyDelivery = "trial";

    /// <summary>The sources of a configuration by name.</summary>
    /// <param name="settings">Settings as <c>--Hub:ConfigPath=folder</c>.</param>
    /// <exception cref="HubConfigurationException">The configuration has errors.</exception>
    public static HubConfiguration Load(string[] settings)
    {
        var given = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build();
        return HubSettings.Load(given, HubSettings.Read(given), new ServiceCollection().AddConnectors().BuildConnectorFactories());
    }

    /// <summary>Reads a call as its source's rules say.</summary>
    /// <returns>Each fact with what would become of it, and how much is deliberately nothing, by reason.</returns>
    public static (IReadOnlyList<(ReadOnlyMemory<byte> Body, FactVerdict Verdict)> Facts, IReadOnlyDictionary<string, int> Nothing) Read(
        HubConfiguration configuration, SourceConfiguration source, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var authority = ConsentAuthority.Of(configuration);
        var normalised = Normalisation.Read(source, AnyDelivery, body);
        return (
            [.. normalised.Facts.Select(fact => (fact.Body, fact.Defect is { } defect ? FactReading.SetAside(fact.Body, now, defect, authority.Purposes) : FactReading.Read(fact.Body, now, authority, rules: FactRules.Of(configuration))))],
            normalised.Nothing);
    }
}
