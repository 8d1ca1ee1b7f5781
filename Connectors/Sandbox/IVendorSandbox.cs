namespace IntegrationHub.Connectors.Sandbox;

/// <summary>One vendor's sandbox: its endpoints and the state behind them. Thread-safe.</summary>
public interface IVendorSandbox
{
    /// <summary>The connector's name and the path prefix, lower case.</summary>
    string Name { get; }

    /// <summary>The secrets that this sandbox accepts, by the name of the connector's setting.</summary>
    IReadOnlyDictionary<string, string> Credentials { get; }

    /// <summary>People that share an identity which the vendor is meant to hold once.</summary>
    long Duplicates { get; }

    /// <summary>False while accepted work is not visible yet; a vendor that works at once is always settled.</summary>
    bool IsSettled => true;

    /// <summary>Lists the endpoints.</summary>
    void Map(SandboxEndpoints endpoints);

    /// <summary>
    /// Answers in the vendor's own words for <see cref="FaultKind.Status"/>, <see cref="FaultKind.TokenExpiry"/>,
    /// <see cref="FaultKind.UnknownCode"/> and <see cref="FaultKind.Vendor"/>. Returns false to serve the call as usual all the
    /// same (the handler then looks at <see cref="SandboxCall.Fault"/>).
    /// </summary>
    bool Answer(Fault fault, SandboxCall call);

    /// <summary>Forgets everybody and everything.</summary>
    void Reset();

    /// <summary>Everybody as the vendor holds them now, in no order; work that is accepted and not yet visible is left out.</summary>
    IEnumerable<SandboxPerson> People();

    /// <summary>Every event that the vendor keeps, in the order of arrival; empty where it keeps none.</summary>
    IEnumerable<SandboxBehavior> Events() => [];
}

/// <summary>A person in a sandbox.</summary>
/// <param name="Keys">Identity by vendor field name.</param>
/// <param name="Fields">Values as JSON text by vendor field name, the keys included where they are fields.</param>
/// <param name="Memberships">The audiences the person is a member of: attribute names, list ids.</param>
public sealed record SandboxPerson(
    IReadOnlyDictionary<string, string> Keys,
    IReadOnlyDictionary<string, string> Fields,
    IReadOnlyList<string> Memberships)
{
    /// <summary>Consent by the vendor's name of the state or topic (<c>email_subscribe</c>, a group's id), with the vendor's own word for it.</summary>
    public IReadOnlyDictionary<string, string> Consent { get; init; } = new Dictionary<string, string>();
}

/// <summary>An event that a sandbox keeps.</summary>
/// <param name="Name">The vendor's name of the kind of event.</param>
/// <param name="Id">The hub's id of the event as it stands in what the vendor keeps, or null when it is not there.</param>
/// <param name="PersonKeys">Identity of the person by vendor field name.</param>
public sealed record SandboxBehavior(string Name, string? Id, IReadOnlyDictionary<string, string> PersonKeys);
