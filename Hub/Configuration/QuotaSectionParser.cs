using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads the section <c>quota</c> of <c>destinations/*.yaml</c>; the caller rejects the keys that are left.</summary>
internal static class QuotaSectionParser
{
    /// <summary>Calls by name of the connector's limit, and for <c>concurrency</c>.</summary>
    public static Dictionary<string, int> Calls(YamlSection? section, ConnectorDescriptor connector)
    {
        var calls = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in connector.RateLimits.Select(static limit => limit.Name).Append(DestinationConfiguration.Concurrency))
        {
            if (section?.Number(name, 1, int.MaxValue) is { } number)
            {
                calls[name] = (int)number;
            }
        }

        return calls;
    }

    /// <summary>Under <c>daily_share</c>: by lane, the share of a day's calls after which it waits for the next day.</summary>
    public static Dictionary<string, double> DailyShares(YamlSection? section)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        var byLane = section?.Section("daily_share");
        foreach (var lane in Lane.InOrder)
        {
            if (byLane?.Number(lane, 0.01, 1) is { } share)
            {
                shares[lane] = share;
            }
        }

        byLane?.RejectUnknownKeys();
        return shares;
    }
}
