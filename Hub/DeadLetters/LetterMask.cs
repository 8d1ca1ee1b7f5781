using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Intake.Quarantine;
using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What a letter is made of, with every value that could tell of a person replaced by its kind, as of a fact in quarantine. Pure.</summary>
internal static class LetterMask
{
    /// <summary>The event, or what the hub knows of the person.</summary>
    public static JsonObject Of(LetterContent content) => content.Operation == Operation.TrackEvent
        ? Mask(content.EventJson ?? "{}")
        : Mask(JsonSerializer.Serialize(new Dictionary<string, JsonElement>
        {
            ["external_id"] = JsonSerializer.SerializeToElement(content.ExternalId), ["email"] = JsonSerializer.SerializeToElement(content.Email), ["phone"] = JsonSerializer.SerializeToElement(content.Phone),
            ["attributes"] = JsonElement.Parse(content.AttributesJson),
        }));

    /// <summary>New values by path.</summary>
    public static JsonObject OfChanges(string changesJson) => Mask(changesJson);

    private static JsonObject Mask(string json) => MaskedFact.Of(Encoding.UTF8.GetBytes(json)) ?? [];
}
