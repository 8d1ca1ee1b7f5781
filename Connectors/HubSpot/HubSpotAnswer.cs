using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>A parsed answer or why there is none; exactly one is set.</summary>
internal readonly record struct HubSpotAnswer<T>(T? Body, HubSpotFailure? Failure)
    where T : class;

/// <summary>A call that brought no usable answer.</summary>
/// <param name="Status">HTTP status, or one of the negative ones below.</param>
/// <param name="Error">What the body said.</param>
/// <param name="RetryAfter">What the header asked, or null.</param>
internal sealed record HubSpotFailure(int Status, HubSpotError Error, TimeSpan? RetryAfter)
{
    public const int NoAnswer = -1;
    public const int NoConnection = -2;
    public const int Unreadable = -3;
    public const int NotAdmitted = -4;

    /// <summary>Why the gate did not admit the call, with <see cref="NotAdmitted"/>; else null.</summary>
    public DestinationCondition? Refusal { get; private init; }

    /// <summary>The call was not made: its <see cref="CallClearance"/> was not given.</summary>
    public static HubSpotFailure NotCleared { get; } = new(NotAdmitted, new HubSpotError(), null);

    public static HubSpotFailure Timeout { get; } = new(NoAnswer, new HubSpotError(), null);

    public static HubSpotFailure Connection { get; } = new(NoConnection, new HubSpotError(), null);

    public static HubSpotFailure Malformed { get; } = new(Unreadable, new HubSpotError(), null);

    public static HubSpotFailure Refused(DestinationCondition refusal) => new(NotAdmitted, new HubSpotError(), refusal.RetryAfter) { Refusal = refusal };
}
