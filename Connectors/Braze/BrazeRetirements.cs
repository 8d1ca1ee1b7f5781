using IntegrationHub.Connectors.Abstractions.Notices;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Ends that Braze announced of what is called.</summary>
internal static class BrazeRetirements
{
    public static IReadOnlyList<Retirement> All { get; } =
    [
        new(
            "Braze will phase purchase objects out in favour of its recommended eCommerce events and has named no day; of /users/track they alone are concerned, which is how events with a purchase are told.",
            "Nothing is to be done yet. Whoever uses revenue by purchases in segments or reports should plan with Braze for the events that take their place.",
            new("https://www.braze.com/docs/user_guide/data/activation/events/recommended_events/ecommerce_events"), new DateOnly(2026, 11, 28))
        {
            Endpoints = [BrazeApiVersion.Track],
        },
    ];
}
