using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What the last trips of canary people tell: more is shown than policy allows, or what was stated is not shown. Pure.</summary>
internal static class CanaryDiagnoser
{
    private const int MostNamed = 5;

    /// <summary>One verdict per canary and destination whose last trip did not go well; none of those that the configuration does not have any more.</summary>
    public static IEnumerable<Verdict> Explain(Situation situation, IReadOnlyDictionary<string, CanaryConfiguration> canaries) => situation.Canaries
        .Where(trip => canaries.GetValueOrDefault(trip.Canary)?.Destinations.Contains(trip.Destination) == true)
        .Select(trip => trip.State switch
        {
            CanaryState.Leaked => Placed(Leak(trip), trip),
            CanaryState.Missing => Placed(Missing(trip), trip),
            _ => null,
        })
        .OfType<Verdict>();

    private static Verdict Placed(Verdict verdict, CanaryTrip trip) => verdict with
    {
        Kind = "canary",
        Subject = trip.Canary,
        Destination = trip.Destination,
        Action = $"canaries show {trip.Canary}",
        Evidence = [.. trip.Findings.Take(MostNamed).Select(finding => $"{finding.Kind}: {finding.What}"), string.Create(CultureInfo.InvariantCulture, $"looked at {trip.Looks} times, last at {trip.LookedAt:u}")],
    };

    private static Verdict Leak(CanaryTrip trip) => new(
        DiagnosisCode.CanaryLeak,
        $"{trip.Destination} shows more of the canary {trip.Canary} than policy allows: {Named(trip.Findings.Where(finding => finding.IsLeak))}. What leaks of her may leak of everybody. If it is the hub that writes it, pause the runs to {trip.Destination} ('sync pause RUN') and write live: off into destinations/{trip.Destination}.yaml; the runbook canaries tells how to find the way out.")
    { Since = trip.StatedAt };

    private static Verdict Missing(CanaryTrip trip) => new(
        DiagnosisCode.CanaryMissing,
        $"What was stated of the canary {trip.Canary} at {trip.StatedAt:u} should have been shown at {trip.Destination} by {trip.GoalAt:u}, and is not: {Named(trip.Findings)}. 'destinations live {trip.Destination}' tells what becomes of changes there, 'deadletters list' who was given up.")
    { Since = trip.GoalAt };

    private static string Named(IEnumerable<CanaryFinding> findings) => string.Join(
        ", ",
        findings.GroupBy(finding => finding.Kind, StringComparer.Ordinal).Select(kind => string.Create(
            CultureInfo.InvariantCulture, $"{kind.Key} ({string.Join(", ", kind.Select(finding => finding.What).Take(MostNamed))}{(kind.Count() > MostNamed ? $" and {kind.Count() - MostNamed} more" : "")})")));
}
