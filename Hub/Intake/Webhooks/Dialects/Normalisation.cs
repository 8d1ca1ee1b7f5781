using System.Text.Json;
using System.Text.Unicode;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Storage.Webhooks;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>Turns a call into facts by the rules of its source. Whatever a call holds, nothing of it is dropped without a word. Pure; never throws for what a call holds.</summary>
internal static class Normalisation
{
    private static readonly Dictionary<string, KnownContact> _nobody = [];
    private static readonly HashSet<string> _none = [];
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>The facts of a call.</summary>
    /// <param name="source">Who called.</param>
    /// <param name="key">What tells the delivery apart; the same on every attempt.</param>
    /// <param name="body">The bytes of the body.</param>
    /// <param name="people">Who is known by the sender's own ids; nobody when null.</param>
    /// <param name="told">What the hub told the destination that the source speaks of; nothing when null.</param>
    /// <param name="erased">Those of the sender's own ids that were an erased person's; none when null.</param>
    public static Normalised Read(
        SourceConfiguration source, string key, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, KnownContact>? people = null, ToldBack? told = null, IReadOnlySet<string>? erased = null)
    {
        var result = new Normalised();
        List<ReadOnlyMemory<byte>> elements;
        try
        {
            elements = FactBody.OfJson(body);
        }
        catch (JsonException)
        {
            result.SetAside(body, "", "json_malformed", "The call is no JSON; let the source send JSON.");
            return result;
        }

        // Rules of JSON are about the call as a whole; the other dialects know what a list of calls is.
        foreach (var element in source.Dialect == SourceDialect.Json ? [body] : elements)
        {
            Read(source, key, element, people ?? _nobody, told, erased ?? _none, result);
        }

        return result;
    }

    private static void Read(SourceConfiguration source, string key, ReadOnlyMemory<byte> element, IReadOnlyDictionary<string, KnownContact> people, ToldBack? told, IReadOnlySet<string> erased, Normalised result)
    {
        var begun = result.Facts.Count;
        if (!Utf8.IsValid(element.Span))
        {
            Fail("not_utf8", "The call is not UTF-8.");
            return;
        }

        try
        {
            using var json = JsonDocument.Parse(element.Span.StartsWith("\uFEFF"u8) ? element[3..] : element, _strict);
            var call = new SourceCall(source, key, element, json.RootElement) { People = people, Told = told, Erased = erased };
            if (source.Dialect != SourceDialect.Json && json.RootElement.ValueKind != JsonValueKind.Object)
            {
                result.SetAside(element, "", "call_malformed", "The call is no JSON object.");
                return;
            }

            switch (source.Dialect)
            {
                case SourceDialect.Segment or SourceDialect.Rudderstack:
                    SegmentDialect.Read(call, result);
                    break;
                case SourceDialect.Hubspot:
                    HubSpotDialect.Read(call, result);
                    break;
                default:
                    JsonDialect.Read(call, result);
                    break;
            }
        }
        catch (JsonException)
        {
            Fail("json_malformed", "The call is no JSON, or an object of it names a property twice.");
        }
        catch (InvalidOperationException)
        {
            Fail("half_surrogate_pair", "A text or a name in the call holds half a surrogate pair.");
        }

        void Fail(string code, string problem)
        {
            result.Facts.RemoveRange(begun, result.Facts.Count - begun);
            result.SetAside(element, "", code, problem);
        }
    }
}
