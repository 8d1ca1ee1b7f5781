using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary><c>POST /users/track</c>: validates each object, answers, and queues what is valid.</summary>
internal sealed class BrazeTrack(BrazePeople people, BrazeQueue queue)
{
    private const int MaxObjects = 75;
    private const int MaxExternalIdBytes = 987;

    private static readonly string[] Arrays = ["attributes", "events", "purchases"];

    public ConcurrentDictionary<string, BrazeType> ForcedTypes { get; } = new(StringComparer.Ordinal);

    public void Serve(SandboxCall call)
    {
        JsonDocument request;
        try
        {
            request = JsonDocument.Parse(call.Body);
        }
        catch (JsonException)
        {
            BrazeAnswers.Fail(call, 400, "Bad Request");
            return;
        }

        using (request)
        {
            if (request.RootElement.ValueKind != JsonValueKind.Object)
            {
                BrazeAnswers.Fail(call, 400, "Bad Request");
                return;
            }

            call.Records = Arrays.Sum(name => Length(request.RootElement, name));
            if (call.Records > MaxObjects)
            {
                BrazeAnswers.Fail(call, 400, "Max Input Length Exceeded");
                return;
            }

            Serve(call, request.RootElement);
        }
    }

    private void Serve(SandboxCall call, JsonElement request)
    {
        var accepted = new List<BrazeChange>(call.Records);
        var errors = new List<(string Array, int Index, string Type)>();
        foreach (var name in Arrays)
        {
            for (var (i, length) = (0, Length(request, name)); i < length; i++)
            {
                var item = request.GetProperty(name)[i];
                var error = name == "attributes"
                    ? Read(call, item, accepted)
                    : $"The sandbox does not serve '{name}' yet";
                if (error is not null)
                {
                    errors.Add((name, i, error));
                }
            }
        }

        if (accepted.Count > 0)
        {
            queue.Add(accepted);
        }

        Answer(call, request, accepted.Count, errors);
    }

    private static void Answer(SandboxCall call, JsonElement request, int accepted, List<(string Array, int Index, string Type)> errors)
    {
        var json = call.WriteJson();
        var variant = call.Fault?.Variant;
        call.Status = accepted > 0 || call.Fault?.Kind == FaultKind.UnknownCode ? 201 : 400;
        json.WriteStartObject();
        if (variant != BrazeFaults.NoMessage)
        {
            json.WriteString("message"u8, call.Status == 201
                ? "success"
                : "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.");
        }

        if (call.Status == 201)
        {
            if (request.TryGetProperty("attributes"u8, out _))
            {
                json.WriteNumber("attributes_processed"u8, accepted);
            }
        }

        if (errors.Count > 0 || variant == BrazeFaults.ErrorsWithoutIndex)
        {
            json.WriteStartArray("errors"u8);
            if (variant == BrazeFaults.ErrorsWithoutIndex)
            {
                json.WriteStringValue("Some data could not be processed"u8);
            }

            foreach (var (array, index, type) in errors)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, type);
                json.WriteString("input_array"u8, array);
                json.WriteNumber("index"u8, index);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <returns>What is wrong with the object, or null when it was accepted.</returns>
    private string? Read(SandboxCall call, JsonElement item, List<BrazeChange> accepted)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return "attributes must be objects";
        }

        string? externalId = null, email = null;
        var updateOnly = false;
        var fields = new List<FieldChange>(12);
        foreach (var property in item.EnumerateObject())
        {
            switch (property.Name)
            {
                case "external_id":
                    externalId = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : property.Value.GetRawText();
                    break;
                case "_update_existing_only":
                    updateOnly = property.Value.ValueKind == JsonValueKind.True;
                    break;
                case "user_alias" or "braze_id":
                    return $"The sandbox does not serve '{property.Name}' yet";
                default:
                    if (BrazeValues.Check(property) is { } error)
                    {
                        return error;
                    }

                    if (property.Name == "email" && property.Value.ValueKind == JsonValueKind.String)
                    {
                        email = property.Value.GetString();
                    }

                    if (BrazeValues.Kept(property, ForcedTypes) is { } kept)
                    {
                        fields.Add(new FieldChange(people.Names.Id(property.Name.Trim(' ')), kept));
                    }

                    break;
            }
        }

        if (string.IsNullOrEmpty(externalId) && string.IsNullOrEmpty(email))
        {
            return "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required";
        }

        if (externalId is not null && Encoding.UTF8.GetByteCount(externalId) > MaxExternalIdBytes)
        {
            return "EXTERNAL_USER_ID_TOO_LARGE";
        }

        var key = externalId ?? email!;
        if (call.Rejects(key))
        {
            return "BLACKLISTED_EXTERNAL_USER_ID";
        }

        if (call.Fault?.Kind == FaultKind.UnknownCode)
        {
            return "SOMETHING_NOBODY_DOCUMENTED";
        }

        accepted.Add(new BrazeChange(externalId, email, updateOnly, [.. fields]));
        return null;
    }

    private static int Length(JsonElement request, string array)
        => request.TryGetProperty(array, out var items) && items.ValueKind == JsonValueKind.Array ? items.GetArrayLength() : 0;
}
