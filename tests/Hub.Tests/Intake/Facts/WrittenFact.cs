using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>A fact as a producer writes it, read at noon of a day.</summary>
internal static class WrittenFact
{
    public static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    public const string Withdrawal =
        """
        {"event_id":"3a00431c-fb7a-58a2-baba-974477f91d63","event_type":"consent_updated","schema_version":1,"occurred_at":"2026-11-20T10:00:00Z",
         "producer":"shop","tenant_id":"default","correlation_id":"c-1","subject":{"external_id":"p-1","email":"kai@example.test","crm_id":"crm-1"},
         "consent":{"purposes":{"sms_marketing":"granted"},"source":"form","checked_at":"2026-11-20T09:00:00Z"},
         "payload":{"purpose":"email_marketing","status":"denied","source":"preference-center"}}
        """;

    public static FactVerdict Read(string json, ConsentAuthority? authority = null) => FactReading.Read(Encoding.UTF8.GetBytes(json), Now, authority ?? Authorities.Everybody);

    /// <summary>Puts raw JSON in place of a field, or takes it away.</summary>
    public static string Patched(string json, string field, string? value)
    {
        var marker = $"\"{Guid.NewGuid()}\"";
        var root = JsonNode.Parse(json)!.AsObject();
        var steps = field.Replace("LONG", new string('x', 256), StringComparison.Ordinal).Split('.');
        var parent = steps[..^1].Aggregate(root, (node, step) => node[step]!.AsObject());
        parent.Remove(steps[^1]);
        if (value is not null)
        {
            parent[steps[^1]] = marker.Trim('"');
        }

        return root.ToJsonString().Replace(marker, value?.Replace("LONG", new string('x', 400), StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
