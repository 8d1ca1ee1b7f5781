using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>The members of lists and their endpoints. State is guarded by the contacts' gate.</summary>
internal sealed class HubSpotListMembers(HubSpotContactStore contacts, HubSpotLists lists, TimeProvider time)
{
    private const int MaxPage = 250;
    private const int MaxCopied = 100_000;

    /// <summary>How the field of added ids is spelled; HubSpot's own pages disagree.</summary>
    public string AddedSpelling { get; set; } = "recordsIdsAdded";

    public void Map(HubSpotDoor door)
    {
        door.Serve("PUT", "crm/v3/lists/{listId}/memberships/add", HubSpotAccess.ListWrite, Add);
        door.Serve("PUT", "crm/v3/lists/{listId}/memberships/remove", HubSpotAccess.ListWrite, Remove);
        door.Serve("PUT", "crm/v3/lists/{listId}/memberships/add-and-remove", HubSpotAccess.ListWrite, AddAndRemove);
        door.Serve("PUT", "crm/v3/lists/{listId}/memberships/add-from/{sourceListId}", HubSpotAccess.ListWrite, AddFrom);
        door.Serve("DELETE", "crm/v3/lists/{listId}/memberships", HubSpotAccess.ListWrite, Empty);
        door.Serve("GET", "crm/v3/lists/{listId}/memberships", HubSpotAccess.ListRead, Members);
    }

    public void Add(SandboxCall call)
    {
        if (TryReadIds(call, out var ids))
        {
            Change(call, ids, []);
        }
    }

    public void Remove(SandboxCall call)
    {
        if (TryReadIds(call, out var ids))
        {
            Change(call, [], ids);
        }
    }

    public void AddAndRemove(SandboxCall call)
    {
        if (HubSpotContactReads.TryParse(call, out var request))
        {
            using (request)
            {
                Change(call, Ids(request.RootElement, "recordIdsToAdd"), Ids(request.RootElement, "recordIdsToRemove"));
            }
        }
    }

    /// <summary>Copies the members of another list, which must be a small one.</summary>
    public void AddFrom(SandboxCall call)
    {
        lock (contacts.Gate)
        {
            if (TryFindChangeable(call, out var list) && lists.TryFind(call, out var source, "sourceListId") && IsSmall(call, source))
            {
                for (var contact = source.Next(0); contact >= 0; contact = source.Next(contact + 1))
                {
                    list.Add(contact, Now());
                }

                call.Status = 204;
            }
        }
    }

    /// <summary>Ends all memberships of a list, which must be a small one.</summary>
    public void Empty(SandboxCall call)
    {
        lock (contacts.Gate)
        {
            if (TryFindChangeable(call, out var list) && IsSmall(call, list))
            {
                list.Clear();
                call.Status = 204;
            }
        }
    }

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
            if (lists.TryFind(call, out var list))
            {
                WriteMembers(call, list, limit, after);
            }
        }
    }

    private void Change(SandboxCall call, List<long> toAdd, List<long> toRemove)
    {
        call.Records = toAdd.Count + toRemove.Count;
        lock (contacts.Gate)
        {
            if (!TryFindChangeable(call, out var list))
            {
                return;
            }

            var missing = new List<long>();
            var json = call.WriteJson();
            json.WriteStartObject();
            WriteChanged(json, AddedSpelling, toAdd, contact => list.Add(contact, Now()), missing);
            WriteChanged(json, "recordIdsRemoved", toRemove, list.Remove, missing);
            json.WriteStartArray("recordIdsMissing"u8);
            missing.ForEach(id => json.WriteStringValue(id.ToString(CultureInfo.InvariantCulture)));
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private void WriteChanged(Utf8JsonWriter json, string name, List<long> ids, Func<int, bool> change, List<long> missing)
    {
        Span<byte> text = stackalloc byte[20];
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            if (!contacts.TryGetByOwnId(id, out var contact))
            {
                missing.Add(id);
            }
            else if (change(contact))
            {
                id.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
                json.WriteStringValue(text[..length]);
            }
        }

        json.WriteEndArray();
    }

    private uint Now() => (uint)time.GetUtcNow().ToUnixTimeSeconds();

    private static bool IsSmall(SandboxCall call, HubSpotList list)
    {
        if (list.Size >= MaxCopied)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"The list must have fewer than {MaxCopied} members");
            return false;
        }

        return true;
    }

    private static List<long> Ids(JsonElement request, string name)
        => [.. HubSpotContactReads.Texts(request, name, null).Select(static id => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)];

    private bool TryFindChangeable(SandboxCall call, [NotNullWhen(true)] out HubSpotList? list)
    {
        if (!lists.TryFind(call, out list))
        {
            return false;
        }

        if (list.ProcessingType == "DYNAMIC")
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "The members of a DYNAMIC list cannot be changed by hand");
            return false;
        }

        return true;
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

    private static bool TryReadIds(SandboxCall call, out List<long> ids)
    {
        if (TryReadIds(call.Body.Span, out ids))
        {
            return true;
        }

        HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "The body must be an array of record ids");
        return false;
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
}
