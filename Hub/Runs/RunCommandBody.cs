using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Runs;

/// <summary>Body of <c>POST /v1/runs/{id}/approve</c>, <c>/pause</c>, <c>/resume</c> and <c>/cancel</c>; may be left out.</summary>
internal sealed record RunCommandBody : WhyJson
{
    /// <summary>When a cancellation has to say why.</summary>
    public const string WhenCancelNeedsWhy = "once the run has begun to deliver";

    /// <summary>Why it has to.</summary>
    public const string BecauseOfCancel = "the run has begun, and what it has not delivered is given up";

    /// <summary>The run's <c>version</c> that the caller saw, as in <c>If-Match</c>; when it is another by now, nothing is done.</summary>
    [JsonPropertyName("expected_version")]
    public string? ExpectedVersion { get; init; }

    /// <summary>Whether somebody who cancels a run has to say why. Before it delivers nothing was done yet, and it can be asked for anew.</summary>
    /// <param name="state">The run's state, one of <see cref="RunState"/>.</param>
    public static bool NeedsWhyToCancel(string state) => state is not (RunState.Requested or RunState.Snapshotting or RunState.Planning or RunState.AwaitingApproval);
}
