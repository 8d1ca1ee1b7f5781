using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Fuzz;

/// <summary>Good calls of every door, spoiled by chance: bytes changed, cut, doubled; signatures right, wrong and missing. The same seed spoils the same way.</summary>
internal static class SpoiledCalls
{
    public const string Secret = "a shared secret";

    private const string Fact =
        """{"event_id":"0190a5d2-7c11-7abc-8def-000000000001","event_type":"consent_updated","occurred_at":"2026-11-01T09:30:00Z","producer":"fuzz","subject":{"external_id":"f-1","email":"f@example.com"},"payload":{"purpose":"email_marketing","status":"denied","source":"form"}}""";

    /// <summary>The letters of the types of RabbitMQ's tables: https://www.rabbitmq.com/docs/amqp-0-9-1-errata#section_3.</summary>
    private const string Types = "tbBsuIilLfdDSATFVx";

    private static readonly string[] _names = ["traceparent", "tracestate", "MT-Activity-Id", "MT-Host-Info", "cloudEvents:specversion", "cloudEvents_id", "ce-type", "x-death", "", "\u00e9", new('n', 255)];

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

    /// <summary>The message of a number, for the broker: the fact, a CloudEvent, or one of the bombs, spoiled.</summary>
    public static byte[] Message(int number) => (number % 8) switch
    {
        0 => Encoding.UTF8.GetBytes($"{new string('[', 1 + (number % 100_000))}"),
        1 => Encoding.UTF8.GetBytes($"{string.Concat(Enumerable.Repeat("{\"a\":", 1 + (number % 20_000)))}1"),
        2 => Spoil(Encoding.UTF8.GetBytes(_calls[2].Body), new Random(number)),
        _ => Spoil(Encoding.UTF8.GetBytes(Fact), new Random(number)),
    };

    /// <summary>What stands beside the message: content types that it does not have, headers of every type, large ones, nested ones, broken attributes of a CloudEvent and broken traces.</summary>
    public static BasicProperties Properties(int number)
    {
        var chance = new Random(-number);
        var properties = new BasicProperties { Persistent = true };
        if (chance.Next(3) == 0)
        {
            return properties;
        }

        properties.ContentType = Pick("application/json", "application/cloudevents+json", "application/vnd.masstransit+json; charset=\"", "text/plain;;;", "\u00e9", "");
        properties.ContentEncoding = Pick("gzip", "utf-8", "x");
        (properties.MessageId, properties.CorrelationId, properties.Type, properties.ReplyTo) = (Pick("", "always the same"), "no guid", "x", "nowhere");
        properties.Headers = new Dictionary<string, object?>
        {
            ["traceparent"] = Pick<object?>("00-zz", new byte[] { 0xFF, 0xFE }, 7, null, $"00-{new string('1', 32)}-{new string('2', 16)}-01"),
            ["MT-Activity-Id"] = Pick<object?>(new List<object?> { 1, null, "x" }, "", null),
            [Pick("cloudEvents_specversion", "cloudEvents:specversion", "ce-specversion")] = Pick<object?>("1.0", "9", new byte[] { 0xC0 }, null, 1.5, true),
            [Pick("cloudEvents_id", "cloudEvents_data", "cloudEvents:type", "cloudEvents_")] = Pick<object?>("\ud83d\ude00", "x\0y", new Dictionary<string, object?> { ["a"] = new List<object?> { new Dictionary<string, object?>() } }, long.MinValue, new AmqpTimestamp(long.MaxValue)),
            [Pick("x", "")] = Nested(chance.Next(40)),
            ["large"] = new byte[chance.Next(100_000)],
        };
        return properties;

        T Pick<T>(params T[] from) => from[chance.Next(from.Length)];
    }

    /// <summary>A table of headers as it stands on the wire, which no client library would write: names and values of every type of RabbitMQ's table, with bytes by chance, and lengths that are right so that the broker passes it on.</summary>
    public static byte[] Headers(int number)
    {
        var chance = new Random(number);
        var table = new List<byte>();
        for (var entries = 1 + chance.Next(6); entries > 0; entries--)
        {
            byte[] name = Encoding.UTF8.GetBytes(_names[chance.Next(_names.Length)]);
            table.AddRange([(byte)name.Length, .. name, .. Value(chance, 8)]);
        }

        return [.. table];
    }

    private static byte[] Value(Random chance, int depth)
    {
        var type = depth == 0 ? 'V' : Types[chance.Next(Types.Length)];
        return type switch
        {
            'A' => WithLength([.. Enumerable.Range(0, chance.Next(3)).SelectMany(_ => Value(chance, depth - 1))]),
            'F' => WithLength([.. Enumerable.Range(0, chance.Next(3)).SelectMany(entry => (byte[])[1, (byte)('a' + entry), .. Value(chance, depth - 1)])]),
            'S' or 'x' => WithLength(Bytes(chance.Next(300))),
            'D' => [(byte)type, .. Bytes(5)],
            'I' or 'i' or 'f' => [(byte)type, .. Bytes(4)],
            'l' or 'L' or 'd' or 'T' => [(byte)type, .. Bytes(8)],
            's' or 'u' => [(byte)type, .. Bytes(2)],
            't' or 'b' or 'B' => [(byte)type, .. Bytes(1)],
            _ => [(byte)type],
        };

        byte[] WithLength(byte[] content) => [(byte)type, (byte)(content.Length >> 24), (byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length, .. content];

        byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            chance.NextBytes(bytes);
            return bytes;
        }
    }

    private static object? Nested(int depth) => depth == 0 ? null : depth % 2 == 0 ? new List<object?> { Nested(depth - 1) } : new Dictionary<string, object?> { ["n"] = Nested(depth - 1) };

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
