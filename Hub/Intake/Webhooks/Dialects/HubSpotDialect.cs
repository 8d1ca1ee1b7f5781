using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>
/// HubSpot's notifications (https://developers.hubspot.com/docs/api-reference/legacy/webhooks/guide). They name the person by HubSpot's own id: it is whom
/// the hub sent there under that id, else somebody's <c>crm_id</c>. What is said of a property never grants: it is a copy of something that was decided elsewhere. Pure.
/// </summary>
internal static partial class HubSpotDialect
{
    private const string Contact = "contact.";
    private const string Merged = "mergedObjectIds";
    private const string ContactObjects = "0-1";
    private static readonly string[] _ids = ["objectId", "primaryObjectId", "newObjectId"];

    /// <summary>Makes the facts of a notification.</summary>
    public static void Read(SourceCall call, Normalised result)
    {
        var kind = call.Text("subscriptionType") ?? call.Text("eventType");
        if (kind is null)
        {
            result.SetAside(call.Bytes, "subscriptionType", "missing", "is missing");
            return;
        }

        if (kind.StartsWith("object.", StringComparison.Ordinal) && call.Text("objectTypeId") == ContactObjects)
        {
            kind = Contact + kind["object.".Length..];
        }

        if (kind.StartsWith(Contact, StringComparison.Ordinal) && IdsOf(call.Json).Any(call.Erased.Contains))
        {
            result.LeaveErased();
            return;
        }

        switch (kind)
        {
            case Contact + "propertyChange":
                Change(call, result);
                break;
            case Contact + "privacyDeletion":
                Add(call, result, ProfileDeleted.Type, call.Text("objectId"), writer => writer.WriteString("reason", "erasure_request"));
                break;
            case Contact + "merge":
                Merge(call, result);
                break;
            default:
                if (Known().IsMatch(kind))
                {
                    result.Leave(kind);
                }
                else
                {
                    result.SetAside(call.Bytes, "subscriptionType", "call_unknown", "is no subscription of HubSpot that this hub knows");
                }

                break;
        }
    }

    private static void Change(SourceCall call, Normalised result)
    {
        if (call.Text("propertyName") is not { } property || !call.Source.OptOuts.TryGetValue(property, out var optOut))
        {
            result.Leave("property_not_listed");
            return;
        }

        if (call.Text("propertyValue") is not { } value || !optOut.Denied.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase))
        {
            result.Leave("grant_without_authority");
            return;
        }

        if (call.Text("objectId") is { } contact && call.Told?.Is(optOut.Purpose, contact, call.People.GetValueOrDefault(contact), EpochTime.Read(call.Get("occurredAt"))) == true)
        {
            result.Leave("own_word");
            return;
        }

        Add(call, result, ConsentUpdated.Type, call.Text("objectId"), writer =>
        {
            writer.WriteString("purpose", optOut.Purpose);
            writer.WriteString("status", ConsentWord.Denied);
            writer.WriteString("source", call.Producer);
        });
    }

    private static void Merge(SourceCall call, Normalised result)
    {
        var survivor = call.Text("newObjectId") ?? call.Text("primaryObjectId") ?? call.Text("objectId");
        var merged = call.Get(Merged);
        string[] others = merged.ValueKind == JsonValueKind.Array ? [.. TextsOf(merged).Append(call.Text("primaryObjectId") ?? survivor!).Where(id => id != survivor).Distinct()] : [];
        if (others.Length == 0)
        {
            result.SetAside(call.Bytes, Merged, "missing", "names nobody who was merged");
        }

        foreach (var other in others)
        {
            Add(call, result, ProfileMerged.Type, survivor, writer =>
            {
                writer.WriteStartObject("merged");
                writer.WriteString("crm_id", other);
                writer.WriteEndObject();
            }, other);
        }
    }

    /// <summary>The contacts that a call names, to be looked up before it is read; none when it cannot be read.</summary>
    public static IEnumerable<string> ContactsOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var calls = json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray()] : new[] { json.RootElement };
            return [.. calls.SelectMany(IdsOf).Distinct()];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    private static IEnumerable<string> IdsOf(JsonElement call) => _ids.Select(name => SourceCall.TextOf(SourceCall.Get(call, name))).OfType<string>().Concat(TextsOf(SourceCall.Get(call, Merged)));

    private static IEnumerable<string> TextsOf(JsonElement array) => array.ValueKind == JsonValueKind.Array ? array.EnumerateArray().Select(SourceCall.TextOf).OfType<string>() : [];

    private static void Add(SourceCall call, Normalised result, string type, string? contact, Action<Utf8JsonWriter> payload, string? part = null) =>
        result.Facts.Add(DraftedFact.Of(new FactHead(IdOf(call, part), type, EpochTime.Read(call.Get("occurredAt")), call.Producer), KeysOf(call, contact), DraftedFact.NoConsent, payload));

    private static IEnumerable<KeyValuePair<string, string?>> KeysOf(SourceCall call, string? contact) =>
        contact is not null && call.People.TryGetValue(contact, out var person) && (person.ExternalId ?? person.Email) is not null
            ? [KeyValuePair.Create("external_id", person.ExternalId), KeyValuePair.Create("email", person.ExternalId is null ? person.Email : null)]
            : [KeyValuePair.Create("crm_id", contact)];

    /// <summary>Of what HubSpot says of a change: its <c>eventId</c> is not unique alone, and <c>attemptNumber</c> differs from one attempt to the next.</summary>
    private static Guid IdOf(SourceCall call, string? part) => Uuid8.Of(
        call.NameInIds, call.Text("portalId"), call.Text("subscriptionId"), call.Text("objectId"), call.Text("occurredAt"), call.Text("subscriptionType") ?? call.Text("eventType"),
        call.Text("propertyName"), call.Text("propertyValue"), call.Text("eventId"), part);

    [GeneratedRegex(@"\A(?:contact|company|deal|ticket|product|line_item|object)\.(?:creation|deletion|merge|restore|propertyChange|associationChange)\z|\Aconversation\.\w+\z|\Aevent\.completed\z", RegexOptions.CultureInvariant)]
    private static partial Regex Known();
}
