using System.Collections.Concurrent;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>
/// HubSpot's contacts (batch upsert, update, read, archive), contact properties, lists and account details, over state in memory. What
/// it does and what shows it: the README of this project.
/// </summary>
public sealed class HubSpotSandbox : IVendorSandbox
{
    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault that ignores trace ids: one bad record refuses its batch, answers carry none.</summary>
    public const string WithoutTraceIds = "without_trace_ids";

    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault that leaves half of the written records out of the answer.</summary>
    public const string PartlyMentioned = "partly_mentioned";

    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault that applies the call and then answers with the fault's status.</summary>
    public const string AppliedThenFailed = "applied_then_failed";

    private const string AccessToken = "sandbox-hubspot-access-token";
    private const string ContactRead = "crm.objects.contacts.read";
    private const string ContactWrite = "crm.objects.contacts.write";
    private const string SchemaRead = "crm.schemas.contacts.read";
    private const string SchemaWrite = "crm.schemas.contacts.write";
    private const string ListRead = "crm.lists.read";
    private const string ListWrite = "crm.lists.write";

    private readonly HubSpotSchema _schema = new();
    private readonly HubSpotContactStore _contacts;
    private readonly HubSpotContactWrites _writes;
    private readonly HubSpotContactReads _reads;
    private readonly HubSpotPropertyEndpoints _properties;
    private readonly HubSpotLists _lists;
    private readonly HubSpotLimits _limits;

    internal HubSpotSandbox(SandboxKnobs knobs, TimeProvider time)
    {
        _contacts = new HubSpotContactStore(_schema);
        _lists = new HubSpotLists(_contacts, time);
        _writes = new HubSpotContactWrites(_contacts, _schema, knobs, time, () => AddsUnknownProperties);
        _reads = new HubSpotContactReads(_contacts, _schema, Forget);
        _properties = new HubSpotPropertyEndpoints(_schema);
        _limits = new HubSpotLimits(knobs, time);
    }

    /// <inheritdoc />
    public string Name => "hubspot";

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> Credentials { get; } = new Dictionary<string, string> { ["access_token"] = AccessToken };

    /// <inheritdoc />
    public long Duplicates
    {
        get
        {
            lock (_contacts.Gate)
            {
                return _contacts.Duplicates;
            }
        }
    }

    /// <summary>Scopes per token; a token that is missing here is unknown. Starts with one that has them all.</summary>
    public ConcurrentDictionary<string, IReadOnlySet<string>> Tokens { get; } = new(AllScopes());

    /// <summary>Whether a write to an unknown property makes it, as text, instead of being refused.</summary>
    public bool AddsUnknownProperties { get; set; }

    /// <summary>How the field of added ids in membership answers is spelled: <c>recordsIdsAdded</c>, or <c>recordIdsAdded</c> as on one of HubSpot's pages.</summary>
    public string AddedSpelling
    {
        get => _lists.AddedSpelling;
        set => _lists.AddedSpelling = value;
    }

    /// <summary>Calls per ten seconds and token; 190 unless set.</summary>
    public int CallsPerTenSeconds
    {
        get => _limits.Burst;
        set => _limits.Burst = value;
    }

    /// <summary>Calls per day of the account; 625,000 unless set.</summary>
    public int CallsPerDay
    {
        get => _limits.Daily;
        set => _limits.Daily = value;
    }

    /// <summary>Time zone of the account; UTC unless set.</summary>
    public TimeZoneInfo TimeZone
    {
        get => _limits.Zone;
        set => _limits.Zone = value;
    }

    /// <summary>Adds a contact property, or replaces the one of that name.</summary>
    public void AddProperty(HubSpotProperty property) => _schema.Add(property);

    /// <summary>Gives a contact a further e-mail, as a merge at HubSpot does.</summary>
    public void AddFurtherEmail(long recordId, string email)
    {
        lock (_contacts.Gate)
        {
            if (_contacts.TryGetById(recordId, out var contact))
            {
                _contacts.AddFurtherEmail(contact, email);
            }
        }
    }

