using System.Collections.Concurrent;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>The workspace's custom attributes: each is made by the first write, of the type of that value, unless somebody fixed another.</summary>
internal sealed class BrazeAttributes(FieldNames names)
{
    private static readonly HashSet<string> StandardFields =
    [
        "country", "current_location", "date_of_first_session", "date_of_last_session", "dob", "email", "email_click_tracking_disabled",
        "email_open_tracking_disabled", "first_name", "gender", "home_city", "language", "last_name", "marked_email_as_spam_at", "phone",
        "push_subscribe", "push_tokens", "time_zone",
    ];

    private readonly ConcurrentDictionary<ushort, BrazeType> _detected = new();

    /// <summary>Types that somebody fixed in the dashboard.</summary>
    public ConcurrentDictionary<string, BrazeType> Forced { get; } = new(StringComparer.Ordinal);

    /// <summary>Attributes that somebody put on the blocklist.</summary>
    public ConcurrentDictionary<string, bool> Blocked { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes what is not there yet.</summary>
    public void Learn(FieldChange[] fields)
    {
        foreach (var field in fields)
        {
            if (!field.Json.IsEmpty && !_detected.ContainsKey(field.Name))
            {
                _detected[field.Name] = TypeOf(field.Json);
            }
        }
    }

    /// <summary><c>GET /custom_attributes</c>: fifty by the alphabet; the link in the header leads on.</summary>
    public void List(SandboxCall call)
    {
        if (BrazePaging.Take(call, All()) is not { } page)
        {
            return;
        }

        BrazeAnswers.Succeed(call, 200, json =>
        {
            json.WriteStartArray("attributes"u8);
            foreach (var (name, type) in page)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                json.WriteNull("description"u8);
                json.WriteString("data_type"u8, type);
                if (type.StartsWith("Array", StringComparison.Ordinal))
                {
                    json.WriteNumber("array_length"u8, BrazeValues.MaxElements);
                }
                else
                {
                    json.WriteNull("array_length"u8);
                }

                json.WriteString("status"u8, Blocked.ContainsKey(name) ? "Blocklisted" : "Active");
                json.WriteStartArray("tag_names"u8);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    public void Clear()
    {
        _detected.Clear();
        Forced.Clear();
        Blocked.Clear();
    }

    private SortedDictionary<string, string> All()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (id, type) in _detected)
        {
            if (names.Name(id) is var name && !StandardFields.Contains(name))
            {
                all[name] = $"{Words(type)} (Automatically Detected)";
            }
        }

        foreach (var (name, type) in Forced)
        {
            all[name] = Words(type);
        }

        foreach (var name in Blocked.Keys)
        {
            all.TryAdd(name, Words(BrazeType.Text));
        }

        return all;
    }

    private static string Words(BrazeType type) => type switch
    {
        BrazeType.Text => "String",
        BrazeType.ObjectArray => "Object Array",
        _ => type.ToString(),
    };

    private static BrazeType TypeOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var value = document.RootElement;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.TryGetDateTimeOffset(out _) ? BrazeType.Time : BrazeType.Text,
            JsonValueKind.Number => BrazeType.Number,
            JsonValueKind.Array => value.EnumerateArray().Any(static item => item.ValueKind == JsonValueKind.Object) ? BrazeType.ObjectArray : BrazeType.Array,
            JsonValueKind.Object => BrazeType.Object,
            _ => BrazeType.Boolean,
        };
    }
}
