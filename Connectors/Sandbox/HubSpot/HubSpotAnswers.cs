using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>HubSpot's error envelopes. Like HubSpot's, their messages quote what was sent.</summary>
internal static class HubSpotAnswers
{
    public const int PortalId = 62515;

    private static int _calls;

    public static void Fail(SandboxCall call, int status, string? category, string message, params (string Name, string[] Values)[] context)
    {
        var json = Begin(call, status, message);
        if (category is not null)
        {
            json.WriteString("category"u8, category);
        }

        WriteContext(json, context);
        json.WriteEndObject();
    }

    /// <summary>Refuses a whole batch for its records' faults.</summary>
    public static void Refuse(SandboxCall call, IReadOnlyList<HubSpotProblem> problems)
    {
        var first = problems[0];
        var json = Begin(call, first.Category == "CONFLICT" ? 409 : 400, first.Code is null ? first.Message : Embed(problems));
        json.WriteStartArray("errors"u8);
        foreach (var problem in problems.Where(static problem => problem.Code is not null))
        {
            json.WriteStartObject();
            json.WriteString("message"u8, problem.Message);
            json.WriteString("code"u8, problem.Code);
            WriteContext(json, ("propertyName", [problem.Property!]));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("category"u8, first.Category);
        json.WriteEndObject();
    }

    /// <summary>An entry of <c>errors</c> in a mixed answer.</summary>
    public static void WriteProblem(Utf8JsonWriter json, HubSpotProblem problem, ReadOnlySpan<byte> trace)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, "error"u8);
        json.WriteString("category"u8, problem.Category);
        json.WriteString("message"u8, problem.Code is null ? problem.Message : Embed([problem]));
        json.WriteStartObject("context"u8);
        json.WriteStartArray("objectWriteTraceId"u8);
        json.WriteRawValue(trace, skipInputValidation: true);
        json.WriteEndArray();
        if (problem.ExistingId is { } existing)
        {
            json.WriteStartArray("existingId"u8);
            json.WriteStringValue(existing.ToString(System.Globalization.CultureInfo.InvariantCulture));
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void RateLimit(SandboxCall call, string policy, TimeSpan? retryAfter)
    {
        if (retryAfter is { } wait)
        {
            RetryAfter(call, wait);
        }

        var json = Begin(call, 429, $"You have reached your {policy switch { "DAILY" => "daily", "SECONDLY" => "secondly", _ => "ten_secondly_rolling" }} limit.");
        json.WriteString("errorType"u8, "RATE_LIMIT"u8);
        json.WriteString("policyName"u8, policy);
        json.WriteString("requestId"u8, Uuid());
        json.WriteEndObject();
    }

    public static void RetryAfter(SandboxCall call, TimeSpan wait)
        => call.Header("Retry-After", Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static Utf8JsonWriter Begin(SandboxCall call, int status, string message)
    {
        call.Status = status;
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("status"u8, "error"u8);
        json.WriteString("message"u8, message);
        json.WriteString("correlationId"u8, Uuid());
        return json;
    }

    private static void WriteContext(Utf8JsonWriter json, params (string Name, string[] Values)[] context)
    {
        if (context.Length == 0)
        {
            return;
        }

        json.WriteStartObject("context"u8);
        foreach (var (name, values) in context)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string Embed(IReadOnlyList<HubSpotProblem> problems)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var problem in problems.Where(static problem => problem.Code is not null))
            {
                json.WriteStartObject();
                json.WriteBoolean("isValid"u8, false);
                json.WriteString("message"u8, problem.Message);
                json.WriteString("error"u8, problem.Code);
                json.WriteString("name"u8, problem.Property);
                json.WriteString("localizedErrorMessage"u8, problem.Message);
                json.WriteNumber("portalId"u8, PortalId);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return $"Property values were not valid: {Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length)}";
    }

    private static Guid Uuid() => new(Interlocked.Increment(ref _calls), 0x7de0, 0x46ef, 0xbd, 0xdc, 0x89, 0x68, 0x97, 0xeb, 0x88, 0x59);
}
