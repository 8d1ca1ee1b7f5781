using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>
/// Consent as it travels with calls: Segment's <c>context.consent.categoryPreferences</c> (https://segment.com/docs/privacy/consent-management/consent-in-segment-connections/)
/// and RudderStack's <c>context.consentManagement</c> (https://www.rudderstack.com/docs/data-governance/consent-management/). A category that is not said is unknown,
/// neither denied nor granted. Pure.
/// </summary>
internal static class SegmentConsent
{
    /// <summary>What is said, by purpose. Where two categories of one purpose differ, it is denied.</summary>
    /// <param name="call">The call.</param>
    /// <param name="consent">The table of categories, or null for none.</param>
    public static IReadOnlyDictionary<string, string> Read(SourceCall call, SourceConsent? consent)
    {
        var purposes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (consent is null)
        {
            return purposes;
        }

        foreach (var (category, isGranted) in Categories(call))
        {
            if (consent.Categories.TryGetValue(category, out var purpose) && (!isGranted || !purposes.ContainsKey(purpose)))
            {
                purposes[purpose] = isGranted ? ConsentWord.Granted : ConsentWord.Denied;
            }
        }

        return purposes;
    }

    private static IEnumerable<(string Category, bool IsGranted)> Categories(SourceCall call)
    {
        var preferences = call.Get("context", "consent", "categoryPreferences");
        if (preferences.ValueKind == JsonValueKind.Object)
        {
            foreach (var preference in preferences.EnumerateObject().Where(preference => preference.Value.ValueKind is JsonValueKind.True or JsonValueKind.False))
            {
                yield return (preference.Name, preference.Value.GetBoolean());
            }
        }

        foreach (var (name, isGranted) in new[] { ("allowedConsentIds", true), ("deniedConsentIds", false) })
        {
            var ids = call.Get("context", "consentManagement", name);
            foreach (var id in ids.ValueKind == JsonValueKind.Array ? ids.EnumerateArray().Select(SourceCall.TextOf).OfType<string>() : [])
            {
                yield return (id, isGranted);
            }
        }
    }
}
