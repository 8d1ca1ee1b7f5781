namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// One destination as its connector serves it. Thread-safe: several batches may be in flight. Never retries: whoever calls owns the
/// retry. Throws only <see cref="OperationCanceledException"/> and on bugs; everything a vendor can answer is a receipt.
/// Never writes a field value, key, token or body to a log or an exception text.
/// </summary>
public interface IConnector
{
    /// <summary>What the connector is and can do.</summary>
    ConnectorDescriptor Descriptor { get; }

    /// <summary>Verifies credentials and permissions without changing anything at the vendor. Null when all is well.</summary>
    Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Finds the vendor's side of an audience, creating it when it is missing and the vendor allows. Harmless to repeat.
    /// </summary>
    /// <param name="request">Which audience, and how the configuration wants it represented.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The target, or the condition that prevents it.</returns>
    Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken);

    /// <summary>Sends a batch within the declared limits and answers with one outcome per item.</summary>
    Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken);
}

/// <summary>Which audience a destination should represent.</summary>
/// <param name="Audience">The hub's key of the audience.</param>
/// <param name="RemoteName">Name to find or create at the vendor.</param>
/// <param name="RemoteId">Id at the vendor when the configuration gives it; then nothing is searched or created.</param>
public sealed record AudienceRequest(string Audience, string RemoteName, string? RemoteId = null);

/// <summary>The vendor's side of an audience, or why there is none; exactly one is set.</summary>
/// <param name="Target">The audience at the vendor.</param>
/// <param name="Condition">What prevents it.</param>
public sealed record EnsureAudienceResult(AudienceTarget? Target, DestinationCondition? Condition);

/// <summary>A connector that can list all members of an audience: full verification and mirror mode.</summary>
public interface IMemberListing
{
    /// <summary>
    /// Pages through the members. Each page holds <see cref="RemoteMember"/>s in the vendor's order; a member may appear twice when
    /// the list changes meanwhile.
    /// </summary>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(AudienceTarget audience, CancellationToken cancellationToken);
}

/// <summary>A connector that can tell for given people whether they are members, but not list strangers.</summary>
public interface IMemberLookup
{
    /// <summary>People per call of <see cref="LookUpMembersAsync"/>.</summary>
    int MaxKeysPerLookup { get; }

    /// <summary>Returns those of the given keys that are members now, at most <see cref="MaxKeysPerLookup"/> keys.</summary>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<IReadOnlyList<RemoteMember>> LookUpMembersAsync(AudienceTarget audience, IReadOnlyList<string> keys, CancellationToken cancellationToken);
}

/// <summary>A member as the vendor tells it. At least one of the two is set.</summary>
/// <param name="RemoteId">The vendor's id of the person.</param>
/// <param name="Key">The identity key, normalised.</param>
public readonly record struct RemoteMember(string? RemoteId, string? Key);

/// <summary>A destination in trouble while members are read. The message never holds personal data.</summary>
/// <param name="condition">What is wrong.</param>
public sealed class DestinationException(DestinationCondition condition) : Exception($"{condition.Trouble}: {condition.Code}")
{
    /// <summary>What is wrong.</summary>
    public DestinationCondition Condition { get; } = condition;
}
