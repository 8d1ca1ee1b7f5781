using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>A changed field of a person.</summary>
/// <param name="Id"><c>marketoGUID</c>, the id to be; of older instances <c>id</c>.</param>
/// <param name="Lead">The person.</param>
/// <param name="At"><c>activityDate</c>.</param>
/// <param name="Field">REST name of the field.</param>
/// <param name="NewValue">What it is now, as text; null when it is empty.</param>
internal sealed record LeadChange(string Id, long Lead, DateTimeOffset At, string Field, string? NewValue)
{
    /// <summary>The fields of one element; none where it tells of a new person.</summary>
    public static IEnumerable<LeadChange> Read(JsonElement activity)
    {
        if (!activity.TryGetProperty("fields", out var fields) || fields.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        var id = activity.TryGetProperty("marketoGUID", out var guid) && guid.ValueKind == JsonValueKind.String ? guid.GetString()! : activity.GetProperty("id").GetRawText();
        var lead = activity.GetProperty("leadId").GetInt64();
        var at = DateTimeOffset.Parse(activity.GetProperty("activityDate").GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        foreach (var field in fields.EnumerateArray())
        {
            yield return new LeadChange(id, lead, at, field.GetProperty("name").GetString()!, Text(field));
        }
    }

    private static string? Text(JsonElement field) => !field.TryGetProperty("newValue", out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
}
