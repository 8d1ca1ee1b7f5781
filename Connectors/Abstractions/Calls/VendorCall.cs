using System.Net.Http.Headers;

namespace IntegrationHub.Connectors.Abstractions.Calls;

/// <summary>One call to a vendor.</summary>
/// <param name="Endpoint">The endpoint; the gate is entered for it.</param>
/// <param name="Address">Where to. Holds no value of a person: addresses are written to logs and traces.</param>
public sealed record VendorCall(VendorEndpoint Endpoint, Uri Address)
{
    /// <summary>
    /// Set to true by a handler that answers a request itself, for want of credentials, instead of sending it: the vendor cannot have
    /// done anything, and does not count the call.
    /// </summary>
    public static HttpRequestOptionsKey<bool> WasNotSent { get; } = new("vendor-call.was-not-sent");

    /// <summary>Set beside <see cref="WasNotSent"/>: why, as a stable code.</summary>
    public static HttpRequestOptionsKey<string> NotSentBecause { get; } = new("vendor-call.not-sent-because");

    /// <summary>The body, or null for none. Written anew when a handler sends the request a second time.</summary>
    public HttpContent? Content { get; init; }

    /// <summary>The bytes of a file that are asked for, or null for all.</summary>
    public RangeHeaderValue? Range { get; init; }

    /// <summary>The last look at the records that the call writes, once the gate has admitted it; null for a call that writes nobody.</summary>
    public CallClearance? Clearance { get; init; }

    /// <summary>Longest time until the answer is read, from when the gate opens; null takes that of the destination.</summary>
    public TimeSpan? Timeout { get; init; }
}
