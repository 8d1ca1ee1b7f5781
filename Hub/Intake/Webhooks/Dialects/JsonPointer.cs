using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>JSON Pointers: https://www.rfc-editor.org/rfc/rfc6901. Pure.</summary>
internal static class JsonPointer
{
    /// <summary>What stands there; undefined when nothing does.</summary>
    public static JsonElement Find(JsonElement at, string pointer)
    {
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var value))
            {
                at = value;
            }
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < at.GetArrayLength())
            {
                at = at[place];
            }
            else
            {
                return default;
            }
        }

        return at;
    }
}
