using System.Collections.Concurrent;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// Braze's endpoints for people, identity and consent over state in memory. What it does and what shows it: the README of this project.
/// </summary>
public sealed class BrazeSandbox : IVendorSandbox
{
    private const string ApiKey = "sandbox-braze-api-key";
    internal const string Track = "users/track";
    internal const string TrackBulk = "users/track/bulk";
    internal const string Export = "users/export/ids";
    internal const string CustomAttributes = "custom_attributes";
    internal const string CustomEvents = "events";

    private static readonly string[] Permissions =
    [
        "users.track", "users.track.bulk", "users.export.ids", "users.identify", "users.alias.new", "users.alias.update", "users.merge", "users.delete",
        "users.external_ids.rename", "users.external_ids.remove", "subscription.status.set", "subscription.status.get", "email.status", "email.blacklist",
        "email.unsubscribe", "email.hard_bounces", "sms.invalid_phone_numbers", "custom_attributes.get", "events.get", "events.data_series",
    ];

    private readonly BrazePeople _people;
    private readonly BrazeQueue _queue;
    private readonly BrazeTrack _track;
    private readonly BrazeExport _export;
    private readonly BrazeIdentityCalls _identity;
    private readonly BrazeConsentCalls _consent;
    private readonly BrazeCohorts _cohorts;
    private readonly BrazeLimits _limits;
    private readonly BrazeSeries _series;
    private readonly BrazeCustomEvents _events;

