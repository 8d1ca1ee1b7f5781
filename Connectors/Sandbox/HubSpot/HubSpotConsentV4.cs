using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Communication preferences of version 4. The calls that take many addresses need the Enterprise tier.</summary>
internal sealed class HubSpotConsentV4(HubSpotSubscriptions subscriptions)
{
    private const string Root = "communication-preferences/v4";
    private const int MaxInputs = 100;

    /// <summary>Whether the account has Marketing Hub Enterprise.</summary>
    public bool IsEnterprise { get; set; } = true;

    public void Map(HubSpotDoor door)
    {
        door.Serve("GET", $"{Root}/definitions", HubSpotAccess.Consent, Definitions);
        door.Serve("GET", $"{Root}/statuses/{{email}}", HubSpotAccess.Consent, Read);
        door.Serve("POST", $"{Root}/statuses/{{email}}", HubSpotAccess.Consent, Write);
        door.Serve("GET", $"{Root}/statuses/{{email}}/unsubscribe-all", HubSpotAccess.Consent, ReadOptOut);
        door.Serve("POST", $"{Root}/statuses/{{email}}/unsubscribe-all", HubSpotAccess.Consent, OptOut);
        door.Serve("POST", $"{Root}/statuses/batch/read", HubSpotAccess.ConsentBatchRead, ReadMany);
        door.Serve("POST", $"{Root}/statuses/batch/write", HubSpotAccess.ConsentBatchWrite, WriteMany);
        door.Serve("POST", $"{Root}/statuses/batch/unsubscribe-all", HubSpotAccess.ConsentBatchWrite, OptOutMany);
        door.Serve("POST", $"{Root}/statuses/batch/unsubscribe-all/read", HubSpotAccess.ConsentBatchRead, ReadOptOuts);
    }

    public void Definitions(SandboxCall call)
    {
        var json = Begin(call);
        foreach (var (id, name) in subscriptions.Types)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("name"u8, name);
            json.WriteString("purpose"u8, "Marketing"u8);
            json.WriteString("communicationMethod"u8, "Email"u8);
            json.WriteBoolean("isActive"u8, true);
            json.WriteEndObject();
        }

