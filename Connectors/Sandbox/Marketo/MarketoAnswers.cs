using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>The vendor's envelope: HTTP 200 whatever happened, codes as text.</summary>
internal static class MarketoAnswers
{
    private static readonly Dictionary<string, string> Messages = new()
    {
        ["601"] = "Access token invalid",
        ["602"] = "Access token expired",
        ["603"] = "Access denied",
        ["604"] = "Request timed out",
        ["605"] = "HTTP method not supported",
        ["606"] = "Max rate limit '100' exceeded with in '20' secs",
        ["607"] = "Daily quota reached",
        ["608"] = "API Temporarily Unavailable",
        ["609"] = "Invalid JSON",
        ["610"] = "Requested resource not found",
        ["611"] = "System error",
        ["612"] = "Invalid Content Type",
        ["613"] = "Invalid Multipart Request",
        ["615"] = "Concurrent access limit reached",
        ["701"] = "Field cannot be blank",
        ["709"] = "An asset of that name exists",
        ["710"] = "Parent folder not found",
        ["711"] = "Incompatible folder type",
        ["713"] = "Transient error",
        ["1001"] = "Invalid value type",
        ["1002"] = "Missing value for a required parameter",
        ["1003"] = "Invalid data",
        ["1004"] = "Lead not found",
        ["1005"] = "Lead already exists",
        ["1006"] = "Field not found",
        ["1007"] = "Multiple leads match lookup criteria",
        ["1008"] = "Partition access denied",
        ["1009"] = "Partition name must be specified",
        ["1010"] = "Lead is in another partition",
        ["1011"] = "Field is not supported",
        ["1013"] = "Object not found",
        ["1015"] = "Lead not in list",
        ["1016"] = "Too many imports",
        ["1019"] = "Import in progress",
        ["1022"] = "Object in use",
        ["1025"] = "Program status not found",
        ["1029"] = "Too many jobs in queue",
        ["1035"] = "Unsupported filter type",
        ["1037"] = "Already in or past the program status",
        ["1049"] = "Attributes too large",
        ["1080"] = "Too many leads to merge",
    };

    private static long _requests;

    /// <summary>Starts an answer and its <c>result</c>; end it with <see cref="End"/>.</summary>
    public static Utf8JsonWriter Begin(SandboxCall call)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        WriteRequestId(json);
        json.WriteStartArray("result"u8);
        return json;
    }

    public static void End(Utf8JsonWriter json, string? nextPageToken = null)
    {
        json.WriteEndArray();
        if (nextPageToken is not null)
        {
            json.WriteString("nextPageToken"u8, nextPageToken);
            json.WriteBoolean("moreResult"u8, true);
        }

        json.WriteBoolean("success"u8, true);
        json.WriteEndObject();
    }

    /// <summary>Success without a result.</summary>
    public static void Done(SandboxCall call)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        WriteRequestId(json);
        json.WriteBoolean("success"u8, true);
        json.WriteEndObject();
    }

    public static string MessageOf(string code) => Messages.GetValueOrDefault(code, "Unspecified");

    public static void Fail(SandboxCall call, string code)
    {
        call.IsThrottled = code is "606" or "607" or "615";
        var json = call.WriteJson();
        json.WriteStartObject();
        WriteRequestId(json);
        json.WriteBoolean("success"u8, false);
        WriteCodes(json, "errors"u8, code);
        json.WriteEndObject();
    }

    /// <summary>A gateway's answer, which is not the vendor's envelope.</summary>
    public static void FailAtGateway(SandboxCall call, int status)
    {
        call.Status = status;
        var output = call.WriteRaw("text/html");
        output.Write(Encoding.UTF8.GetBytes($"<html><body><h1>{status.ToString(CultureInfo.InvariantCulture)}</h1></body></html>"));
    }

    public static void WriteRow(Utf8JsonWriter json, long id, ReadOnlySpan<byte> status)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, id);
        json.WriteString("status"u8, status);
        json.WriteEndObject();
    }

    public static void WriteSkipped(Utf8JsonWriter json, string code, long? id = null)
    {
        json.WriteStartObject();
        if (id is { } known)
        {
            json.WriteNumber("id"u8, known);
        }

        json.WriteString("status"u8, "skipped"u8);
        WriteCodes(json, "reasons"u8, code);
        json.WriteEndObject();
    }

    public static void WriteCodes(Utf8JsonWriter json, ReadOnlySpan<byte> name, string code)
    {
        json.WriteStartArray(name);
        json.WriteStartObject();
        json.WriteString("code"u8, code);
        json.WriteString("message"u8, MessageOf(code));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    public static void WriteRequestId(Utf8JsonWriter json)
    {
        var number = Interlocked.Increment(ref _requests);
        json.WriteString("requestId"u8, $"{number * 40503 & 0xffff:x4}#{0x14272d00000 + number:x11}");
    }
}
