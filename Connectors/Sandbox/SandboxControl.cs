using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>The endpoints below <c>/{vendor}/_sandbox</c>, by which tests and people steer and read a sandbox over HTTP.</summary>
internal sealed class SandboxControl(VendorRoom room)
{
    private const int FlushBytes = 64 * 1024;

    public async Task ServeAsync(HttpContext http)
    {
        var verb = http.Request.RouteValues["verb"] as string;
        switch (http.Request.Method, verb)
        {
            case ("POST", "faults"):
                await ChangeAsync(http, body =>
                {
                    foreach (var fault in FaultReader.ReadFaults(body))
                    {
                        room.Faults.Add(fault);
                    }
                });
                break;
            case ("DELETE", "faults"):
                await ChangeAsync(http, _ => room.Faults.Clear());
                break;
            case ("POST", "knobs"):
                await ChangeAsync(http, body => FaultReader.ReadKnobs(body, room.Knobs));
                break;
            case ("POST", "reset"):
                await ChangeAsync(http, _ => room.Reset());
                break;
            case ("GET", "state"):
                await WriteLinesAsync(http, room.Vendor.People(), Write);
                break;
            case ("GET", "events"):
                await WriteLinesAsync(http, room.Vendor.Events(), Write);
                break;
            case ("GET", "stats"):
                await WriteStatsAsync(http);
                break;
            default:
                http.Response.StatusCode = 404;
                await WriteErrorAsync(http, "Use POST or DELETE faults, POST knobs, POST reset, GET state, GET events, GET stats.");
                break;
        }
    }

    private static async Task ChangeAsync(HttpContext http, Action<ReadOnlyMemory<byte>> change)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        try
        {
            change(body.ToArray());
            http.Response.StatusCode = 204;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            http.Response.StatusCode = 400;
            await WriteErrorAsync(http, e.Message);
        }
    }

    private static async Task WriteLinesAsync<T>(HttpContext http, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        http.Response.ContentType = "application/x-ndjson";
        var output = new ArrayBufferWriter<byte>(FlushBytes * 2);
        using var json = new Utf8JsonWriter(output);
        foreach (var item in items)
        {
            write(json, item);
            json.Flush();
            json.Reset();
            output.Write("\n"u8);
            if (output.WrittenCount >= FlushBytes)
            {
                await http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted);
                output.ResetWrittenCount();
            }
        }

        await http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, SandboxPerson person)
    {
        json.WriteStartObject();
        WriteTexts(json, "keys", person.Keys);
        json.WriteStartObject("fields");
        foreach (var (name, value) in person.Fields)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }

        json.WriteEndObject();
        json.WriteStartArray("memberships");
        foreach (var membership in person.Memberships)
        {
            json.WriteStringValue(membership);
        }

        json.WriteEndArray();
        WriteTexts(json, "consent", person.Consent);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SandboxBehavior happened)
    {
        json.WriteStartObject();
        json.WriteString("name", happened.Name);
        json.WriteString("id", happened.Id);
        WriteTexts(json, "person", happened.PersonKeys);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> texts)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in texts)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private async Task WriteStatsAsync(HttpContext http)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteNumber("max_concurrency", room.Stats.MaxConcurrency);
        json.WriteNumber("throttled", room.Stats.Throttled);
        json.WriteBoolean("settled", room.Vendor.IsSettled);
        json.WriteNumber("duplicates", room.Vendor.Duplicates);
        json.WriteStartObject("endpoints");
        foreach (var (path, seen) in room.Stats.Endpoints)
        {
            json.WriteStartObject(path);
            json.WriteNumber("calls", seen.Calls);
            json.WriteNumber("records", seen.Records);
            json.WriteNumber("max_records", seen.MaxRecords);
            json.WriteNumber("max_bytes", seen.MaxBytes);
            json.WriteStartObject("answers");
            foreach (var (status, count) in seen.Answers)
            {
                json.WriteNumber(status == 0 ? "none" : status.ToString(System.Globalization.CultureInfo.InvariantCulture), count);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted);
    }

    private static Task WriteErrorAsync(HttpContext http, string error)
    {
        http.Response.ContentType = "application/json";
        return http.Response.Body.WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["error"] = error }), http.RequestAborted).AsTask();
    }
}
