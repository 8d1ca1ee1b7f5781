using System.Buffers;
using System.Text.Json;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Writes the bodies of requests about consent. Pure.</summary>
internal static class HubSpotConsentBodies
{
    /// <summary>Body of the endpoints that take addresses only.</summary>
    public static void WriteAddresses(IBufferWriter<byte> output, IEnumerable<string> addresses)
    {
        using var writer = new Utf8JsonWriter(output, HubSpotMapper.Writing);
        writer.WriteStartObject();
        writer.WriteStartArray(HubSpotMapper.Inputs);
        foreach (var address in addresses)
        {
            writer.WriteStringValue(address);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Body of statuses/batch/write.</summary>
    public static void WriteStatuses(IBufferWriter<byte> output, IEnumerable<SubscriptionChange> changes, string? legalBasis)
    {
        using var writer = new Utf8JsonWriter(output, HubSpotMapper.Writing);
        writer.WriteStartObject();
        writer.WriteStartArray(HubSpotMapper.Inputs);
        foreach (var change in changes)
        {
            writer.WriteStartObject();
            writer.WriteString("subscriberIdString", change.Address);
            writer.WriteNumber("subscriptionId", change.SubscriptionId);
            writer.WriteString("statusState", change.Subscribe ? Wire.ConsentStatus.Subscribed : Wire.ConsentStatus.Unsubscribed);
            writer.WriteString("channel", "EMAIL");
            WriteLegalBasis(writer, legalBasis, change.Explanation);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Body of subscribe and unsubscribe of version 3, where the subscription type is a text.</summary>
    public static void WriteSubscription(IBufferWriter<byte> output, SubscriptionChange change, string? legalBasis)
    {
        using var writer = new Utf8JsonWriter(output, HubSpotMapper.Writing);
        writer.WriteStartObject();
        writer.WriteString("emailAddress", change.Address);
        writer.WriteString("subscriptionId", change.SubscriptionId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        WriteLegalBasis(writer, legalBasis, change.Explanation);
        writer.WriteEndObject();
    }

    private static void WriteLegalBasis(Utf8JsonWriter writer, string? legalBasis, string explanation)
    {
        if (legalBasis is not null)
        {
            writer.WriteString("legalBasis", legalBasis);
            writer.WriteString("legalBasisExplanation", explanation);
        }
    }
}
