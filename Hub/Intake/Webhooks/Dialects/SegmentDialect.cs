using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>
/// Segment's calls (https://segment.com/docs/connections/spec/) and RudderStack's, which are the same and <c>record</c>
/// (https://www.rudderstack.com/docs/event-spec/standard-events/record/). Pure.
/// </summary>
internal sealed class SegmentDialect
{
    private const string PreferenceUpdated = "Segment Consent Preference Updated";
    private const string OrderCompleted = "Order Completed";
    private const string AudienceEntered = "Audience Entered";
    private const string AudienceExited = "Audience Exited";

    private readonly SourceCall _call;
    private readonly Normalised _result;
    private readonly IReadOnlyDictionary<string, string> _consent;
    private readonly IReadOnlyDictionary<string, bool> _destinations;
    private readonly string _messageId;

    private SegmentDialect(SourceCall call, Normalised result)
    {
        (_call, _result) = (call, result);
        _consent = SegmentConsent.Read(call, call.Source.Consent);
        _destinations = SegmentIntegrations.Read(call);
        _messageId = call.Text("messageId") ?? call.Digest;
    }

    private string? UserId => _call.Text("userId");

    private string? AnonymousId => _call.Text("anonymousId");

    /// <summary>Makes the facts of a call.</summary>
    public static void Read(SourceCall call, Normalised result) => new SegmentDialect(call, result).Read();

    private void Read()
    {
        switch (_call.Text("type")?.ToLowerInvariant())
        {
            case "identify":
                Identify();
                break;
            case "track":
                Track();
                break;
            case "page":
                View("page_viewed");
                break;
            case "screen":
                View("screen_viewed");
                break;
            case "group":
                Group();
                break;
            case "alias":
                Alias();
                break;
            case "delete":
                Add(Head(ProfileDeleted.Type), Subject(default), DraftedFact.NoConsent, writer => writer.WriteString("reason", "erasure_request"), takesAway: true);
                break;
            case "record" when _call.Source.Dialect == Configuration.SourceDialect.Rudderstack:
                Record();
                break;
            default:
                _result.SetAside(_call.Bytes, "type", "call_unknown", "is no type of call that this dialect knows");
                break;
        }
    }

    private void Identify()
    {
        var traits = _call.Get("traits");
        var attributes = new FlatProperties()
            .Add(_call.Get("context", "traits"), _call.Source.TraitNames, _call.Source.Audiences.ContainsKey)
            .Add(traits, _call.Source.TraitNames, _call.Source.Audiences.ContainsKey);
        LeaveOut(attributes);
        Add(Head(ProfileUpdated.Type), Subject(traits), _consent, writer => Write(writer, "attributes", attributes));
        foreach (var trait in traits.ValueKind == JsonValueKind.Object ? traits.EnumerateObject() : default)
        {
            if (_call.Source.Audiences.ContainsKey(trait.Name))
            {
                Member(trait.Name, trait.Value, $"audience:{trait.Name}");
            }
        }
    }

    private void Track()
    {
        var name = _call.Text("event");
        if (name == PreferenceUpdated)
        {
            Prefer();
        }
        else if (name is AudienceEntered or AudienceExited)
        {
            Enter(name == AudienceEntered);
        }
        else if (name == OrderCompleted && _call.Get("properties", "products") is { ValueKind: JsonValueKind.Array } products && products.GetArrayLength() > 0)
        {
            Order(products);
        }
        else
        {
            var properties = new FlatProperties().Add(_call.Get("properties"), _call.Source.TraitNames);
            LeaveOut(properties);
            Add(Head(BehaviorTracked.Type), Subject(default), _consent, writer => Behave(writer, name is null ? null : CanonicalName.Of(name, _call.Source.EventNames), properties));
        }
    }

    private void View(string name)
    {
        if (!_call.Source.PageViews)
        {
            _result.Leave(name);
            return;
        }

        var properties = new FlatProperties().Add(_call.Json, _call.Source.TraitNames, property => property is not ("name" or "category")).Add(_call.Get("properties"), _call.Source.TraitNames);
        LeaveOut(properties);
        Add(Head(BehaviorTracked.Type), Subject(default), _consent, writer => Behave(writer, name, properties));
    }

