using IntegrationHub.Connectors.Sandbox;

namespace EndToEnd.Tests;

/// <summary>One answer in five is faulty, in every way.</summary>
internal static class Storm
{
    private const double Share = 0.2 / 9;

    public static IEnumerable<Fault> Faults() =>
    [
        new() { Kind = FaultKind.Status, Status = 429, RetryAfter = TimeSpan.FromSeconds(1), Probability = Share },
        new() { Kind = FaultKind.Status, Status = 500, Probability = Share },
        new() { Kind = FaultKind.Status, Status = 503, Probability = Share },
        new() { Kind = FaultKind.Reset, Probability = Share },
        new() { Kind = FaultKind.LostResponse, Probability = Share },
        new() { Kind = FaultKind.MalformedBody, Probability = Share },
        new() { Kind = FaultKind.EmptyBody, Probability = Share },
        new() { Kind = FaultKind.UnknownCode, Probability = Share },
        new() { Kind = FaultKind.TokenExpiry, Probability = Share },
    ];
}
