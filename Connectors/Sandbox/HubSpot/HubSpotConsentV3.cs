using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Communication preferences of version 3, where a repeat is an error and nobody is subscribed again.</summary>
internal sealed class HubSpotConsentV3(HubSpotSubscriptions subscriptions)
{
    private const string Root = "communication-preferences/v3";

    public void Map(HubSpotDoor door)
    {
        door.Serve("GET", $"{Root}/status/email/{{email}}", HubSpotAccess.Consent, Read);
        door.Serve("POST", $"{Root}/subscribe", HubSpotAccess.Consent, Subscribe);
        door.Serve("POST", $"{Root}/unsubscribe", HubSpotAccess.Consent, Unsubscribe);
    }

    public void Subscribe(SandboxCall call) => Change(call, subscribe: true);

    public void Unsubscribe(SandboxCall call) => Change(call, subscribe: false);

    public void Read(SandboxCall call)
    {
        var address = Uri.UnescapeDataString((string)call.Http.Request.RouteValues["email"]!);
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("recipient"u8, HubSpotSubscriptions.Normal(address));
        json.WriteStartArray("subscriptionStatuses"u8);
        foreach (var (type, name) in subscriptions.Types)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, type.ToString(CultureInfo.InvariantCulture));
            json.WriteString("name"u8, name);
            json.WriteString("description"u8, name);
            json.WriteString("status"u8, subscriptions.Of(address, type) == HubSpotSubscriptions.Subscribed ? "SUBSCRIBED"u8 : "NOT_SUBSCRIBED"u8);
            json.WriteString("sourceOfStatus"u8, subscriptions.IsOut(address) ? "PORTAL_WIDE_STATUS"u8 : "SUBSCRIPTION_STATUS"u8);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Change(SandboxCall call, bool subscribe)
    {
        call.Records = 1;
        if (!HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var (address, text) = (HubSpotIdentityEndpoints.Text(request.RootElement, "emailAddress"), HubSpotIdentityEndpoints.Text(request.RootElement, "subscriptionId"));
            var refusal = subscriptions.Refuses(address, text, request.RootElement);
            if (refusal is null)
            {
                var type = long.Parse(text!, CultureInfo.InvariantCulture);
                var status = subscriptions.Of(address!, type);
                refusal = (subscribe, status) switch
                {
                    (true, HubSpotSubscriptions.Subscribed) => $"{address} is already subscribed to subscription {text}",
                    (true, HubSpotSubscriptions.Unsubscribed) => $"Subscription {text} for {address} cannot be updated because they have unsubscribed",
                    (false, HubSpotSubscriptions.Unsubscribed) => $"{address} is already unsubscribed from subscription {text}",
                    _ => null,
                };
                if (refusal is null)
                {
                    subscriptions.Set(address!, type, subscribe ? HubSpotSubscriptions.Subscribed : HubSpotSubscriptions.Unsubscribed);
                    Write(call, address!, text!, subscribe);
                    return;
                }
            }

            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", refusal);
        }
    }

    private void Write(SandboxCall call, string address, string type, bool subscribe)
    {
        var name = subscriptions.Types[long.Parse(type, CultureInfo.InvariantCulture)];
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("id"u8, type);
        json.WriteString("name"u8, name);
        json.WriteString("description"u8, name);
        json.WriteString("status"u8, subscribe ? "SUBSCRIBED"u8 : "NOT_SUBSCRIBED"u8);
        json.WriteString("sourceOfStatus"u8, subscriptions.IsOut(address) ? "PORTAL_WIDE_STATUS"u8 : "SUBSCRIPTION_STATUS"u8);
        json.WriteEndObject();
    }
}
