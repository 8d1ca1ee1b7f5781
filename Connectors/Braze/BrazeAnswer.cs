using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;

namespace IntegrationHub.Connectors.Braze;

/// <summary>What came of a call.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Status">HTTP status, 0 without an answer.</param>
/// <param name="Sent">Whether it reached Braze.</param>
/// <param name="Body">The parsed body, or null when there is none or it cannot be read.</param>
/// <param name="Wait">How long the headers ask to wait, or null.</param>
internal readonly record struct BrazeAnswer<T>(CallEnd End, int Status, Sent Sent, T? Body, TimeSpan? Wait)
    where T : class
{
    /// <summary>Why the gate did not let the call out, or null.</summary>
    public DestinationCondition? Refusal { get; init; }

    /// <summary>Where the list goes on, or null when there is no more of it.</summary>
    public string? Next { get; init; }
}