    internal BrazeSandbox(SandboxKnobs knobs, TimeProvider time)
    {
        _people = new BrazePeople(time);
        _queue = new BrazeQueue(_people, knobs, time);
        _track = new BrazeTrack(_people, _queue, time);
        _export = new BrazeExport(_people, time);
        _identity = new BrazeIdentityCalls(_people, _queue);
        _consent = new BrazeConsentCalls(_people, _queue);
        _cohorts = new BrazeCohorts(_people, _queue);
        _limits = new BrazeLimits(knobs, time);
        _series = new BrazeSeries(_people, time);
        _events = new BrazeCustomEvents(_people);
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
    public ConcurrentDictionary<string, BrazeType> ForcedTypes => _people.Attributes.Forced;

    /// <summary>Custom attributes on the blocklist: what is written to them is dropped without an error.</summary>
    public ConcurrentDictionary<string, bool> Blocklist => _people.Attributes.Blocked;

    /// <summary>Custom events on the blocklist: what is told of them is taken and dropped.</summary>
    public ConcurrentDictionary<string, bool> BlockedEvents => _people.BlockedEvents;

    /// <summary>True for legacy contracts, which count the limit of 75 objects per array and not over all three.</summary>
    public bool LimitIsPerArray
    {
        get => _track.LimitIsPerArray;
        set => _track.LimitIsPerArray = value;
    }

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
        MapPost(endpoints, Track, "users.track", _track.Serve);
        MapPost(endpoints, TrackBulk, "users.track.bulk", _track.ServeBulk);
        MapPost(endpoints, Export, "users.export.ids", _export.Serve);
        MapPost(endpoints, "users/alias/new", "users.alias.new", _identity.NewAliases);
        MapPost(endpoints, "users/alias/update", "users.alias.update", _identity.UpdateAliases);
        MapPost(endpoints, "users/identify", "users.identify", _identity.Identify);
        MapPost(endpoints, "users/merge", "users.merge", _identity.Merge);
        MapPost(endpoints, "users/delete", "users.delete", _identity.Delete);
        MapPost(endpoints, "users/external_ids/rename", "users.external_ids.rename", _identity.Rename);
        MapPost(endpoints, "users/external_ids/remove", "users.external_ids.remove", _identity.RemoveIds);
        MapPost(endpoints, "subscription/status/set", "subscription.status.set", _consent.SetGroup);
        MapPost(endpoints, "v2/subscription/status/set", "subscription.status.set", _consent.SetGroups);
        MapGet(endpoints, "subscription/status/get", "subscription.status.get", _consent.GetGroup);
        MapPost(endpoints, "email/status", "email.status", _consent.SetEmailStatus);
        MapPost(endpoints, "email/blocklist", "email.blacklist", _consent.Block);
        MapGet(endpoints, "email/unsubscribes", "email.unsubscribe", _consent.Unsubscribes);
        MapGet(endpoints, "email/hard_bounces", "email.hard_bounces", _consent.HardBounces);
        MapGet(endpoints, "sms/invalid_phone_numbers", "sms.invalid_phone_numbers", _consent.InvalidPhones);
        MapGet(endpoints, CustomAttributes, "custom_attributes.get", _people.Attributes.List);
        MapGet(endpoints, CustomEvents, "events.get", _events.List);
        MapGet(endpoints, "events/data_series", "events.data_series", _series.Serve);
        MapPartner(endpoints, "partners/{partner}/cohorts", _cohorts.Name);
        MapPartner(endpoints, "partners/{partner}/cohorts/users", _cohorts.Change);
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
        _cohorts.Clear();
        _limits.Reset();
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

    /// <inheritdoc />
    public IEnumerable<SandboxBehavior> Events()
    {
        _queue.ApplyDue();
        return _people.Events();
    }

    /// <summary>Somebody follows the link at the foot of an e-mail.</summary>
    public void OptOutByLink(string email)
    {
        lock (_people.Gate)
        {
            _people.Consents.SetEmail(email, BrazeConsents.Unsubscribed);
        }
    }

    /// <summary>Mail to the address came back for good.</summary>
    public void Bounce(string email)
    {
        lock (_people.Gate)
        {
            _people.Consents.Bounce(email);
        }
    }

    /// <summary>The number turned out to take no messages.</summary>
    public void LoseNumber(string phone)
    {
        lock (_people.Gate)
        {
            _people.Consents.LoseNumber(phone);
        }
    }

    /// <summary>External ids of the members of a partner's cohort, null for the unidentified.</summary>
    public IReadOnlyList<string?> CohortMembers(string cohort)
    {
        _queue.ApplyDue();
        return [.. _cohorts.MembersOf(cohort).Select(person => person.ExternalId)];
    }

    private static Dictionary<string, IReadOnlySet<string>> AllPermissions() => new() { [ApiKey] = Permissions.ToHashSet() };

    private void MapPost(SandboxEndpoints endpoints, string path, string permission, Action<SandboxCall, JsonElement> serve) => endpoints.Map("POST", path, call =>
    {
        if (IsAdmitted(call, permission) && IsJson(call) && _limits.TryTake(call, path))
        {
            Serve(call, path, serve);
        }

        return ValueTask.CompletedTask;
    });

    /// <summary>Partners bring their secrets in the body.</summary>
    private void MapPartner(SandboxEndpoints endpoints, string path, Action<SandboxCall, JsonElement> serve) => endpoints.Map("POST", path, call =>
    {
        if (IsJson(call) && _limits.TryTake(call, path))
        {
            Serve(call, path, serve);
        }

        return ValueTask.CompletedTask;
    });

    private void MapGet(SandboxEndpoints endpoints, string path, string permission, Action<SandboxCall> serve) => endpoints.Map("GET", path, call =>
    {
        if (IsAdmitted(call, permission) && _limits.TryTake(call, path))
        {
            _queue.ApplyDue();
            serve(call);
        }

        return ValueTask.CompletedTask;
    });

    private void Serve(SandboxCall call, string path, Action<SandboxCall, JsonElement> serve)
    {
        _queue.ApplyDue();
        JsonDocument request;
        try
        {
            request = JsonDocument.Parse(call.Body);
        }
        catch (JsonException)
        {
            BrazeAnswers.Fail(call, 400, "Bad Request");
            return;
        }

        using (request)
        {
            if (request.RootElement.ValueKind != JsonValueKind.Object)
            {
                BrazeAnswers.Fail(call, 400, "Bad Request");
            }
            else if (call.Fault?.Kind == FaultKind.UnknownCode && path is not (Track or TrackBulk or Export))
            {
                BrazeAnswers.Fail(call, 201, "Something nobody documented");
            }
            else
            {
                serve(call, request.RootElement);
            }
        }
    }

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

        return true;
    }

    private static bool IsJson(SandboxCall call)
    {
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
