using System.Collections.Concurrent;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// Braze's <c>/users/track</c> (attributes) and <c>/users/export/ids</c> over state in memory. What it does and what shows it:
/// the README of this project.
/// </summary>
public sealed class BrazeSandbox : IVendorSandbox
{
    private const string ApiKey = "sandbox-braze-api-key";
    private const string Track = "users/track";
    private const string Export = "users/export/ids";

    private readonly BrazePeople _people = new();
    private readonly BrazeQueue _queue;
    private readonly BrazeTrack _track;
    private readonly BrazeExport _export;
    private readonly BrazeLimits _limits;

    internal BrazeSandbox(SandboxKnobs knobs, TimeProvider time)
    {
        _queue = new BrazeQueue(_people, knobs, time);
        _track = new BrazeTrack(_people, _queue);
        _export = new BrazeExport(_people);
        _limits = new BrazeLimits(knobs, time);
    }

    /// <inheritdoc />
    public string Name => "braze";

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> Credentials { get; } = new Dictionary<string, string> { ["api_key"] = ApiKey };

    /// <inheritdoc />
    public long Duplicates => _people.DuplicateEmails();

    /// <inheritdoc />
    public bool IsSettled => _queue.IsEmpty();

    /// <summary>Permissions per key; a key that is missing here is unknown. Starts with one key that may do everything.</summary>
    public ConcurrentDictionary<string, IReadOnlySet<string>> Keys { get; } = new(AllPermissions());

    /// <summary>Custom attributes whose type was fixed in the dashboard: values of another type are dropped without an error.</summary>
    public ConcurrentDictionary<string, BrazeType> ForcedTypes => _track.ForcedTypes;

    /// <summary>How the contract counts calls, which decides the shape of the limit headers.</summary>
    public BrazeContract Contract
    {
        get => _limits.Contract;
        set => _limits.Contract = value;
    }

    /// <inheritdoc />
    public void Map(SandboxEndpoints endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.Map("POST", Track, call =>
        {
            if (IsAdmitted(call, "users.track") && _limits.TryTakeTrack(call))
            {
                _queue.ApplyDue();
                _track.Serve(call);
            }

            return ValueTask.CompletedTask;
        });
        endpoints.Map("POST", Export, call =>
        {
            if (IsAdmitted(call, "users.export.ids") && _limits.TryTakeExport(call))
            {
                _queue.ApplyDue();
                _export.Serve(call);
            }

            return ValueTask.CompletedTask;
        });
        endpoints.MapNotFound(call =>
        {
            BrazeAnswers.Fail(call, 404, "Invalid URL");
            return ValueTask.CompletedTask;
        });
    }

    /// <inheritdoc />
    public bool Answer(Fault fault, SandboxCall call)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentNullException.ThrowIfNull(call);
        switch (fault.Kind)
        {
            case FaultKind.Status when fault.Status == 429:
                BrazeLimits.WriteRefusal(call, fault.RetryAfter);
                return true;
            case FaultKind.Status:
                BrazeAnswers.Fail(call, fault.Status, fault.Status == 401 ? "Invalid API Key" : "Server trouble");
                return true;
            case FaultKind.TokenExpiry:
                BrazeAnswers.Fail(call, 401, "Invalid API Key");
                return true;
            case FaultKind.Vendor when fault.Variant == BrazeFaults.FatalMessage:
                BrazeAnswers.Fail(call, 201, "Something went wrong");
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc />
    public void Reset()
    {
        _queue.Clear();
        _people.Clear();
        _limits.Reset();
        ForcedTypes.Clear();
        Keys.Clear();
        foreach (var (key, permissions) in AllPermissions())
        {
            Keys[key] = permissions;
        }
    }

    /// <inheritdoc />
    public IEnumerable<SandboxPerson> People()
    {
        _queue.ApplyDue();
        return _people.All();
    }

    private static Dictionary<string, IReadOnlySet<string>> AllPermissions() => new()
    {
        [ApiKey] = new HashSet<string> { "users.track", "users.export.ids" },
    };

    private bool IsAdmitted(SandboxCall call, string permission)
    {
        const string Scheme = "Bearer ";
        var header = call.Http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.Ordinal) || !Keys.TryGetValue(header[Scheme.Length..], out var permissions))
        {
            BrazeAnswers.Fail(call, 401, "Invalid API Key");
            return false;
        }

        if (!permissions.Contains(permission))
        {
            BrazeAnswers.Fail(call, 403, "Access Denied");
            return false;
        }

        if (call.Http.Request.ContentType is not { } type || !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
        {
            BrazeAnswers.Fail(call, 415, "Content-Type must be application/json");
            return false;
        }

        if (call.Body.Length > 4 * 1024 * 1024)
        {
            BrazeAnswers.Fail(call, 413, "Request Entity Too Large");
            return false;
        }

        return true;
    }
}

/// <summary>Type that a custom attribute is forced to.</summary>
public enum BrazeType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A time.</summary>
    Time,
}

/// <summary>How a contract counts calls.</summary>
public enum BrazeContract
{
    /// <summary>Data points: reset is an epoch time, the three headers stand on every answer.</summary>
    DataPoints,

    /// <summary>Monthly active users: reset is a number of seconds; a 429 carries only <c>x-ratelimit-retry-after</c>.</summary>
    MonthlyActiveUsers,
}

/// <summary>Names of Braze's own faults, for <see cref="Fault.Variant"/>.</summary>
public static class BrazeFaults
{
    /// <summary>201 whose message is not <c>success</c>; nothing is applied.</summary>
    public const string FatalMessage = "fatal_message";

    /// <summary>201 with an error that names no index; everything is applied.</summary>
    public const string ErrorsWithoutIndex = "errors_without_index";

    /// <summary>201 without a message; everything is applied.</summary>
    public const string NoMessage = "no_message";
}

internal static class BrazeAnswers
{
    public static void Fail(SandboxCall call, int status, string message)
    {
        call.Status = status;
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("message"u8, message);
        json.WriteEndObject();
    }
}
