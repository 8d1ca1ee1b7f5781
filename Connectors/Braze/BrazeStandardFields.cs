using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Names with a meaning of their own, with what each takes: https://www.braze.com/docs/api/objects_filters/user_attributes_object</summary>
internal static class BrazeStandardFields
{
    private static readonly StandardType Text = new("a text", FieldKind.Text);
    private static readonly StandardType Boolean = new("true or false", FieldKind.Boolean);
    private static readonly StandardType Day = new("a day as YYYY-MM-DD", FieldKind.Date, FieldKind.Text);
    private static readonly StandardType Time = new("a time in ISO 8601", FieldKind.Instant, FieldKind.Date, FieldKind.Text);
    private static readonly StandardType Structure = new("an object or a list, which no mapping writes");

    private static readonly Dictionary<string, StandardType> Types = new(StringComparer.Ordinal)
    {
        ["alias_name"] = Text,
        ["braze_id"] = Text,
        ["country"] = Text,
        ["current_location"] = Structure,
        ["date_of_first_session"] = Time,
        ["date_of_last_session"] = Time,
        ["dob"] = Day,
        ["email"] = Text,
        ["email_subscribe"] = Text,
        ["email_open_tracking_disabled"] = Boolean,
        ["email_click_tracking_disabled"] = Boolean,
        ["external_id"] = Text,
        ["first_name"] = Text,
        ["gender"] = Text,
        ["home_city"] = Text,
        ["language"] = Text,
        ["last_name"] = Text,
        ["marked_email_as_spam_at"] = Time,
        ["phone"] = Text,
        ["push_subscribe"] = Text,
        ["push_tokens"] = Structure,
        ["subscription_groups"] = Structure,
        ["time_zone"] = Text,
        ["user_alias"] = Structure,
    };

    public static bool Contains(string name) => Types.ContainsKey(name);

    /// <summary>What the field takes, in words, when it does not take values of the kind; else null.</summary>
    public static string? Refusal(string name, FieldKind kind)
        => kind != FieldKind.Null && Types.TryGetValue(name, out var type) && !type.Kinds.Contains(kind) ? type.Words : null;

    private sealed record StandardType(string Words, params FieldKind[] Kinds);
}
