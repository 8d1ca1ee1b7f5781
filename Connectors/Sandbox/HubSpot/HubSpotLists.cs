using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>A list and when each contact joined it, by number of the contact, in seconds since 1970; 0 is no member.</summary>
internal sealed class HubSpotList(int id, string name, string processingType)
{
    private uint[] _joined = [];

    public string Id { get; } = id.ToString(CultureInfo.InvariantCulture);

    public string Name { get; } = name;

    public string ProcessingType { get; } = processingType;

    public int Size { get; private set; }

    public uint Joined(int contact) => contact < _joined.Length ? _joined[contact] : 0;

    public bool Add(int contact, uint now)
    {
        if (contact >= _joined.Length)
        {
            Array.Resize(ref _joined, Math.Max(contact + 1, Math.Max(1024, _joined.Length * 2)));
        }

        if (_joined[contact] != 0)
        {
            return false;
        }

        _joined[contact] = now;
        Size++;
        return true;
    }

    public bool Remove(int contact)
    {
        if (Joined(contact) == 0)
        {
            return false;
        }

        _joined[contact] = 0;
        Size--;
        return true;
    }

    /// <summary>The first member from a number on, or -1.</summary>
    public int Next(int contact)
    {
        var found = contact < _joined.Length ? _joined.AsSpan(contact).IndexOfAnyExcept(0u) : -1;
        return found < 0 ? -1 : contact + found;
    }
}

/// <summary>The lists of the account and their endpoints. State is guarded by the contacts' gate.</summary>
internal sealed class HubSpotLists(HubSpotContactStore contacts, TimeProvider time)
{
    private const int MaxPage = 250;

    private readonly Dictionary<string, HubSpotList> _byId = [];
    private int _lastId = 600;

    /// <summary>How the field of added ids is spelled; HubSpot's own pages disagree.</summary>
    public string AddedSpelling { get; set; } = "recordsIdsAdded";

    public IReadOnlyList<string> ListsOf(int contact) => [.. _byId.Values.Where(list => list.Joined(contact) != 0).Select(static list => list.Id)];

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

    public void Get(SandboxCall call)
    {
        lock (contacts.Gate)
        {
            if (TryFind(call, out var list))
            {
                Write(call, list);
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
                _byId.Remove(list.Id);
                call.Status = 204;
            }
        }
    }

    public void Add(SandboxCall call) => Change(call, add: true);

    public void Remove(SandboxCall call) => Change(call, add: false);

    public void Members(SandboxCall call)
    {
        var query = call.Http.Request.Query;
        var limit = 100;
        var after = 0;
        if ((query.TryGetValue("limit", out var asked) && !int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit)) || limit is < 1 or > MaxPage)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"limit must be between 1 and {MaxPage}");
            return;
        }

        if (query.TryGetValue("after", out var cursor) && !TryReadCursor(cursor, out after))
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "The paging cursor is not valid");
            return;
        }

        lock (contacts.Gate)
        {
            if (TryFind(call, out var list))
            {
                WriteMembers(call, list, limit, after);
            }
        }
    }

    private void Change(SandboxCall call, bool add)
    {
        if (!TryReadIds(call.Body.Span, out var ids))
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "The body must be an array of record ids");
            return;
        }

        call.Records = ids.Count;
        lock (contacts.Gate)
        {
            if (!TryFind(call, out var list))
            {
                return;
            }

            if (list.ProcessingType == "DYNAMIC")
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "The members of a DYNAMIC list cannot be changed by hand");
                return;
            }

            Change(call, list, ids, add);
        }
    }

    private void Change(SandboxCall call, HubSpotList list, List<long> ids, bool add)
    {
        var now = (uint)time.GetUtcNow().ToUnixTimeSeconds();
        var missing = new List<long>();
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteStartArray(add ? AddedSpelling : "recordIdsRemoved");
        Span<byte> text = stackalloc byte[20];
        foreach (var id in ids)
        {
            if (!contacts.TryGetByOwnId(id, out var contact))
            {
                missing.Add(id);
            }
            else if (add ? list.Add(contact, now) : list.Remove(contact))
            {
                id.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
                json.WriteStringValue(text[..length]);
            }
        }

        json.WriteEndArray();
        json.WriteStartArray(add ? "recordIdsRemoved" : AddedSpelling);
        json.WriteEndArray();
        json.WriteStartArray("recordIdsMissing"u8);
        missing.ForEach(id => json.WriteStringValue(id.ToString(CultureInfo.InvariantCulture)));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMembers(SandboxCall call, HubSpotList list, int limit, int after)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteNumber("total"u8, list.Size);
        json.WriteStartArray("results"u8);
        var contact = list.Next(after);
        for (var written = 0; written < limit && contact >= 0; written++, contact = list.Next(contact + 1))
        {
            json.WriteStartObject();
            json.WriteString("recordId"u8, HubSpotContactStore.IdOf(contact).ToString(CultureInfo.InvariantCulture));
            json.WriteString("membershipTimestamp"u8, DateTimeOffset.FromUnixTimeSeconds(list.Joined(contact)).UtcDateTime);
            json.WriteEndObject();
            call.Records++;
        }

        json.WriteEndArray();
        if (contact >= 0)
        {
            json.WriteStartObject("paging"u8);
            json.WriteStartObject("next"u8);
            json.WriteString("after"u8, Convert.ToBase64String(Encoding.ASCII.GetBytes($"{list.Id}:{contact}")));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static bool TryReadCursor(string? cursor, out int contact)
    {
        contact = 0;
        var bytes = new byte[64];
        return cursor is not null && Convert.TryFromBase64String(cursor, bytes, out var length)
            && Encoding.ASCII.GetString(bytes, 0, length).Split(':') is [_, var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out contact);
    }

    private static bool TryReadIds(ReadOnlySpan<byte> body, out List<long> ids)
    {
        ids = new List<long>(1000);
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.String || !long.TryParse(reader.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                {
                    return false;
                }

                ids.Add(id);
            }

            return ids.Count > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool TryFind(SandboxCall call, [NotNullWhen(true)] out HubSpotList? list)
    {
        if (_byId.TryGetValue((string)call.Http.Request.RouteValues["listId"]!, out list))
        {
            return true;
        }

        NotFound(call);
        return false;
    }

    private HubSpotList? ByName(string name) => _byId.Values.FirstOrDefault(list => string.Equals(list.Name, name, StringComparison.OrdinalIgnoreCase));

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
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string? Text(JsonElement request, string name)
        => request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
