using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>
/// Where a call may go, as its <c>integrations</c> says: https://segment.com/docs/guides/filtering-data/#filtering-with-the-integrations-object and
/// https://www.rudderstack.com/docs/sources/event-streams/sdks/rudderstack-javascript-sdk/filtering/. Their names are those of products, so a destination is meant by the name that the
/// source's file gives it, else by its own or its connector's. Fails closed: what is neither true nor an object of options excludes, and one name may exclude several destinations, while it lifts
/// an exclusion only where it is exactly theirs. Pure.
/// </summary>
internal static class SegmentIntegrations
{
    private const string All = "All";

    /// <summary>By destination, or <see cref="DestinationWord.Others"/>, whether the call may go there; empty when nothing is said that concerns the hub.</summary>
    public static IReadOnlyDictionary<string, bool> Read(SourceCall call)
    {
        var said = call.Get("integrations");
        var destinations = new Dictionary<string, bool>(StringComparer.Ordinal);
        if (said.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.True)
        {
            return destinations;
        }

        if (said.ValueKind != JsonValueKind.Object)
        {
            destinations[DestinationWord.Others] = false;
            return destinations;
        }

        foreach (var integration in said.EnumerateObject())
        {
            var may = integration.Value.ValueKind is JsonValueKind.True or JsonValueKind.Object;
            foreach (var destination in integration.Name.Equals(All, StringComparison.OrdinalIgnoreCase) ? [DestinationWord.Others] : MeantBy(integration.Name, may, call.Source))
            {
                destinations[destination] = may && destinations.GetValueOrDefault(destination, true);
            }
        }

        // What is allowed says something only where the others are not.
        return destinations.ContainsValue(false) ? destinations : new Dictionary<string, bool>();
    }

    private static IEnumerable<string> MeantBy(string integration, bool exactly, SourceConfiguration source)
    {
        if (source.Integrations.TryGetValue(integration, out var named))
        {
            return [named];
        }

        var theirs = Letters(integration);
        return source.Connectors.Where(ours => Fits(ours.Key) || Fits(ours.Value)).Select(ours => ours.Key);

        bool Fits(string name) => Letters(name) is var mine && (exactly ? theirs == mine : theirs.StartsWith(mine, StringComparison.Ordinal));
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
