using System.Globalization;
using System.Net.Http.Headers;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Tells the gate what HubSpot says about its limits, in headers and by refusing a call:
/// https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
/// </summary>
internal sealed class HubSpotQuota(TimeProvider time)
{
    public const string Burst = "burst";
    public const string Daily = "daily";
    public const string Events = "events";
    public const string Searches = "searches";

    private volatile TimeZoneInfo? _accountZone;

    /// <summary>Time zone of the account, null until it is configured or learned.</summary>
    public TimeZoneInfo? AccountZone
    {
        get => _accountZone;
        set => _accountZone = value;
    }

    /// <summary>Time until the account's next midnight, or null while its zone is not known.</summary>
    public TimeSpan? UntilMidnight()
    {
        if (AccountZone is not { } zone)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var midnight = TimeZoneInfo.ConvertTime(now, zone).Date.AddDays(1);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)) - now;
    }

    /// <summary>Search answers carry none of the headers, and answers to OAuth tokens none of the daily ones.</summary>
    public void Report(CallPermit permit, HttpResponseHeaders headers)
    {
        Report(permit, Burst, Number(headers, "X-HubSpot-RateLimit-Max"), Number(headers, "X-HubSpot-RateLimit-Remaining"), null);
        Report(permit, Daily, Number(headers, "X-HubSpot-RateLimit-Daily"), Number(headers, "X-HubSpot-RateLimit-Daily-Remaining"), UntilMidnight());
    }

    /// <summary>A 429 means that nothing is left, whatever the headers said.</summary>
    public void Report(CallPermit permit, VendorEndpoint endpoint, HubSpotFailure failure)
    {
        if (failure.Status == 429)
        {
            var limit = failure.Error.PolicyName switch
            {
                "DAILY" => Daily,
                "SECONDLY" when endpoint == HubSpotApiVersion.SendEvents => Events,
                "SECONDLY" when endpoint == HubSpotApiVersion.SearchContacts => Searches,
                _ => Burst,
            };
            permit.Report(new QuotaReading(limit, null, 0, HubSpotOutcomes.Of(failure, UntilMidnight()).Condition?.RetryAfter, Refused: true));
        }
    }

    private static void Report(CallPermit permit, string limit, int? max, int? remaining, TimeSpan? resetsIn)
    {
        if (max is not null || remaining is not null)
        {
            permit.Report(new QuotaReading(limit, max, remaining, resetsIn));
        }
    }

    private static int? Number(HttpResponseHeaders headers, string name)
        => headers.TryGetValues(name, out var values) && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