        End(json, []);
    }

    public void Read(SandboxCall call) => ForOne(call, (json, address) => WriteStatuses(json, address, null));

    public void Write(SandboxCall call)
    {
        if (!HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var body = request.RootElement;
            var (address, type) = (AddressOf(call), HubSpotIdentityEndpoints.Text(body, "subscriptionId"));
            var status = HubSpotIdentityEndpoints.Text(body, "statusState");
            if ((subscriptions.Refuses(address, type, body) ?? RefusesStatus(status, body)) is { } refusal)
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", refusal);
                return;
            }

            var id = long.Parse(type!, CultureInfo.InvariantCulture);
            var json = Begin(call);
            WriteStatus(json, address, id, subscriptions.Set(address, id, status!));
            End(json, []);
        }
    }

    public void OptOut(SandboxCall call)
    {
        var verbose = IsVerbose(call);
        ForOne(call, (json, address) =>
        {
            var reason = subscriptions.OptOut(address);
            if (verbose)
            {
                WriteStatuses(json, address, reason);
            }
        });
    }

    public void ReadOptOut(SandboxCall call) => ForOne(call, (json, address) => WriteWide(json, address));

    public void ReadMany(SandboxCall call) => ForMany(call, (json, address) =>
    {
        json.WriteStartArray("statuses"u8);
        WriteStatuses(json, address, null);
        json.WriteEndArray();
    });

    public void ReadOptOuts(SandboxCall call) => ForMany(call, (json, address) =>
    {
        json.WriteStartArray("wideStatuses"u8);
        WriteWide(json, address);
        json.WriteEndArray();
    });

    /// <summary>Without <c>verbose=true</c> the answer has no rows.</summary>
    public void OptOutMany(SandboxCall call) => ForMany(
        call,
        (json, address) =>
        {
            json.WriteStartArray("statuses"u8);
            WriteStatuses(json, address, subscriptions.OptOut(address));
            json.WriteEndArray();
        },
        IsVerbose(call) ? null : address => subscriptions.OptOut(address));

    public void WriteMany(SandboxCall call)
    {
        if (!IsAllowed(call) || !HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var inputs = request.RootElement.TryGetProperty("inputs"u8, out var given) && given.ValueKind == JsonValueKind.Array ? given.EnumerateArray().ToList() : [];
            if (!Admits(call, inputs.Count))
            {
                return;
            }

            var refusals = new List<string>();
            var json = Begin(call);
            foreach (var input in Enumerable.Reverse(inputs))
            {
                var (address, type) = (HubSpotIdentityEndpoints.Text(input, "subscriberIdString"), HubSpotIdentityEndpoints.Text(input, "subscriptionId"));
                var status = HubSpotIdentityEndpoints.Text(input, "statusState");
                if ((subscriptions.Refuses(address, type, input) ?? RefusesStatus(status, input)) is { } refusal)
                {
                    refusals.Add(refusal);
                    continue;
                }

                var id = long.Parse(type!, CultureInfo.InvariantCulture);
                WriteStatus(json, address!, id, subscriptions.Set(address!, id, status!));
            }

            End(json, refusals);
            call.Status = refusals.Count > 0 ? 207 : 200;
        }
    }

    private static void ForOne(SandboxCall call, Action<Utf8JsonWriter, string> write)
    {
        call.Records = 1;
        if (call.Http.Request.Query["channel"] != "EMAIL" || !HubSpotSubscriptions.IsAddress(AddressOf(call)))
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "An email address and channel=EMAIL are needed");
            return;
        }

        var json = Begin(call);
        write(json, AddressOf(call));
        End(json, []);
    }

    private static bool IsVerbose(SandboxCall call) => call.Http.Request.Query["verbose"] == "true";

    /// <summary>Does something for every address of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="write">Does it and writes the row about it.</param>
    /// <param name="silently">Does it without a row; null when rows are wanted.</param>
    private void ForMany(SandboxCall call, Action<Utf8JsonWriter, string> write, Action<string>? silently = null)
    {
        if (!IsAllowed(call) || !HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var addresses = HubSpotContactReads.Texts(request.RootElement, "inputs", null);
            if (!Admits(call, addresses.Count))
            {
                return;
            }

            if (call.Http.Request.Query["channel"] != "EMAIL")
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "channel=EMAIL is needed");
                return;
            }

            var json = Begin(call);
            foreach (var address in Enumerable.Reverse(addresses).Where(HubSpotSubscriptions.IsAddress))
            {
                if (silently is not null)
                {
                    silently(address);
                    continue;
                }

                json.WriteStartObject();
                json.WriteString("subscriberIdString"u8, HubSpotSubscriptions.Normal(address));
                write(json, address);
                json.WriteEndObject();
            }

            string[] refusals = [.. addresses.Where(static address => !HubSpotSubscriptions.IsAddress(address)).Select(static address => $"{address} is not a valid email address")];
            End(json, refusals);
            call.Status = refusals.Length > 0 ? 207 : 200;
        }
    }

    private bool IsAllowed(SandboxCall call)
    {
        if (!IsEnterprise)
        {
            HubSpotAnswers.Fail(call, 403, "MISSING_SCOPES", "One or more of the following scopes are required.",
                ("requiredGranularScopes", ["communication_preferences.statuses.batch.write"]));
        }

        return IsEnterprise;
    }

    private static bool Admits(SandboxCall call, int inputs)
    {
        call.Records = inputs;
        if (inputs is >= 1 and <= MaxInputs)
        {
            return true;
        }

        HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"The number of inputs must be between 1 and {MaxInputs}, was {inputs}");
        return false;
    }

    private static string? RefusesStatus(string? status, JsonElement request)
        => status is not (HubSpotSubscriptions.Subscribed or HubSpotSubscriptions.Unsubscribed or HubSpotSubscriptions.NotSpecified) ? $"{status} is not a status"
            : HubSpotIdentityEndpoints.Text(request, "channel") != "EMAIL" ? "channel must be EMAIL"
            : null;

    private static string AddressOf(SandboxCall call) => Uri.UnescapeDataString((string)call.Http.Request.RouteValues["email"]!);

    private void WriteStatuses(Utf8JsonWriter json, string address, string? reason)
    {
        foreach (var type in subscriptions.Types.Keys)
        {
            WriteStatus(json, address, type, reason);
        }
    }

    private void WriteStatus(Utf8JsonWriter json, string address, long type, string? reason)
    {
        json.WriteStartObject();
        json.WriteNumber("subscriptionId"u8, type);
        json.WriteString("subscriptionName"u8, subscriptions.Types[type]);
        json.WriteString("subscriberIdString"u8, HubSpotSubscriptions.Normal(address));
        json.WriteString("status"u8, subscriptions.Of(address, type));
        json.WriteString("channel"u8, "EMAIL"u8);
        json.WriteString("source"u8, "API"u8);
        json.WriteString("setStatusSuccessReason"u8, reason);
        json.WriteEndObject();
    }

    private void WriteWide(Utf8JsonWriter json, string address)
    {
        if (subscriptions.IsOut(address))
        {
            json.WriteStartObject();
            json.WriteString("wideStatusType"u8, "PORTAL_WIDE"u8);
            json.WriteString("subscriberIdString"u8, HubSpotSubscriptions.Normal(address));
            json.WriteString("status"u8, HubSpotSubscriptions.Unsubscribed);
            json.WriteString("channel"u8, "EMAIL"u8);
            json.WriteEndObject();
        }
    }

    private static Utf8JsonWriter Begin(SandboxCall call)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("status"u8, "COMPLETE"u8);
        json.WriteString("startedAt"u8, "2026-01-01T00:00:00.000Z"u8);
        json.WriteString("completedAt"u8, "2026-01-01T00:00:00.000Z"u8);
        json.WriteStartArray("results"u8);
        return json;
    }

    private static void End(Utf8JsonWriter json, IReadOnlyCollection<string> refusals)
    {
        json.WriteEndArray();
        if (refusals.Count > 0)
        {
            json.WriteNumber("numErrors"u8, refusals.Count);
            json.WriteStartArray("errors"u8);
            foreach (var refusal in refusals)
            {
                json.WriteStartObject();
                json.WriteString("status"u8, "error"u8);
                json.WriteString("category"u8, "VALIDATION_ERROR"u8);
                json.WriteString("message"u8, refusal);
                json.WriteStartObject("context"u8);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
