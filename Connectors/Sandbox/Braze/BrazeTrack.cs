using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary><c>POST /users/track</c>: validates each object, answers, and queues what is valid.</summary>
internal sealed class BrazeTrack(BrazePeople people, BrazeQueue queue, TimeProvider clock)
{
    private const int MaxObjects = 75;
    private const int MaxBulkObjects = 1000;
    private const int MaxBulkBytes = 2 * 1024 * 1024;
    private const int MaxExternalIdBytes = 987;
    private const int MaxQuantity = 100;

    /// <summary>The property in which the hub keeps its own id of an event.</summary>
    private const string HubId = "hub_event_id";

    private static readonly string[] Arrays = ["attributes", "events", "purchases"];

    /// <summary>True for legacy contracts, which count the limit of objects per array and not over all three.</summary>
    public bool LimitIsPerArray { get; set; }

    public void Serve(SandboxCall call, JsonElement request)
    {
        call.Records = Arrays.Sum(name => Length(request, name));
        if (LimitIsPerArray ? Arrays.Any(name => Length(request, name) > MaxObjects) : call.Records > MaxObjects)
        {
            BrazeAnswers.Fail(call, 400, "Max Input Length Exceeded");
            return;
        }

        ServeAll(call, request);
    }

    /// <summary><c>POST /users/track/bulk</c>: more objects, fewer bytes.</summary>
    public void ServeBulk(SandboxCall call, JsonElement request)
    {
        call.Records = Arrays.Sum(name => Length(request, name));
        if (call.Records > MaxBulkObjects || call.Body.Length > MaxBulkBytes)
        {
            BrazeAnswers.Fail(call, 400, call.Records > MaxBulkObjects ? "Max Input Length Exceeded" : "Bad Request");
            return;
        }

        ServeAll(call, request);
    }

    private void ServeAll(SandboxCall call, JsonElement request)
    {
        var accepted = new List<BrazeChange>(call.Records);
        var counts = new Dictionary<string, int>();
        var errors = new List<(string Array, int Index, string Type)>();
        foreach (var name in Arrays)
        {
            for (var (i, length) = (0, Length(request, name)); i < length; i++)
            {
                var item = request.GetProperty(name)[i];
                if (Read(call, name, item, accepted) is { } error)
                {
                    errors.Add((name, i, error));
                }
            }

            if (request.TryGetProperty(name, out _))
            {
                counts[name] = accepted.Count - counts.Values.Sum();
            }
        }

        if (accepted.Count > 0)
        {
            queue.Add(accepted);
        }

        Answer(call, counts, errors);
    }

