using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Braze's rules for values: what is refused with an error, and what is dropped or bent without a word.</summary>
internal static class BrazeValues
{
    public const int MaxText = 255;
    public const int MaxElements = 500;

    /// <summary>The key under which objects hold times.</summary>
    public const string Time = "$time";

    private const int MaxObjectArrayBytes = 100 * 1024;

    private static readonly HashSet<string> SubscriptionStates = ["subscribed", "unsubscribed", "opted_in"];
    private static readonly HashSet<string> Genders = ["M", "F", "O", "N", "P"];

    private static readonly HashSet<string> Countries = new(BrazeCountries.Alpha2.Split(' '), StringComparer.OrdinalIgnoreCase);

    /// <returns>The error text that refuses the whole object, or null.</returns>
    public static string? Check(JsonProperty property) => property.Name switch
    {
        "email" when property.Value.ValueKind != JsonValueKind.Null && !IsEmail(property.Value)
            => "The value provided for the 'email' field is not a valid email.",
        "email_subscribe" when !IsOneOf(property.Value, SubscriptionStates) => "BAD_EMAIL_SUBSCRIPTION_STATE",
        "push_subscribe" when !IsOneOf(property.Value, SubscriptionStates) => "BAD_PUSH_SUBSCRIPTION_STATE",
        _ => null,
    };

    /// <summary>Reads <c>subscription_groups</c>.</summary>
    /// <returns>The error that refuses the whole object, or null.</returns>
    public static string? ReadGroups(JsonElement value, List<(string Id, string State)> groups)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return "BAD_SUBSCRIPTION_GROUP_ARRAY";
        }

        foreach (var group in value.EnumerateArray())
        {
            if (group.ValueKind != JsonValueKind.Object)
            {
                return "BAD_SUBSCRIPTION_GROUP_HASH";
            }

            if (BrazeRequests.Text(group, "subscription_group_id") is not { Length: > 0 } id)
            {
                return "BAD_SUBSCRIPTION_GROUP_ID";
            }

            if (BrazeRequests.Text(group, "subscription_state") is not { } state || state is not (BrazeConsents.Subscribed or BrazeConsents.Unsubscribed))
            {
                return "BAD_SUBSCRIPTION_GROUP_STATE";
            }

            groups.Add((id, state));
        }

        return null;
    }

    /// <param name="property">The attribute.</param>
    /// <param name="attributes">What the workspace knows of attributes.</param>
    /// <param name="changesArray">True when elements are added and removed, so that it is an array.</param>
    /// <returns>The value to store (empty: remove the field), or null when Braze drops it silently.</returns>
    public static byte[]? Kept(JsonProperty property, BrazeAttributes attributes, bool changesArray)
    {
        var value = property.Value;
        if (value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (property.Name is "country" && !IsOneOf(value, Countries) || property.Name is "gender" && !IsOneOf(value, Genders))
        {
            return [];
        }

        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (attributes.Blocked.ContainsKey(property.Name) || attributes.Forced.TryGetValue(property.Name, out var type) && !(changesArray ? type == BrazeType.Array : Fits(value, type)))
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return raw.Length > MaxText + 2 && value.GetString()!.Length > MaxText ? null : raw.ToArray();
            case JsonValueKind.Object:
                return IsInvalid(value) ? null : raw.ToArray();
            case JsonValueKind.Array when value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object):
                return raw.Length > MaxObjectArrayBytes ? null : raw.ToArray();
            case JsonValueKind.Array:
                return Newest(value);
            default:
                return raw.ToArray();
        }
    }

    private static bool IsEmail(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        var text = value.GetString()!;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == text.LastIndexOf('@') && text.IndexOf('.', at) > at + 1 && !text.EndsWith('.') && !text.Any(char.IsWhiteSpace);
    }

    private static bool IsOneOf(JsonElement value, HashSet<string> allowed)
        => value.ValueKind == JsonValueKind.String && allowed.Contains(value.GetString()!);

    private static bool Fits(JsonElement value, BrazeType type) => type switch
    {
        BrazeType.Text => value.ValueKind == JsonValueKind.String,
        BrazeType.Number => value.ValueKind == JsonValueKind.Number,
        BrazeType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        BrazeType.Time => value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out _),
        BrazeType.Object => value.ValueKind == JsonValueKind.Object,
        _ => value.ValueKind == JsonValueKind.Array,
    };

    /// <summary>A null or a time that is none, on any level.</summary>
    private static bool IsInvalid(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Object => value.EnumerateObject().Any(property => property.Name == Time ? property.Value.ValueKind != JsonValueKind.String || !property.Value.TryGetDateTimeOffset(out _) : IsInvalid(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(IsInvalid),
        _ => false,
    };

    /// <summary>Values of an array are unique, a repeated one moves to the end, and past the maximum the oldest go.</summary>
    private static byte[] Newest(JsonElement array)
    {
        var newest = array.EnumerateArray().Select(item => item.GetRawText()).Reverse().Distinct().Take(MaxElements).Reverse();
        return Encoding.UTF8.GetBytes($"[{string.Join(',', newest)}]");
    }
}
