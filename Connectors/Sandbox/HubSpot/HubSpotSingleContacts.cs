using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Contacts one at a time, pages of them, and batch/create, whose inputs have no ids.</summary>
internal sealed class HubSpotSingleContacts(HubSpotContactStore contacts, HubSpotSchema schema, HubSpotContactReads reads, HubSpotContactWrites writes, Action<int> forget)
{
    private const int MaxPage = 100;
    private static readonly string[] AlwaysTold = ["email", "firstname", "lastname"];

    public void Create(SandboxCall call)
    {
        if (TryBuild(call, static (json, root) => WriteInput(json, "0", null, root), out var body) && writes.TryWriteOne(call, body, HubSpotWrite.Create, out var contact))
        {
            Tell(call, contact, []);
            call.Status = 201;
        }
    }

    public void CreateMany(SandboxCall call)
    {
        if (TryBuild(call, WriteInputs, out var body))
        {
            writes.Create(call, body);
        }
    }

    public void Update(SandboxCall call)
    {
        if (!TryFind(call, out _))
        {
            return;
        }

        var (id, property) = Named(call);
        if (TryBuild(call, (json, root) => WriteInput(json, id, property?.Name, root), out var body) && writes.TryWriteOne(call, body, HubSpotWrite.Update, out var contact))
        {
            Tell(call, contact, []);
        }
    }

    public void Get(SandboxCall call)
    {
        call.Records = 1;
        if (TryFind(call, out var contact))
        {
            Tell(call, contact, Properties(call));
        }
    }

    public void Archive(SandboxCall call)
    {
        call.Records = 1;
        lock (contacts.Gate)
        {
            var (id, _) = Named(call);
            if (reads.Find(id, null, out var contact))
            {
                forget(contact);
            }
        }

        call.Status = 204;
    }

    /// <summary>A page, in the order of record ids; the cursor is the number to go on with.</summary>
    public void List(SandboxCall call)
    {
        var query = call.Http.Request.Query;
        var limit = 10;
        var after = 0;
        if ((query.TryGetValue("limit", out var asked) && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxPage))
            || (query.TryGetValue("after", out var cursor) && !int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after)))
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"limit must be between 1 and {MaxPage}, and after a cursor");
            return;
        }

        var archived = IsArchived(call);
        var properties = Properties(call);
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteStartArray("results"u8);
        lock (contacts.Gate)
        {
            var page = Enumerable.Range(after, Math.Max(0, contacts.Count - after))
                .Where(contact => archived ? contacts.InBin(contact) is not null : contacts.TryGetByOwnId(HubSpotContactStore.IdOf(contact), out _))
                .Take(limit + 1).ToList();
            foreach (var contact in page.Take(limit))
            {
                reads.Write(json, contact, properties);
            }

            json.WriteEndArray();
            if (page.Count > limit)
            {
                json.WriteStartObject("paging"u8);
                json.WriteStartObject("next"u8);
                json.WriteString("after"u8, page[limit].ToString(CultureInfo.InvariantCulture));
                json.WriteEndObject();
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    }

    private void Tell(SandboxCall call, int contact, string[] properties)
    {
        lock (contacts.Gate)
        {
            reads.Write(call.WriteJson(), contact, properties.Length > 0 ? properties : AlwaysTold);
        }
    }

    private bool TryFind(SandboxCall call, out int contact)
    {
        var (id, property) = Named(call);
        bool found;
        lock (contacts.Gate)
        {
            found = IsArchived(call) ? reads.FindInBin(id, property, out contact) : reads.Find(id, property, out contact);
        }

        if (!found)
        {
            HubSpotAnswers.Fail(call, 404, "OBJECT_NOT_FOUND", "Object not found. objectId are usually numeric.");
        }

        return found;
    }

    private (string Id, HubSpotProperty? Property) Named(SandboxCall call)
    {
        var name = call.Http.Request.Query["idProperty"].ToString();
        return (Uri.UnescapeDataString((string)call.Http.Request.RouteValues["contactId"]!), name.Length == 0 ? null : schema.Find(name));
    }

    private static bool IsArchived(SandboxCall call) => string.Equals(call.Http.Request.Query["archived"], "true", StringComparison.OrdinalIgnoreCase);

    private static string[] Properties(SandboxCall call)
        => [.. call.Http.Request.Query["properties"].SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static bool TryBuild(SandboxCall call, Action<Utf8JsonWriter, JsonElement> write, out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (!HubSpotContactReads.TryParse(call, out var request))
        {
            return false;
        }

        using (request)
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteStartArray("inputs"u8);
                write(json, request.RootElement);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            body = buffer.ToArray();
            return true;
        }
    }

    private static void WriteInputs(Utf8JsonWriter json, JsonElement root)
    {
        var number = 0;
        foreach (var input in root.TryGetProperty("inputs"u8, out var inputs) && inputs.ValueKind == JsonValueKind.Array ? inputs.EnumerateArray() : [])
        {
            WriteInput(json, (number++).ToString(CultureInfo.InvariantCulture), null, input);
        }
    }

    private static void WriteInput(Utf8JsonWriter json, string id, string? idProperty, JsonElement from)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        if (idProperty is not null)
        {
            json.WriteString("idProperty"u8, idProperty);
        }

        if (HubSpotIdentityEndpoints.Text(from, "objectWriteTraceId") is { } trace)
        {
            json.WriteString("objectWriteTraceId"u8, trace);
        }

        if (from.ValueKind == JsonValueKind.Object && from.TryGetProperty("properties"u8, out var properties))
        {
            json.WritePropertyName("properties"u8);
            properties.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
