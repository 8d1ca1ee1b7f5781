using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>Any JSON, by the rules of the source's file. Pure.</summary>
internal static class JsonDialect
{
    /// <summary>Makes the facts of a call.</summary>
    public static void Read(SourceCall call, Normalised result)
    {
        if (call.Source.Ignored.Any(condition => Fits(call.Json, condition)))
        {
            result.Leave("ignored");
            return;
        }

        if (call.Source.Facts.FirstOrDefault(rule => Fits(call.Json, rule.When)) is not { } fitting)
        {
            result.SetAside(call.Bytes, "", "no_rule_fits", "No rule under facts in the source's file fits this call. Add one, or say under ignore that it is nothing.");
            return;
        }

        if (fitting.Each is null)
        {
            Add(call, fitting, call.Json, 0, result);
            return;
        }

        var list = JsonPointer.Find(call.Json, fitting.Each);
        if (list.ValueKind != JsonValueKind.Array)
        {
            result.SetAside(call.Bytes, "", "list_missing", $"At {fitting.Each} of the call is no list. Correct each in the source's file.");
            return;
        }

        var place = 0;
        foreach (var element in list.EnumerateArray())
        {
            Add(call, fitting, element, place++, result);
        }
    }

    private static bool Fits(JsonElement call, IReadOnlyDictionary<string, string> conditions) =>
        conditions.All(condition => WordOf(JsonPointer.Find(call, condition.Key)) == condition.Value);

    private static string? WordOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    private static void Add(SourceCall call, JsonFactRule rule, JsonElement element, int place, Normalised result)
    {
        var part = rule.Each is null ? null : place.ToString(CultureInfo.InvariantCulture);
        var named = rule.EventId is null ? null : SourceCall.TextOf(Value(rule.EventId, element));
        var id = named is not null ? Uuid8.OfName(call.NameInIds, named) : Uuid8.Of(call.NameInIds, call.Key, part);
        var head = new FactHead(id, rule.EventType, EpochTime.Read(Value(rule.OccurredAt, element)), call.Producer);
        result.Facts.Add(DraftedFact.Of(
            head, rule.Subject.Select(key => KeyValuePair.Create(key.Key, SourceCall.TextOf(Value(key.Value, element)))), DraftedFact.NoConsent, writer =>
            {
                foreach (var (name, from) in rule.Payload)
                {
                    Write(writer, name, Payload(rule.EventType, name, from, element));
                }

                foreach (var (name, fields) in rule.Objects)
                {
                    writer.WriteStartObject(name);
                    foreach (var (field, from) in fields)
                    {
                        Write(writer, field, Value(from, element));
                    }

                    writer.WriteEndObject();
                }
            }));
    }

    /// <summary>What a pointer finds, or the text itself; true and false are no texts.</summary>
    private static JsonElement Value(string from, JsonElement element) =>
        from[0] == '/' ? JsonPointer.Find(element, from) : from is "true" or "false" ? JsonElement.Parse(from) : JsonSerializer.SerializeToElement(from);

    /// <summary>Senders spell a consent in many ways; an unknown word stays as it is, and the reader of facts sets it aside.</summary>
    private static JsonElement Payload(string type, string name, string from, JsonElement element)
    {
        var value = Value(from, element);
        return type == ConsentUpdated.Type && name == "status" && WordOf(value) is { } word && ConsentSpelling.TryRead(word, out var status) && status is not null
            ? JsonSerializer.SerializeToElement(status)
            : value;
    }

    private static void Write(Utf8JsonWriter writer, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }
}
