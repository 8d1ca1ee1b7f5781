using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Intake.Changes;

/// <summary>
/// A change of an audience as tools that sync lists state it: somebody joins, leaves, or has other attributes. Pure.
/// <para>
/// What makes a resend safe: with an <c>id</c>, or with the call's <c>Idempotency-Key</c> and the place in the call, the same change is the same fact. With
/// <c>at</c> alone the change itself and its time are the id. With none of them the change counts from when it came in, and a resend states it again: since a change says
/// how things are and not what happened, that changes nothing, unless somebody else changed it in between.
/// </para>
/// </summary>
internal static class AudienceChange
{
    private const string Add = "add";
    private const string Update = "update";
    private const string Remove = "remove";

    private static readonly string[] _keys = ["external_id", "email", "phone"];
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>The facts of a change, or what is wrong with it: 1 or 2.</summary>
    /// <param name="change">The JSON object.</param>
    /// <param name="audience">Key of the audience.</param>
    /// <param name="call">What holds for all changes of the call.</param>
    /// <param name="place">Its place in the call, from 0.</param>
    public static IReadOnlyList<DraftedFact> Read(ReadOnlyMemory<byte> change, string audience, ChangeCall call, int place)
    {
        if (!Utf8.IsValid(change.Span))
        {
            return Wrong("", "not_utf8", "The line is not UTF-8.");
        }

        try
        {
            using var json = JsonDocument.Parse(change, _strict);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? Read(change, json.RootElement, audience, call, place)
                : Wrong("", "not_an_object", "The line holds no JSON object.");
        }
        catch (JsonException)
        {
            return Wrong("", "json_malformed", "The line is no JSON, or names a property twice.");
        }
        catch (InvalidOperationException)
        {
            return Wrong("", "half_surrogate_pair", "A text or a name in the line holds half a surrogate pair.");
        }

        DraftedFact[] Wrong(string path, string code, string problem) => [new DraftedFact(change, new FactDefect(path, code, problem))];
    }

    private static List<DraftedFact> Read(ReadOnlyMemory<byte> change, JsonElement json, string audience, ChangeCall call, int place)
    {
        var operation = Text(json, "op");
        if (operation is not (Add or Update or Remove))
        {
            return [new DraftedFact(change, new FactDefect("op", "operation_unknown", "must be add, update or remove"))];
        }

        var hasAttributes = json.TryGetProperty("attributes", out var attributes) && attributes.ValueKind != JsonValueKind.Null;
        if (operation == Update && !hasAttributes)
        {
            return [new DraftedFact(change, new FactDefect("attributes", "attributes_missing", "is needed by an update"))];
        }

        var at = Text(json, "at");
        var occurredAt = at ?? call.TimeOf(place).ToString("O", CultureInfo.InvariantCulture);
        KeyValuePair<string, string?>[] subject = [.. _keys.Select(key => KeyValuePair.Create(key, Text(json, key)))];
        var facts = new List<DraftedFact>(2);
        if (operation != Remove && hasAttributes)
        {
            facts.Add(DraftedFact.Of(Head(ProfileUpdated.Type), subject, DraftedFact.NoConsent, writer =>
            {
                writer.WritePropertyName("attributes");
                attributes.WriteTo(writer);
            }));
        }

        if (operation != Update)
        {
            facts.Add(DraftedFact.Of(Head(AudienceMembershipChanged.Type), subject, DraftedFact.NoConsent, writer =>
            {
                writer.WriteString("audience", audience);
                writer.WriteBoolean("is_member", operation == Add);
            }));
        }

        return facts;

        FactHead Head(string type) => new(
            Text(json, "id") is { } id ? Uuid8.Of(call.Producer, audience, "id", id, type)
                : call.Key is { } key ? Uuid8.Of(call.Producer, audience, "key", key, place.ToString(CultureInfo.InvariantCulture), type)
                : at is not null ? Uuid8.Of(call.Producer, audience, "at", at, operation, string.Join('\n', subject.Select(part => part.Value)), hasAttributes ? attributes.GetRawText() : null, type)
                : Uuid8.Of(call.Producer, audience, "call", call.CallId.ToString(), place.ToString(CultureInfo.InvariantCulture), type),
            type, occurredAt, call.Producer);
    }

    /// <summary>A text, or a number as it is spelled.</summary>
    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.ValueKind switch
        {
            JsonValueKind.String when !string.IsNullOrWhiteSpace(value.GetString()) => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        }
        : null;
}

/// <summary>What holds for all changes of a call.</summary>
/// <param name="Producer">Who states them.</param>
/// <param name="Key">The caller's own id of the call, the same on a resend; null when it has none.</param>
/// <param name="CallId">The hub's id of the call.</param>
/// <param name="ReceivedAt">When it came in.</param>
internal sealed record ChangeCall(string Producer, string? Key, Guid CallId, DateTimeOffset ReceivedAt)
{
    /// <summary>The time of a change that has none: later ones of a call are later, by as little as both databases tell apart.</summary>
    public DateTimeOffset TimeOf(int place) => ReceivedAt + TimeSpan.FromMicroseconds(place);
}
