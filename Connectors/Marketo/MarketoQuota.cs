using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>What an answer tells the gate. The vendor sends no limit headers: refusals and the usage report are all there is.</summary>
internal static class MarketoQuota
{
    /// <summary>The vendor's page marks these codes as not counted.</summary>
    private static readonly HashSet<string> Uncounted =
        new(["601", "602", "604", "605", "608", "611"], StringComparer.Ordinal);

    public static void Tell(CallPermit permit, MarketoAnswer answer, DateTimeOffset now)
    {
        switch (answer.Failure)
        {
            case null:
                break;
            case not null when answer.WasNeverSent:
                permit.NotCounted();
                break;
            case "606" or "http_429":
                permit.Report(new(MarketoDescriptor.Rate, null, 0, answer.RetryAfter ?? MarketoOutcomes.WaitFor(Wait.RateWindow, now), Refused: true));
                break;
            case "615":
                // Places in flight are no budget of calls; holding everybody back for a moment frees them.
                permit.Report(new(MarketoDescriptor.Rate, null, 0, MarketoOutcomes.WaitFor(Wait.Moment, now), Refused: true));
                break;
            case "607":
                permit.Report(new(MarketoDescriptor.Daily, null, 0, UsCentral.UntilMidnight(now), Refused: true));
                break;
            case { } code when Uncounted.Contains(code):
                permit.NotCounted();
                break;
        }
    }

    public static QuotaReading Day(int calls, long used, DateTimeOffset now) =>
        new(MarketoDescriptor.Daily, calls, (int)Math.Clamp(calls - used, 0, calls), UsCentral.UntilMidnight(now));
}
