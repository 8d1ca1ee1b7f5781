using System.Net.Http.Headers;

namespace IntegrationHub.Connectors.Abstractions.Calls;

/// <summary>What came of a call. Contains personal data: never log it.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Sent">Whether it reached the vendor.</param>
public readonly record struct VendorAnswer(CallEnd End, Sent Sent)
{
    /// <summary>HTTP status, 0 without an answer.</summary>
    public int Status { get; init; }

    /// <summary>The answer's headers, null without an answer.</summary>
    public HttpResponseHeaders? Headers { get; init; }

    /// <summary>The answer's body; empty without one, and where the body of a refusal could not be read. Given back after it was read: keep no part of it.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How long the header <c>Retry-After</c> asks to wait, never below zero; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Why there is no answer: a name of <see cref="TransportTrouble"/>, or a handler's own code where it did not send the call. Null after an answer, and where the
    /// gate or the last look did not admit the call.
    /// </summary>
    public string? Trouble { get; init; }

    /// <summary>Why the gate did not admit the call, or null.</summary>
    public DestinationCondition? Refusal { get; init; }
}