    private static void Answer(SandboxCall call, Dictionary<string, int> counts, List<(string Array, int Index, string Type)> errors)
    {
        var json = call.WriteJson();
        var variant = call.Fault?.Variant;
        call.Status = counts.Values.Sum() > 0 || call.Fault?.Kind == FaultKind.UnknownCode ? 201 : 400;
        json.WriteStartObject();
        if (variant != BrazeFaults.NoMessage)
        {
            json.WriteString("message"u8, call.Status == 201
                ? "success"
                : "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.");
        }

        if (call.Status == 201)
        {
            foreach (var (name, count) in counts)
            {
                json.WriteNumber($"{name}_processed", count);
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
    private string? Read(SandboxCall call, string array, JsonElement item, List<BrazeChange> accepted)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return $"{array} must be objects";
        }

        var (who, error) = ReadWho(item);
        BrazeChange? change = null;
        if (error is null)
        {
            (change, error) = array switch
            {
                "attributes" => ReadAttributes(item, who!),
                "events" => ReadEvent(item, who!),
                _ => ReadPurchase(item, who!),
            };
        }

        if (error is not null)
        {
            return error;
        }

        if (call.Rejects(who!.ExternalId ?? who.Email ?? who.Alias?.Name ?? who.BrazeId ?? who.Phone!))
        {
            return "BLACKLISTED_EXTERNAL_USER_ID";
        }

        if (call.Fault?.Kind == FaultKind.UnknownCode)
        {
            return "SOMETHING_NOBODY_DOCUMENTED";
        }

        accepted.Add(change!);
        return null;
    }

    /// <summary>One primary id at most; without one the e-mail counts, then the phone.</summary>
    private static (BrazeWho? Who, string? Error) ReadWho(JsonElement item)
    {
        var externalId = item.TryGetProperty("external_id"u8, out var given) ? BrazeRequests.Spelled(given) : null;
        var alias = item.TryGetProperty("user_alias"u8, out var named) ? BrazeRequests.Alias(named) : null;
        var brazeId = BrazeRequests.Text(item, "braze_id");
        if (new object?[] { externalId, alias, brazeId }.Count(primary => primary is not null) > 1)
        {
            return (null, "Only one of 'external_id', 'user_alias' and 'braze_id' may be given");
        }

        if (externalId is not null && Encoding.UTF8.GetByteCount(externalId) > MaxExternalIdBytes)
        {
            return (null, "EXTERNAL_USER_ID_TOO_LARGE");
        }

        if (!string.IsNullOrEmpty(externalId) || alias is not null || brazeId is not null)
        {
            return (new BrazeWho { ExternalId = externalId, Alias = alias, BrazeId = brazeId }, null);
        }

        return BrazeRequests.Text(item, "email") is { Length: > 0 } email ? (new BrazeWho { Email = email }, null)
            : BrazeRequests.Text(item, "phone") is { Length: > 0 } phone ? (new BrazeWho { Phone = phone }, null)
            : (null, "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required");
    }

    /// <summary>Braze's own ids never make anybody; aliases do only when told so.</summary>
    private static bool IsUpdateOnly(JsonElement item, BrazeWho who)
        => who.BrazeId is not null
            || (item.TryGetProperty("_update_existing_only"u8, out var told) ? told.ValueKind == JsonValueKind.True : who.Alias is not null);

    private (BrazeChange? Change, string? Error) ReadAttributes(JsonElement item, BrazeWho who)
    {
        var fields = new List<FieldChange>(12);
        var groups = new List<(string, string)>();
        var parts = new List<BrazePart>();
        var merges = item.TryGetProperty("_merge_objects"u8, out var told) && told.ValueKind == JsonValueKind.True;
        foreach (var property in item.EnumerateObject())
        {
            if (property.Name is "external_id" or "user_alias" or "braze_id" or "_update_existing_only" or "_merge_objects")
            {
                continue;
            }

            if (BrazeValues.Check(property) is { } error)
            {
                return (null, error);
            }

            if (property.Name == "subscription_groups")
            {
                if (BrazeValues.ReadGroups(property.Value, groups) is { } badGroup)
                {
                    return (null, badGroup);
                }
            }
            else if (property.Name != "email_subscribe" && BrazePart.IsArrayOperation(property.Value) is var isArray && BrazeValues.Kept(property, people.Attributes, isArray) is { } kept)
            {
                var name = people.Names.Id(property.Name.Trim(' '));
                if (isArray || (merges && property.Value.ValueKind == JsonValueKind.Object))
                {
                    parts.Add(new BrazePart(name, kept, isArray));
                }
                else
                {
                    fields.Add(new FieldChange(name, kept));
                }
            }
        }

        return (new BrazeChange(who, IsUpdateOnly(item, who), [.. fields]) { EmailState = BrazeRequests.Text(item, "email_subscribe"), Groups = groups, Parts = parts }, null);
    }

    private (BrazeChange? Change, string? Error) ReadEvent(JsonElement item, BrazeWho who)
        => BrazeRequests.Text(item, "name") is not { Length: > 0 and <= BrazeValues.MaxText } name ? (null, "'name' is required")
            : ReadHappening(item, who, isPurchase: false, name, ["time", "event_name"]);

    private (BrazeChange? Change, string? Error) ReadPurchase(JsonElement item, BrazeWho who)
    {
        if (BrazeRequests.Text(item, "product_id") is not { Length: > 0 and <= BrazeValues.MaxText } product)
        {
            return (null, "'product_id' is required");
        }

        if (BrazeRequests.Text(item, "currency") is null || !item.TryGetProperty("price"u8, out var price) || price.ValueKind != JsonValueKind.Number)
        {
            return (null, "'currency' and 'price' are required");
        }

        return item.TryGetProperty("quantity"u8, out var quantity) && !(quantity.TryGetInt32(out var pieces) && pieces is >= 1 and <= MaxQuantity)
            ? (null, "'quantity' is not valid")
            : ReadHappening(item, who, isPurchase: true, product, ["time", "product_id", "quantity", "event_name", "price", "currency"]);
    }

    private (BrazeChange? Change, string? Error) ReadHappening(JsonElement item, BrazeWho who, bool isPurchase, string name, string[] reserved)
    {
        if (!item.TryGetProperty("time"u8, out var time) || !time.TryGetDateTimeOffset(out var at))
        {
            return (null, "'time' is required");
        }

        var hubId = default(string);
        if (item.TryGetProperty("properties"u8, out var properties))
        {
            if (properties.ValueKind != JsonValueKind.Object
                || properties.EnumerateObject().Any(property => property.Name.Length > BrazeValues.MaxText || property.Name.StartsWith('$') || reserved.Contains(property.Name)))
            {
                return (null, "Invalid 'properties' field");
            }

            hubId = BrazeRequests.Text(properties, HubId);
        }

        var (latest, fields) = (clock.GetUtcNow(), new List<FieldChange>());
        if (who is { Email: { } email })
        {
            fields.Add(new FieldChange(people.Names.Id("email"), JsonSerializer.SerializeToUtf8Bytes(email)));
        }

        return (
            new BrazeChange(who, IsUpdateOnly(item, who), [.. fields]) { Happening = new BrazeHappening(isPurchase, name, at > latest ? latest : at, hubId) },
            null);
    }

    private static int Length(JsonElement request, string array)
        => request.TryGetProperty(array, out var items) && items.ValueKind == JsonValueKind.Array ? items.GetArrayLength() : 0;
}
