using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>An item that cannot be sent, and the reason code.</summary>
internal readonly record struct Unsendable(int Item, string Code);

/// <summary>Writes requests for <c>/users/track</c> from batches: one object per record, as many requests as the byte limit asks for.</summary>
internal static partial class BrazeMapper
{
    /// <summary>Longer texts are dropped by Braze without a word: https://www.braze.com/docs/user_guide/data/activation/custom_data/data_types</summary>
    public const int MaxText = 255;

    private const int MaxExternalIdBytes = 987;

    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static readonly FieldSpelling Spelling = new(FieldSpelling.Milliseconds);

    private static readonly ConcurrentDictionary<string, JsonEncodedText> Names = new(StringComparer.Ordinal);

    /// <summary>Fields that steer the call; a mapping must not set them.</summary>
    private static readonly HashSet<string> Steering =
        ["external_id", "user_alias", "braze_id", "_update_existing_only", "_merge_objects", "push_token_import"];

    /// <summary>Fields of a user itself; every other name is a custom attribute.</summary>
    public static bool IsStandard(string name) => BrazeStandardFields.Contains(name);

    /// <summary>True for what no mapping may set.</summary>
    public static bool Steers(string name) => Steering.Contains(name);

    /// <summary>The attribute that represents an audience, or null when Braze cannot hold one of that name.</summary>
    public static string? AttributeFor(AudienceRequest request)
    {
        var attribute = request.RemoteId ?? request.RemoteName;
        return AttributeName().IsMatch(attribute) && !BrazeStandardFields.Contains(attribute) ? attribute : null;
    }

    /// <summary>Writes the chosen items of a batch, within the byte limit.</summary>
    public static List<TrackRequest> Write(
        Batch batch, IReadOnlyList<int> items, bool identityIsEmail, List<Unsendable> unsendable, int maxBytes = BrazeDescriptor.MaxBytes)
    {
        var requests = new List<TrackRequest>(1);
        var request = new TrackRequestBuilder(maxBytes);
        var one = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(one, Writing);
        foreach (var index in items)
        {
            if (WhyUnsendable(batch.Operation, batch.Items[index], identityIsEmail) is { } code)
            {
                unsendable.Add(new Unsendable(index, code));
                continue;
            }

            one.ResetWrittenCount();
            json.Reset();
            var array = WriteObject(json, batch, batch.Items[index], identityIsEmail);
            json.Flush();
            if (request.TryAdd(array, one.WrittenSpan, index))
            {
                continue;
            }

            if (request.Count > 0)
            {
                requests.Add(request.Close());
            }

            if (!request.TryAdd(array, one.WrittenSpan, index))
            {
                unsendable.Add(new Unsendable(index, "record_too_large"));
            }
        }

        if (request.Count > 0)
        {
            requests.Add(request.Close());
        }

        return requests;
    }

    private static string? WhyUnsendable(Operation operation, BatchItem item, bool identityIsEmail)
    {
        if (!identityIsEmail && item.Key.Length > MaxExternalIdBytes / 4 && Encoding.UTF8.GetByteCount(item.Key) > MaxExternalIdBytes)
        {
            return "braze_EXTERNAL_USER_ID_TOO_LARGE";
        }

        if (operation == Operation.TrackEvent)
        {
            return BrazeEvents.WhyUnsendable(item.Event!);
        }

        foreach (var field in operation is Operation.UpsertProfile or Operation.AddMember ? item.Fields : [])
        {
            if (Steers(BrazeParts.AttributeOf(field.Name)))
            {
                return "field_not_writable";
            }

            if (FieldAddress.IsPart(field.Name) && BrazeParts.WhyUnsendable(field) is { } why)
            {
                return why;
            }

            if (field.Value.Kind == FieldKind.Text && field.Value.Text.Length > MaxText)
            {
                return "text_too_long";
            }
        }

        return null;
    }

    /// <returns>The array that the object belongs to.</returns>
    private static string WriteObject(Utf8JsonWriter json, Batch batch, BatchItem item, bool identityIsEmail)
    {
        var array = TrackRequestBuilder.Attributes;
        json.WriteStartObject();
        json.WriteString(identityIsEmail ? "email"u8 : "external_id"u8, item.Key);
        if (batch.UpdateOnly || batch.Operation is Operation.RemoveMember or Operation.SetConsent or Operation.TrackEvent)
        {
            json.WriteBoolean("_update_existing_only"u8, true);
        }

        switch (batch.Operation)
        {
            case Operation.TrackEvent:
                array = BrazeEvents.Write(json, item.Event!);
                break;
            case Operation.SetConsent:
                json.WriteString("email_subscribe"u8, BrazeConsents.StateOf(item.Consent!));
                break;
            case Operation.RemoveMember:
                json.WriteBoolean(Encoded(AttributeOf(batch)), false);
                break;
            default:
                var hasParts = false;
                foreach (var field in item.Fields)
                {
                    if (FieldAddress.IsPart(field.Name))
                    {
                        hasParts = true;
                    }
                    else
                    {
                        WriteField(json, field);
                    }
                }

                if (hasParts)
                {
                    BrazeParts.Write(json, item.Fields);
                }

                if (batch.Operation == Operation.AddMember)
                {
                    json.WriteBoolean(Encoded(AttributeOf(batch)), true);
                }

                break;
        }

        json.WriteEndObject();
        return array;
    }

    /// <summary>Writes a value in Braze's spelling.</summary>
    public static void WriteField(Utf8JsonWriter json, Field field)
    {
        json.WritePropertyName(Encoded(field.Name));
        Spelling.Write(json, field.Value);
    }

    private static string AttributeOf(Batch batch)
        => batch.Audience?.RemoteRef ?? throw new ArgumentException("A membership operation needs an audience.", nameof(batch));

    private static JsonEncodedText Encoded(string name)
        => Names.GetOrAdd(name, static text => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));

    /// <summary>Braze takes spaces off both ends, and keeps names that begin with a dollar sign or an underscore for itself.</summary>
    [GeneratedRegex(@"^[\p{L}\p{N}](?:[^\p{C}]{0,253}[^\p{C}\p{Z}])?\z")]
    private static partial Regex AttributeName();
}