    /// <inheritdoc />
    public void Map(SandboxEndpoints endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        void Serve(string method, string path, string? scope, Action<SandboxCall> handler) => endpoints.Map(method, path, call =>
        {
            if (IsAdmitted(call, scope))
            {
                handler(call);
                Fail(call);
            }

            return ValueTask.CompletedTask;
        });

        Serve("POST", "crm/v3/objects/contacts/batch/upsert", ContactWrite, _writes.Upsert);
        Serve("POST", "crm/v3/objects/contacts/batch/update", ContactWrite, _writes.Update);
        Serve("POST", "crm/v3/objects/contacts/batch/read", ContactRead, _reads.Read);
        Serve("POST", "crm/v3/objects/contacts/batch/archive", ContactWrite, _reads.Archive);
        Serve("GET", "crm/v3/properties/contacts", SchemaRead, _properties.List);
        Serve("GET", "crm/v3/properties/contacts/{property}", SchemaRead, _properties.Get);
        Serve("POST", "crm/v3/properties/contacts", SchemaWrite, _properties.Create);
        Serve("POST", "crm/v3/lists", ListWrite, _lists.Create);
        Serve("GET", "crm/v3/lists/{listId}", ListRead, _lists.Get);
        Serve("DELETE", "crm/v3/lists/{listId}", ListWrite, _lists.Delete);
        Serve("GET", "crm/v3/lists/object-type-id/0-1/name/{name}", ListRead, _lists.Find);
        Serve("PUT", "crm/v3/lists/{listId}/memberships/add", ListWrite, _lists.Add);
        Serve("PUT", "crm/v3/lists/{listId}/memberships/remove", ListWrite, _lists.Remove);
        Serve("GET", "crm/v3/lists/{listId}/memberships", ListRead, _lists.Members);
        Serve("GET", "account-info/v3/details", null, WriteAccount);
        endpoints.MapNotFound(call =>
        {
            HubSpotAnswers.Fail(call, 404, null, "resource not found");
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
                HubSpotAnswers.RateLimit(call, "TEN_SECONDLY_ROLLING", fault.RetryAfter);
                return true;
            case FaultKind.Status:
                if (fault.RetryAfter is { } wait)
                {
                    HubSpotAnswers.RetryAfter(call, wait);
                }

                WriteStatus(call, fault.Status);
                return true;
            case FaultKind.TokenExpiry:
                HubSpotAnswers.Fail(call, 401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 75 second(s) ago.",
                    ("expire time", ["2022-06-21T10:37:52.040Z"]));
                return true;
            case FaultKind.UnknownCode:
                HubSpotAnswers.Fail(call, 452, "TEMPORAL_PARADOX", "This answer is in no document.");
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc />
    public void Reset()
    {
        lock (_contacts.Gate)
        {
            _contacts.Clear();
            _lists.Clear();
        }

        _schema.Reset();
        _limits.Reset();
    }

    /// <inheritdoc />
    public IEnumerable<SandboxPerson> People()
    {
        const int Chunk = 256;
        for (var from = 0; ; from += Chunk)
        {
            List<SandboxPerson> people = [];
            lock (_contacts.Gate)
            {
                if (from >= _contacts.Count)
                {
                    yield break;
                }

                for (var contact = from; contact < Math.Min(from + Chunk, _contacts.Count); contact++)
                {
                    if (_contacts.TryGetById(HubSpotContactStore.IdOf(contact), out _))
                    {
                        people.Add(_contacts.Describe(contact, _lists.ListsOf(contact)));
                    }
                }
            }

            foreach (var person in people)
            {
                yield return person;
            }
        }
    }

    private bool IsAdmitted(SandboxCall call, string? scope)
    {
        var header = call.Http.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..] : "";
        if (!Tokens.TryGetValue(token, out var scopes))
        {
            HubSpotAnswers.Fail(call, 401, "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview");
            return false;
        }

        if (!_limits.TryTake(token, call))
        {
            return false;
        }

        if (scope is null || scopes.Contains(scope))
        {
            return true;
        }

        HubSpotAnswers.Fail(call, 403, "MISSING_SCOPES", "One or more of the following scopes are required.", ("requiredGranularScopes", [scope]));
        return false;
    }

    private static void Fail(SandboxCall call)
    {
        if (call.Fault is { Kind: FaultKind.Vendor, Variant: AppliedThenFailed } fault)
        {
            WriteStatus(call, fault.Status);
        }
    }

    private static void WriteStatus(SandboxCall call, int status)
        => HubSpotAnswers.Fail(call, status, status switch { 401 => "INVALID_AUTHENTICATION", 403 => "MISSING_SCOPES", _ => null }, $"Answered {status} on purpose.");

    private void WriteAccount(SandboxCall call)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteNumber("portalId"u8, HubSpotAnswers.PortalId);
        json.WriteString("accountType"u8, "STANDARD"u8);
        json.WriteString("timeZone"u8, TimeZone.Id);
        json.WriteString("companyCurrency"u8, "USD"u8);
        json.WriteString("dataHostingLocation"u8, "na1"u8);
        json.WriteEndObject();
    }

    private void Forget(int contact)
    {
        _contacts.Archive(contact);
        _lists.Forget(contact);
    }

    private static Dictionary<string, IReadOnlySet<string>> AllScopes() => new()
    {
        [AccessToken] = new HashSet<string> { ContactRead, ContactWrite, SchemaRead, SchemaWrite, ListRead, ListWrite },
    };
}
