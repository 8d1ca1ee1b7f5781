using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>The endpoint that tells in which lists records are. State is guarded by the contacts' gate.</summary>
internal sealed class HubSpotRecordMemberships(HubSpotContactStore contacts, HubSpotLists lists, TimeProvider time)
{
    public void Map(HubSpotDoor door)
    {
        door.Serve("POST", "crm/v3/lists/records/memberships/batch/read", HubSpotAccess.ListRead, Read);
    }

    /// <summary>Tells the lists of each contact asked about, in another order than asked; ids that nobody has now are listed in one error.</summary>
    public void Read(SandboxCall call)
    {
        if (!HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            if (TryReadRecords(call, request.RootElement, out var ids))
            {
                lock (contacts.Gate)
                {
                    WriteMemberships(call, ids);
                }
            }
        }
    }

    private void WriteMemberships(SandboxCall call, List<string> ids)
    {
        var unknown = new List<string>();
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("status"u8, "COMPLETE"u8);
        json.WriteStartArray("results"u8);
        foreach (var id in Enumerable.Reverse(ids))
        {
            if (contacts.TryGetByOwnId(long.Parse(id, CultureInfo.InvariantCulture), out var contact))
            {
                WriteMemberships(json, id, contact);
            }
            else
            {
                unknown.Add(id);
            }
        }

        json.WriteEndArray();
        json.WriteString("startedAt"u8, time.GetUtcNow().UtcDateTime);
        json.WriteString("completedAt"u8, time.GetUtcNow().UtcDateTime);
        if (unknown.Count > 0)
        {
            call.Status = 207;
            HubSpotContactReads.WriteUnknown(json, unknown);
        }

        json.WriteEndObject();
    }

    /// <summary>The id of a list is a number here and a text everywhere else, as in HubSpot's version 3.</summary>
    private void WriteMemberships(Utf8JsonWriter json, string id, int contact)
    {
        json.WriteStartObject();
        json.WriteString("objectTypeId"u8, "0-1"u8);
        json.WriteString("recordId"u8, id);
        json.WriteStartArray("recordListMemberships"u8);
        foreach (var list in lists.Living.Where(list => list.Joined(contact) != 0))
        {
            var joined = DateTimeOffset.FromUnixTimeSeconds(list.Joined(contact)).UtcDateTime;
            json.WriteStartObject();
            json.WriteNumber("listId"u8, int.Parse(list.Id, CultureInfo.InvariantCulture));
            json.WriteNumber("listVersion"u8, 1);
            json.WriteString("firstAddedTimestamp"u8, joined);
            json.WriteString("lastAddedTimestamp"u8, joined);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static bool TryReadRecords(SandboxCall call, JsonElement request, out List<string> ids)
    {
        ids = HubSpotContactReads.Texts(request, "inputs", "recordId");
        call.Records = ids.Count;
        var inputs = request.TryGetProperty("inputs"u8, out var told) && told.ValueKind == JsonValueKind.Array ? told.GetArrayLength() : 0;
        if (inputs is < 1 or > HubSpotContactWrites.MaxInputs)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"The number of inputs must be between 1 and {HubSpotContactWrites.MaxInputs}, was {inputs}");
            return false;
        }

        if (ids.Count != inputs || !ids.TrueForAll(static id => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            || HubSpotContactReads.Texts(request, "inputs", "objectTypeId").Count(static type => type == "0-1") != inputs)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "Every input needs objectTypeId 0-1 and the recordId of a contact");
            return false;
        }

        return true;
    }
}
