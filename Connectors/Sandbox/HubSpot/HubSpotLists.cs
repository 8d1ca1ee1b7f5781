using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>The lists of the account and their endpoints. State is guarded by the contacts' gate.</summary>
internal sealed class HubSpotLists(HubSpotContactStore contacts, TimeProvider time)
{
    private readonly Dictionary<string, HubSpotList> _byId = [];
    private int _lastId = 600;

    public IReadOnlyList<string> ListsOf(int contact) => [.. Living.Where(list => list.Joined(contact) != 0).Select(static list => list.Id)];

    /// <summary>Gives a merged contact the memberships of both.</summary>
    public void Move(int from, int to)
    {
        foreach (var list in _byId.Values.Where(list => list.Joined(from) is var joined and not 0 && list.Joined(to) == 0))
        {
            list.Add(to, list.Joined(from));
        }
    }

    public void Forget(int contact)
    {
        foreach (var list in _byId.Values)
        {
            list.Remove(contact);
        }
    }

    public void Clear()
    {
        _byId.Clear();
        _lastId = 600;
    }

    public void Map(HubSpotDoor door)
    {
        door.Serve("POST", "crm/v3/lists", HubSpotAccess.ListWrite, Create);
        door.Serve("GET", "crm/v3/lists/{listId}", HubSpotAccess.ListRead, Get);
        door.Serve("DELETE", "crm/v3/lists/{listId}", HubSpotAccess.ListWrite, Delete);
        door.Serve("PUT", "crm/v3/lists/{listId}/restore", HubSpotAccess.ListWrite, Restore);
        door.Serve("GET", "crm/v3/lists/object-type-id/0-1/name/{name}", HubSpotAccess.ListRead, Find);
    }

    public void Create(SandboxCall call)
    {
        JsonDocument request;
        try
        {
            request = JsonDocument.Parse(call.Body);
        }
        catch (JsonException)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "Invalid input JSON");
            return;
        }

        using (request)
        {
            var name = Text(request.RootElement, "name")?.Trim();
            var type = Text(request.RootElement, "processingType");
            if (string.IsNullOrEmpty(name) || type is not ("MANUAL" or "DYNAMIC" or "SNAPSHOT") || Text(request.RootElement, "objectTypeId") != "0-1")
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "A list needs name, objectTypeId 0-1 and processingType MANUAL, DYNAMIC or SNAPSHOT");
                return;
            }

            lock (contacts.Gate)
            {
                if (ByName(name) is not null)
                {
                    HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"A list named '{name}' already exists");
                    return;
                }

                var list = new HubSpotList(++_lastId, name, type);
                _byId.Add(list.Id, list);
                Write(call, list);
            }
        }
    }

    /// <summary>Tells a deleted list too, for as long as it can be restored: https://github.com/HubSpot/hubspot-api-php/issues/486</summary>
    public void Get(SandboxCall call)
    {
        lock (contacts.Gate)
        {
            if (_byId.TryGetValue(IdOf(call), out var list))
            {
                Write(call, list);
            }
            else
            {
                NotFound(call);
            }
        }
    }

    public void Find(SandboxCall call)
    {
        // Routing leaves an escaped slash alone.
        var name = ((string)call.Http.Request.RouteValues["name"]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        lock (contacts.Gate)
        {
            if (ByName(name) is { } list)
            {
                Write(call, list);
            }
            else
            {
                NotFound(call);
            }
        }
    }

    public void Delete(SandboxCall call)
    {
        lock (contacts.Gate)
        {
            if (TryFind(call, out var list))
            {
                list.DeletedAt = time.GetUtcNow();
                call.Status = 204;
            }
        }
    }

    public void Restore(SandboxCall call)
    {
        lock (contacts.Gate)
        {
            if (_byId.TryGetValue(IdOf(call), out var list) && list.DeletedAt is not null && ByName(list.Name) is null)
            {
                list.DeletedAt = null;
                call.Status = 204;
            }
            else
            {
                NotFound(call);
            }
        }
    }

    /// <summary>The lists that nobody deleted.</summary>
    public IEnumerable<HubSpotList> Living => _byId.Values.Where(static list => list.DeletedAt is null);

    private static string IdOf(SandboxCall call) => (string)call.Http.Request.RouteValues["listId"]!;

    /// <summary>Finds the list that a call is about, or the one that another part of its path names; answers when there is none.</summary>
    public bool TryFind(SandboxCall call, [NotNullWhen(true)] out HubSpotList? list, string part = "listId")
    {
        if (_byId.TryGetValue((string)call.Http.Request.RouteValues[part]!, out list) && list.DeletedAt is null)
        {
            return true;
        }

        NotFound(call);
        list = null;
        return false;
    }

    private HubSpotList? ByName(string name) => Living.FirstOrDefault(list => string.Equals(list.Name, name, StringComparison.OrdinalIgnoreCase));

    private static void NotFound(SandboxCall call) => HubSpotAnswers.Fail(call, 404, "OBJECT_NOT_FOUND", "There is no such list");

    private static void Write(SandboxCall call, HubSpotList list)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteStartObject("list"u8);
        json.WriteString("listId"u8, list.Id);
        json.WriteNumber("listVersion"u8, 1);
        json.WriteString("name"u8, list.Name);
        json.WriteString("objectTypeId"u8, "0-1"u8);
        json.WriteString("processingType"u8, list.ProcessingType);
        json.WriteString("processingStatus"u8, "COMPLETE"u8);
        json.WriteNumber("size"u8, list.Size);
        if (list.DeletedAt is { } deleted)
        {
            json.WriteString("deletedAt"u8, deleted.UtcDateTime);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string? Text(JsonElement request, string name)
        => request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