    /// <summary>One fact for each product, which says what all have in common too.</summary>
    private void Order(JsonElement products)
    {
        var order = _call.Get("properties");
        var place = 0;
        foreach (var product in products.EnumerateArray())
        {
            var properties = new FlatProperties().Add(order, _call.Source.TraitNames, property => property == "products").Add(product, _call.Source.TraitNames);
            LeaveOut(properties);
            var head = Head(BehaviorTracked.Type, (place++).ToString(CultureInfo.InvariantCulture));
            Add(head, Subject(default), _consent, writer =>
            {
                Behave(writer, CanonicalName.Of(OrderCompleted, _call.Source.EventNames), properties);
                writer.WriteStartObject("purchase");
                WriteText(writer, "product_id", SourceCall.TextOf(SourceCall.Get(product, "product_id")) ?? SourceCall.TextOf(SourceCall.Get(product, "sku")));
                WriteText(writer, "currency", (SourceCall.TextOf(SourceCall.Get(product, "currency")) ?? SourceCall.TextOf(SourceCall.Get(order, "currency")))?.ToUpperInvariant());
                WriteText(writer, "price", SourceCall.TextOf(SourceCall.Get(product, "price")));
                if (SourceCall.TextOf(SourceCall.Get(product, "quantity")) is { } quantity)
                {
                    writer.WritePropertyName("quantity");
                    writer.WriteRawValue(decimal.TryParse(quantity, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var pieces) && pieces == decimal.Truncate(pieces)
                        ? decimal.Truncate(pieces).ToString(CultureInfo.InvariantCulture)
                        : "0");
                }

                writer.WriteEndObject();
            });
        }
    }

    /// <summary>The only call that writes consent. Anybody may say that a person withdrew; only a source with the authority may say that one agreed.</summary>
    private void Prefer()
    {
        if (_consent.Count == 0)
        {
            _result.SetAside(
                _call.Bytes, "context.consent", "consent_unmapped",
                "names no category of the source's file; list its categories under consent.categories with their purposes, and state the decision as a consent_updated fact");
            return;
        }

        foreach (var (purpose, status) in _consent)
        {
            if (status == ConsentWord.Granted && !_call.Source.Consent!.MayGrant)
            {
                _result.Leave("grant_without_authority");
                continue;
            }

            Add(
                Head(ConsentUpdated.Type, $"consent:{purpose}"), Subject(default), DraftedFact.NoConsent,
                writer =>
                {
                    writer.WriteString("purpose", purpose);
                    writer.WriteString("status", status);
                    writer.WriteString("source", _call.Producer);
                },
                takesAway: status == ConsentWord.Denied);
        }
    }

    private void Enter(bool entered)
    {
        if (_call.Text("properties", "audience_key") is not { } key || !_call.Source.Audiences.ContainsKey(key))
        {
            _result.Leave("audience_not_listed");
            return;
        }

        var value = _call.Get("properties", key);
        Member(key, value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value : JsonElement.Parse(entered ? "true"u8 : "false"u8), null);
    }

    private void Group()
    {
        var traits = new FlatProperties().Add(_call.Get("traits"), _call.Source.TraitNames);
        LeaveOut(traits);
        Add(Head(AccountUpdated.Type), [.. Subject(default), KeyValuePair.Create("account_id", _call.Text("groupId"))], _consent, writer => Write(writer, "attributes", traits));
    }

    /// <summary>
    /// An anonymous id and a person in one fact are the claim that they are one. Two people whom the company knows are one only when somebody decides so.
    /// Segment's anonymous ids are UUIDs: https://segment.com/docs/connections/spec/identify/#anonymous-id.
    /// </summary>
    private void Alias()
    {
        var previous = _call.Text("previousId");
        if (previous is not null && (Guid.TryParse(previous, out _) || previous == AnonymousId))
        {
            Add(Head(ProfileUpdated.Type), [KeyValuePair.Create("external_id", UserId), KeyValuePair.Create("anonymous_id", (string?)previous)], _consent, writer => Write(writer, "attributes", new FlatProperties()));
            return;
        }

        Add(Head(ProfileMerged.Type), Subject(default), DraftedFact.NoConsent, writer =>
        {
            writer.WriteStartObject("merged");
            WriteText(writer, "external_id", previous);
            writer.WriteEndObject();
        });
    }

