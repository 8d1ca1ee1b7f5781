using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What people do to destinations, schedules and alerts.</summary>
internal static class PlaceDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        new("check", Scope.RunsWrite, "the check; what it found stands below", ask => Task.FromResult(new Effect(
            $"Check {ask["destination"]} now", $"/v1/destinations/{Uri.EscapeDataString(ask["destination"])}/check", "Check now", $"/destinations/{Uri.EscapeDataString(ask["destination"])}")
        {
            Lines = ["The hub asks the vendor for credentials, permissions, every mapped field and audience. Nothing is changed there; it costs some calls of the quota."],
        })),
        new("resume-destination", Scope.RunsWrite, "to resume", ask => Task.FromResult(new Effect(
            $"Try {ask["destination"]} again now", $"/v1/destinations/{Uri.EscapeDataString(ask["destination"])}/resume", "Try again", $"/destinations/{Uri.EscapeDataString(ask["destination"])}")
        {
            Lines = ["Every wait for it ends: what was wrong is mended, or the vendor gave calls back. What the vendor still refuses, it will refuse again."],
            NeedsReason = true,
        })),
        new("ring", Scope.RunsWrite, "to ring", ask => Task.FromResult(new Effect($"Ring {ask["schedule"]} now", $"/v1/schedules/{Uri.EscapeDataString(ask["schedule"])}/ring", "Ring", "/schedules")
        {
            Lines = ["Its runs start now, as at its next time; those times stay."],
        })),
        new("silence", Scope.RunsWrite, "the silence", async ask =>
        {
            var found = await ask.GetAsync<AlertJson>($"/v1/alerts/{Uri.EscapeDataString(ask["alert"])}");
            return found.Value is not { } alert
                ? Effect.Of("Silence an alert", "/alerts", found.Problem)
                : new Effect($"Silence {alert.Code}{(alert.Destination is null ? "" : $" of {alert.Destination}")}", $"/v1/alerts/{alert.AlertId}/silence", "Silence", "/alerts")
                {
                    Lines = [alert.Sentence, "Nobody is told of this cause until the silence ends; it stays on the overview. When it is over, whoever was told hears it."],
                    Fields = [new Field("minutes", "For how many minutes, to 10,080", "number", "60", IsNeeded: true)],
                    NeedsReason = true,
                };
        }),
        new("unsilence", Scope.RunsWrite, "the end of the silence", ask => Task.FromResult(new Effect($"End the silence of alert {ask["alert"]}", $"/v1/alerts/{Uri.EscapeDataString(ask["alert"])}/unsilence", "End the silence", "/alerts")
        {
            Lines = ["Whoever is to be told of it is told again."],
        })),
        new("retry-erasure", Scope.PrivacyWrite, "the destinations that refused, again", ask => Task.FromResult(new Effect("Ask the destinations again", $"/v1/erasures/{Uri.EscapeDataString(ask["erasure"])}/retry", "Ask again", $"/erasures/{Uri.EscapeDataString(ask["erasure"])}")
        {
            Lines = ["Destinations that refused to delete the person are asked again; those that did are left."], NeedsReason = true,
        })),
    ];
}
