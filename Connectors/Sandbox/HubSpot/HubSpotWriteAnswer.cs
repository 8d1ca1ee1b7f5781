using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Answers writes of many contacts, in an order of its own.</summary>
internal sealed class HubSpotWriteAnswer(int seed, TimeProvider time)
{
    private int _shuffles = seed;

    public void Write(SandboxCall call, HubSpotInputs inputs, HubSpotWritten[] written, HubSpotProblem?[] problems, DateTime now, bool traced, bool tellsNew)
    {
        var order = Enumerable.Range(0, inputs.Count).ToArray();
        new Random(Interlocked.Increment(ref _shuffles)).Shuffle(order);
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("status"u8, "COMPLETE"u8);
        var unmentioned = call.Fault?.Variant == HubSpotSandbox.PartlyMentioned ? order.Length - (order.Length / 2) : 0;
        json.WriteStartArray("results"u8);
        foreach (var i in order.AsSpan(unmentioned))
        {
            if (problems[i] is null)
            {
                WriteResult(json, inputs, inputs[i], written[i], now, traced, tellsNew);
            }
        }

        json.WriteEndArray();
        var errors = problems.Count(static problem => problem is not null);
        if (errors > 0)
        {
            call.Status = 207;
            json.WriteNumber("numErrors"u8, errors);
            json.WriteStartArray("errors"u8);
            foreach (var i in order)
            {
                if (problems[i] is { } problem)
                {
                    HubSpotAnswers.WriteProblem(json, problem, inputs[i].Trace.Span);
                }
            }

            json.WriteEndArray();
        }

        json.WriteString("startedAt"u8, Time(now));
        json.WriteString("completedAt"u8, Time(time.GetUtcNow().UtcDateTime));
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, HubSpotInputs inputs, HubSpotInput input, HubSpotWritten written, DateTime now, bool traced, bool tellsNew)
    {
        Span<byte> id = stackalloc byte[20];
        HubSpotContactStore.IdOf(written.Contact).TryFormat(id, out var length, provider: CultureInfo.InvariantCulture);
        id = id[..length];
        Span<byte> created = stackalloc byte[24];
        Span<byte> updated = stackalloc byte[24];
        written.Created.TryFormat(created, out _, HubSpotContactWrites.TimeFormat, CultureInfo.InvariantCulture);
        now.TryFormat(updated, out _, HubSpotContactWrites.TimeFormat, CultureInfo.InvariantCulture);

        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteStartObject("properties"u8);
        json.WriteString("createdate"u8, created);
        var changes = written.Kept ?? inputs.Changes(input);
        for (var c = 0; c < changes.Length; c++)
        {
            json.WritePropertyName(inputs.PropertyOf(input, c).JsonName);
            json.WriteRawValue(changes[c].Json.IsEmpty ? "\"\""u8 : changes[c].Json.Span, skipInputValidation: true);
        }

        if (input.IdProperty is { } property && !inputs.HasOwnKey(input))
        {
            json.WritePropertyName(property.JsonName);
            json.WriteRawValue(input.Id.Span, skipInputValidation: true);
        }

        json.WriteString("hs_object_id"u8, id);
        json.WriteString("lastmodifieddate"u8, updated);
        json.WriteEndObject();
        json.WriteString("createdAt"u8, created);
        json.WriteString("updatedAt"u8, updated);
        json.WriteBoolean("archived"u8, false);
        if (tellsNew)
        {
            json.WriteBoolean("new"u8, written.IsNew);
        }

        if (traced)
        {
            json.WritePropertyName("objectWriteTraceId"u8);
            json.WriteRawValue(input.Trace.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static string Time(DateTime time) => time.ToString(HubSpotContactWrites.TimeFormat, CultureInfo.InvariantCulture);
}