    /// <summary>A record of a list: the list may drop a person, which ends a membership and never a profile.</summary>
    private void Record()
    {
        var action = _call.Text("action")?.ToLowerInvariant();
        if (action is not ("insert" or "update" or "delete"))
        {
            _result.SetAside(_call.Bytes, "action", "call_unknown", "must be insert, update or delete");
            return;
        }

        var (identifiers, fields) = (_call.Get("identifiers"), _call.Get("fields"));
        KeyValuePair<string, string?>[] subject =
        [
            KeyValuePair.Create("external_id", First(identifiers, "external_id", "user_id", "userId", "id") ?? UserId),
            KeyValuePair.Create("email", First(identifiers, "email") ?? First(fields, "email")),
            KeyValuePair.Create("phone", First(identifiers, "phone") ?? First(fields, "phone")),
            KeyValuePair.Create("anonymous_id", First(identifiers, "anonymous_id", "anonymousId") ?? AnonymousId),
        ];
        if (action != "delete")
        {
            var attributes = new FlatProperties().Add(fields, _call.Source.TraitNames);
            LeaveOut(attributes);
            Add(Head(ProfileUpdated.Type), subject, _consent, writer => Write(writer, "attributes", attributes));
        }

        if (_call.Source.RecordAudience is { } audience)
        {
            Add(Head(AudienceMembershipChanged.Type, "record"), subject, _consent, writer => Join(writer, audience, action != "delete"), takesAway: action == "delete");
        }
        else if (action == "delete")
        {
            _result.Leave("record_deleted");
        }
    }

    private void Member(string key, JsonElement value, string? part)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            _result.SetAside(_call.Bytes, $"traits.{key}", "not_a_boolean", "must be true or false, since the source's file says that it is an audience");
            return;
        }

        Add(Head(AudienceMembershipChanged.Type, part), Subject(default), _consent, writer => Join(writer, _call.Source.Audiences[key], value.GetBoolean()), takesAway: !value.GetBoolean());
    }

    private static void Join(Utf8JsonWriter writer, string audience, bool isMember)
    {
        writer.WriteString("audience", audience);
        writer.WriteBoolean("is_member", isMember);
    }

    /// <summary>The time may differ on a resend, so it is no part of the id.</summary>
    private FactHead Head(string type, string? part = null) => new(
        part is null ? Uuid8.OfName(_call.NameInIds, _messageId) : Uuid8.Of(_call.NameInIds, _messageId, part), type, _call.Text("timestamp") ?? _call.Text("originalTimestamp"), _call.Producer);

    private KeyValuePair<string, string?>[] Subject(JsonElement traits) =>
    [
        KeyValuePair.Create("external_id", UserId),
        KeyValuePair.Create("anonymous_id", AnonymousId),
        KeyValuePair.Create("email", SourceCall.TextOf(SourceCall.Get(traits, "email")) ?? _call.Text("context", "traits", "email")),
        KeyValuePair.Create("phone", SourceCall.TextOf(SourceCall.Get(traits, "phone")) ?? _call.Text("context", "traits", "phone")),
    ];

    /// <summary>A call that shall go nowhere changes nobody: its event is kept and told to none, and the rest of it is left. What denies, deletes or ends a membership is heard all the same.</summary>
    private void Add(FactHead head, IEnumerable<KeyValuePair<string, string?>> subject, IReadOnlyDictionary<string, string> consent, Action<Utf8JsonWriter> payload, bool takesAway = false)
    {
        if (takesAway || head.EventType == BehaviorTracked.Type || _destinations.GetValueOrDefault(DestinationWord.Others, true) || _destinations.Values.Contains(true))
        {
            _result.Facts.Add(DraftedFact.Of(head, subject, consent, payload, takesAway ? null : _destinations));
            return;
        }

        _result.Leave("integrations_off");
    }

    private void LeaveOut(FlatProperties properties)
    {
        for (var i = 0; i < properties.LeftOut; i++)
        {
            _result.Leave("property_not_flat");
        }
    }

    private static void Behave(Utf8JsonWriter writer, string? name, FlatProperties properties)
    {
        WriteText(writer, "name", name);
        Write(writer, "properties", properties);
    }

    private static void Write(Utf8JsonWriter writer, string name, FlatProperties properties)
    {
        writer.WriteStartObject(name);
        properties.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static string? First(JsonElement at, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (SourceCall.TextOf(SourceCall.Get(at, name)) is { } text)
            {
                return text;
            }
        }

        return null;
    }
}
