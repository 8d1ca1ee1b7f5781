using System.Diagnostics.CodeAnalysis;
using IntegrationHub.Connectors.Abstractions.Calls;
using IntegrationHub.Connectors.Abstractions.Notices;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>Makes a connector for a destination. Registered once per vendor by its <c>Add…</c> method; found by the descriptor's name.</summary>
public interface IConnectorFactory
{
    /// <summary>What the connector is and can do.</summary>
    ConnectorDescriptor Descriptor { get; }

    /// <summary>Checks a destination's settings and returns every error, not only the first; empty when they are fine.</summary>
    IReadOnlyList<SettingError> Validate(DestinationSettings settings);

    /// <summary>Connects a destination. The settings were validated before.</summary>
    /// <returns>Its connector behind any gate; whoever makes calls takes it behind the gate of its own work.</returns>
    ConnectorBehind Create(ConnectorContext context);
}

/// <summary>
/// A destination's connector, all of whose calls pass the given gate. What belongs to the account, such as its access token and what was learned of it, is
/// shared by the connectors behind all gates.
/// </summary>
/// <param name="gate">Stands before every vendor call.</param>
public delegate IConnector ConnectorBehind(ICallGate gate);

/// <summary>An error in a destination's settings.</summary>
/// <param name="Setting">Name of the setting, snake_case.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Fix">What to write instead.</param>
public sealed record SettingError(string Setting, string Problem, string Fix);

/// <summary>A destination's settings, with secrets resolved on use.</summary>
public sealed record DestinationSettings
{
    /// <summary>Name of the destination.</summary>
    public required string Name { get; init; }

    /// <summary>Where the vendor's API answers, without a trailing slash.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The vendor field that identifies a person in this destination, one of the descriptor's identity keys.</summary>
    public required string IdentityKey { get; init; }

    /// <summary>Plain settings by name.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets by name. Each is read anew when it is needed, so a rotated secret works without a restart; null when the reference leads nowhere.</summary>
    public IReadOnlyDictionary<string, Func<string?>> Secrets { get; init; } = new Dictionary<string, Func<string?>>();
}

/// <summary>What a connector is given to work with.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The transport belongs to the caller; what is put before it holds nothing else.")]
public sealed record ConnectorContext
{
    /// <summary>The destination.</summary>
    public required DestinationSettings Settings { get; init; }

    /// <summary>
    /// The transport for every vendor call: pooled connections, tracing, fault injection in tests. Owned by the caller; the connector puts
    /// its own handlers before it. What is read here names the hub to the vendor in <c>User-Agent</c>.
    /// </summary>
    public required HttpMessageHandler Transport { get; init => field = new VendorUserAgent(value); }

    /// <summary>Longest time for one vendor call unless the connector knows a call that needs longer.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Takes what the vendor says of its interfaces beside answers; null for nobody.</summary>
    public IVendorNotices? Notices { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Loggers.</summary>
    public required ILoggerFactory Loggers { get; init; }
}
