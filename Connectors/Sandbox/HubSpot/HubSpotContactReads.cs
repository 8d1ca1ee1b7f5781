using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>batch/read and batch/archive.</summary>
internal sealed class HubSpotContactReads(HubSpotContactStore contacts, HubSpotSchema schema, Action<int> forget)
{
    public void Read(SandboxCall call)
    {
        if (!TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var ids = Texts(request.RootElement, "inputs", "id");
            var property = request.RootElement.TryGetProperty("idProperty"u8, out var named) ? schema.Find(named.GetString() ?? "") : null;
            if (!Admits(call, ids))
            {
                return;
            }

            if (named.ValueKind == JsonValueKind.String && (property is null || !HubSpotContactStore.IsKey(property)))
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"Unable to read by non-unique 0-1 property {named.GetString()}");
                return;
            }

            lock (contacts.Gate)
            {
                Read(call, ids, property, Texts(request.RootElement, "properties", null), string.Equals(call.Http.Request.Query["archived"], "true", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    public void Archive(SandboxCall call)
    {
        if (!TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var ids = Texts(request.RootElement, "inputs", "id");
            if (!Admits(call, ids))
            {
                return;
            }

            lock (contacts.Gate)
            {
                foreach (var id in ids)
                {
                    if (Find(id, null, out var contact))
                    {
                        forget(contact);
                    }
                }
            }

            call.Status = 204;
        }
    }

    private void Read(SandboxCall call, List<string> ids, HubSpotProperty? property, List<string> properties, bool archived)
    {
        var unknown = new List<string>();
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("status"u8, "COMPLETE"u8);
        json.WriteStartArray("results"u8);
        foreach (var id in Enumerable.Reverse(ids))
        {
            if (archived ? FindInBin(id, property, out var contact) : Find(id, property, out contact))
            {
                Write(json, contact, properties);
            }
            else
            {
                unknown.Add(id);
            }
        }

        json.WriteEndArray();
        if (unknown.Count > 0)
        {
            call.Status = 207;
            WriteUnknown(json, unknown);
        }

        json.WriteEndObject();
    }

    /// <summary>The one error that lists the ids that nobody has.</summary>
    internal static void WriteUnknown(Utf8JsonWriter json, List<string> ids)
    {
        json.WriteNumber("numErrors"u8, 1);
        json.WriteStartArray("errors"u8);
        json.WriteStartObject();
        json.WriteString("status"u8, "error"u8);
        json.WriteString("category"u8, "OBJECT_NOT_FOUND"u8);
        json.WriteString("message"u8, "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."u8);
        json.WriteStartObject("context"u8);
        json.WriteStartArray("ids"u8);
        ids.ForEach(json.WriteStringValue);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    public void Write(Utf8JsonWriter json, int contact, IReadOnlyCollection<string> properties)
    {
        var binned = contacts.InBin(contact);
        var fields = binned?.Fields ?? contacts.Fields(contact);
        var furtherEmails = binned?.FurtherEmails ?? [.. contacts.FurtherEmails(contact)];
        var id = HubSpotContactStore.IdOf(contact).ToString(CultureInfo.InvariantCulture);
        var created = contacts.Created(contact).ToString(HubSpotContactWrites.TimeFormat, CultureInfo.InvariantCulture);
        var updated = contacts.Updated(contact).ToString(HubSpotContactWrites.TimeFormat, CultureInfo.InvariantCulture);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteStartObject("properties"u8);
        json.WriteString("createdate"u8, created);
        json.WriteString("hs_object_id"u8, id);
        json.WriteString("lastmodifieddate"u8, updated);
        foreach (var name in properties.Except(["createdate", "hs_object_id", "lastmodifieddate"]))
        {
            json.WritePropertyName(name);
            if (name == "hs_additional_emails" && furtherEmails.Count > 0)
            {
                json.WriteStringValue(string.Join(';', furtherEmails));
            }
            else if (name == "hs_merged_object_ids" && contacts.JoinedInto(contact).ToList() is { Count: > 0 } joined)
            {
                json.WriteStringValue(string.Join(';', joined));
            }
            else if (schema.Find(name) is { } property && PackedFields.TryGet(fields, property.Id, out var value))
            {
                json.WriteRawValue(value, skipInputValidation: true);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndObject();
        json.WriteString("createdAt"u8, created);
        json.WriteString("updatedAt"u8, updated);
        json.WriteBoolean("archived"u8, binned is not null);
        if (binned is not null)
        {
            json.WriteString("archivedAt"u8, binned.At.ToString(HubSpotContactWrites.TimeFormat, CultureInfo.InvariantCulture));
        }

        json.WriteEndObject();
    }

    public bool FindInBin(string id, HubSpotProperty? property, out int contact)
    {
        contact = property is not null
            ? contacts.FindInBin(property, HubSpotInputs.Normal(property, HubSpotInputs.Json(id)).Span)
            : long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (int)Math.Clamp(number - HubSpotContactStore.FirstId, -1, int.MaxValue) : -1;
        return contact >= 0 && contacts.InBin(contact) is not null;
    }

    public bool Find(string id, HubSpotProperty? property, out int contact)
    {
        if (property is null)
        {
            contact = -1;
            return long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && contacts.TryGetById(number, out contact);
        }

        contact = contacts.Find(property, HubSpotInputs.Normal(property, HubSpotInputs.Json(id)).Span);
        return contact >= 0;
    }

    private static bool Admits(SandboxCall call, List<string> ids)
    {
        call.Records = ids.Count;
        if (ids.Count is >= 1 and <= HubSpotContactWrites.MaxInputs)
        {
            return true;
        }

        HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"The number of inputs must be between 1 and {HubSpotContactWrites.MaxInputs}, was {ids.Count}");
        return false;
    }

    internal static bool TryParse(SandboxCall call, out JsonDocument request)
    {
        try
        {
            request = JsonDocument.Parse(call.Body);
            if (request.RootElement.ValueKind == JsonValueKind.Object)
            {
                return true;
            }

            request.Dispose();
        }
        catch (JsonException)
        {
            request = null!;
        }

        HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "Invalid input JSON");
        return false;
    }

    internal static List<string> Texts(JsonElement request, string name, string? field)
        => request.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array
            ? [.. items.EnumerateArray()
                .Select(item => field is null || item.ValueKind != JsonValueKind.Object ? item : item.TryGetProperty(field, out var value) ? value : default)
                .Where(static item => item.ValueKind == JsonValueKind.String)
                .Select(static item => item.GetString()!)]
            : [];
}
