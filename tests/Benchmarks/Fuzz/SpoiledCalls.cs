using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Benchmarks.Fuzz;

/// <summary>Good calls of every door, spoiled by chance: bytes changed, cut, doubled; signatures right, wrong and missing. The same seed spoils the same way.</summary>
internal static class SpoiledCalls
{
    public const string Secret = "a shared secret";

    private const string Fact =
        """{"event_id":"0190a5d2-7c11-7abc-8def-000000000001","event_type":"consent_updated","occurred_at":"2026-11-01T09:30:00Z","producer":"fuzz","subject":{"external_id":"f-1","email":"f@example.com"},"payload":{"purpose":"email_marketing","status":"denied","source":"form"}}""";

    private static readonly (string Path, string Type, string Body)[] _calls =
    [
        ("/v1/events", "application/json", $"[{Fact},{Fact}]"),
        ("/v1/events", "application/x-ndjson", $"{Fact}\n{Fact}\n"),
        ("/v1/events", "application/cloudevents+json", """{"specversion":"1.0","id":"a","source":"/s","type":"integrationhub.profile_updated.v1","time":"2026-11-01T09:30:00Z","data":{"subject":{"external_id":"f-1"},"payload":{"attributes":{"a":1}}}}"""),
        ("/v1/webhooks/web", "application/json", """[{"type":"track","event":"Order Completed","userId":"f-1","messageId":"m","timestamp":"2026-11-01T09:30:00Z","properties":{"currency":"EUR","products":[{"product_id":"p","price":1,"quantity":1}]},"context":{"consent":{"categoryPreferences":{"marketing":false}}}},{"type":"identify","userId":"f-2","traits":{"a":{"b":1}}}]"""),
        ("/v1/webhooks/shop", "application/json", """{"id":"e","at":1735689600,"person":"f-1","name":"N"}"""),
        ("/v1/audiences/customers/changes", "application/x-ndjson", """{"op":"add","external_id":"f-1","attributes":{"city":"Bonn"}}"""),
        ("/v1/sources/census/census", "application/json", """{"jsonrpc":"2.0","method":"sync_batch","params":{"sync_plan":{"object":{"object_api_name":"audience.customers"},"operation":"upsert"},"records":[{"external_id":"f-1","city":"Bonn"}]},"id":"1"}"""),
    ];

    /// <summary>The call of a number.</summary>
    public static HttpRequestMessage Http(int number)
    {
        var chance = new Random(number);
        var (path, type, text) = _calls[number % _calls.Length];
        var body = Spoil(Encoding.UTF8.GetBytes(text), chance);
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
#pragma warning disable CA5350 // Segment signs so
        (string Name, string Value) proof = path == "/v1/webhooks/web"
            ? ("X-Signature", Convert.ToHexStringLower(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), body)))
            : ("Authorization", $"Bearer {Secret}");
#pragma warning restore CA5350
        switch (chance.Next(4))
        {
            case 0:
                break;
            case 1:
                request.Headers.TryAddWithoutValidation(proof.Name, new string([.. proof.Value.Select(letter => chance.Next(8) == 0 ? (char)chance.Next(33, 127) : letter)]));
                break;
            default:
                request.Headers.TryAddWithoutValidation(proof.Name, proof.Value);
                break;
        }

        return request;
    }

    /// <summary>The message of a number, for the broker.</summary>
    public static byte[] Message(int number) => Spoil(Encoding.UTF8.GetBytes(Fact), new Random(number));

    private static byte[] Spoil(byte[] body, Random chance)
    {
        for (var hits = chance.Next(0, 6); hits > 0; hits--)
        {
            body[chance.Next(body.Length)] = (byte)chance.Next(256);
        }

        return chance.Next(4) switch
        {
            0 => body[..chance.Next(body.Length + 1)],
            1 => [.. body, .. body],
            _ => body,
        };
    }
}
