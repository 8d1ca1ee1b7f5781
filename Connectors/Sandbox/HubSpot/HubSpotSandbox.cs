using System.Collections.Concurrent;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>
/// HubSpot's contacts, contact properties, lists, consent, custom events and account details, over state in memory. What it does and what
/// shows it: the README beside this file.
/// </summary>
public sealed class HubSpotSandbox : IVendorSandbox
{
    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault that ignores trace ids: one bad record refuses its batch, answers carry none.</summary>
    public const string WithoutTraceIds = "without_trace_ids";

    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault that leaves half of the written records out of the answer.</summary>
    public const string PartlyMentioned = "partly_mentioned";

    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault that applies the call and then answers with the fault's status.</summary>
    public const string AppliedThenFailed = "applied_then_failed";

    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault of another integration that has used up the ten seconds of the token.</summary>
    public const string OthersUsedBurst = "others_used_burst";

    /// <summary>Name of the <see cref="FaultKind.Vendor"/> fault of other integrations that have used up the day of the account.</summary>
    public const string OthersUsedDay = "others_used_day";

    private readonly HubSpotSchema _schema = new();
    private readonly HubSpotContactStore _contacts;
    private readonly HubSpotContactWrites _writes;
    private readonly HubSpotContactReads _reads;
    private readonly HubSpotSingleContacts _singles;
    private readonly HubSpotSearch _search;
    private readonly HubSpotTokens _tokens;
    private readonly HubSpotPropertyEndpoints _properties;
    private readonly HubSpotLists _lists;
    private readonly HubSpotListMembers _members;
    private readonly HubSpotRecordMemberships _memberships;
    private readonly HubSpotIdentityEndpoints _identities;
    private readonly HubSpotSubscriptions _subscriptions;
    private readonly HubSpotConsentV4 _consentV4;
    private readonly HubSpotConsentV3 _consentV3;
    private readonly HubSpotEventStore _events;
    private readonly HubSpotLimits _limits;
    private readonly HubSpotAccess _access;
    private readonly TimeProvider _time;

    internal HubSpotSandbox(SandboxKnobs knobs, TimeProvider time)
    {
        _time = time;
        _contacts = new HubSpotContactStore(_schema);
        _lists = new HubSpotLists(_contacts, time);
        _members = new HubSpotListMembers(_contacts, _lists, time);
        _memberships = new HubSpotRecordMemberships(_contacts, _lists, time);
        _writes = new HubSpotContactWrites(_contacts, _schema, knobs, time, () => AddsUnknownProperties);
        _reads = new HubSpotContactReads(_contacts, _schema, Forget);
        _singles = new HubSpotSingleContacts(_contacts, _schema, _reads, _writes, Forget);
        _properties = new HubSpotPropertyEndpoints(_schema);
        _identities = new HubSpotIdentityEndpoints(_contacts, _schema, _lists, _reads, time);
        _subscriptions = new HubSpotSubscriptions(time);
        _consentV4 = new HubSpotConsentV4(_subscriptions);
        _consentV3 = new HubSpotConsentV3(_subscriptions);
        _events = new HubSpotEventStore(_contacts, _schema, time);
        _limits = new HubSpotLimits(knobs, time);
        _access = new HubSpotAccess(_limits, time);
        _tokens = new HubSpotTokens(_access, time);
        _search = new HubSpotSearch(_contacts, _schema, _reads, time);
    }

    /// <inheritdoc />
    public string Name => "hubspot";

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> Credentials { get; } = new Dictionary<string, string> { ["access_token"] = HubSpotAccess.AccessToken };

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
    public ConcurrentDictionary<string, IReadOnlySet<string>> Tokens => _access.Tokens;

    /// <summary>Whether a write to an unknown property makes it, as text, instead of being refused.</summary>
    public bool AddsUnknownProperties { get; set; }

    /// <summary>How the field of added ids in membership answers is spelled: <c>recordsIdsAdded</c>, or <c>recordIdsAdded</c> as on one of HubSpot's pages.</summary>
    public string AddedSpelling
    {
        get => _members.AddedSpelling;
        set => _members.AddedSpelling = value;
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

    /// <summary>Whether the account has Marketing Hub Enterprise, which the consent calls with many addresses need. True unless set.</summary>
    public bool IsEnterprise
    {
        get => _consentV4.IsEnterprise;
        set => _consentV4.IsEnterprise = value;
    }

    /// <summary>Whether data privacy settings are on, so that consent needs a legal basis.</summary>
    public bool NeedsLegalBasis
    {
        get => _subscriptions.NeedsLegalBasis;
        set => _subscriptions.NeedsLegalBasis = value;
    }

    /// <summary>Whether a merged contact keeps the primary's id instead of getting a new one.</summary>
    public bool KeepsPrimaryId
    {
        get => _identities.KeepsPrimaryId;
        set => _identities.KeepsPrimaryId = value;
    }

    /// <summary>How long a write stays invisible to search; 5 seconds unless set.</summary>
    public TimeSpan SearchLag
    {
        get => _search.Lag;
        set => _search.Lag = value;
    }

    /// <summary>The refresh token that the OAuth endpoint takes; null once the app was uninstalled.</summary>
    public string? RefreshToken
    {
        get => _tokens.RefreshToken;
        set => _tokens.RefreshToken = value;
    }

    /// <summary>The e-mails that erasures have blocked.</summary>
    public IReadOnlyCollection<string> BlockedEmails
    {
        get
        {
            lock (_contacts.Gate)
            {
                return _identities.BlockedEmails;
            }
        }
    }

    /// <summary>Consent by address: <c>*</c> for the opt-out of everything, else ids of subscription types.</summary>
    public IReadOnlyDictionary<string, string> ConsentOf(string email) => _subscriptions.Describe(email);

    /// <summary>Defines a kind of event with its properties, by its full name such as <c>pe62515_purchase</c>.</summary>
    public void DefineEvent(string name, params IEnumerable<string> properties)
    {
        lock (_contacts.Gate)
        {
            _events.Definitions[name] = [.. properties];
        }
    }

    /// <summary>Takes calls out of the budgets as another integration would: of the day of the account, and of the ten seconds of its token.</summary>
    public void Spend(int calls, string token = "another-integration") => _limits.Spend(token, calls);

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
    public IEnumerable<SandboxBehavior> Events() => _events.All();

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
            _identities.Clear();
            _events.Clear();
        }

        _subscriptions.Clear();
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
                    if (_contacts.TryGetByOwnId(HubSpotContactStore.IdOf(contact), out _))
                    {
                        var person = _contacts.Describe(contact, _lists.ListsOf(contact));
                        people.Add(person with { Consent = _subscriptions.Describe(person.Keys.GetValueOrDefault("email")) });
                    }
                }
            }

            foreach (var person in people)
            {
                yield return person;
            }
        }
    }

    /// <inheritdoc />
    public void Map(SandboxEndpoints endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var door = new HubSpotDoor(endpoints, _access, Fail);
        door.Serve("POST", "crm/v3/objects/contacts/batch/upsert", HubSpotAccess.ContactWrite, _writes.Upsert);
        door.Serve("POST", "crm/v3/objects/contacts/batch/update", HubSpotAccess.ContactWrite, _writes.Update);
        door.Serve("POST", "crm/v3/objects/contacts/batch/read", HubSpotAccess.ContactRead, _reads.Read);
        door.Serve("POST", "crm/v3/objects/contacts/batch/archive", HubSpotAccess.ContactWrite, _reads.Archive);
        door.Serve("POST", "crm/v3/objects/contacts/batch/create", HubSpotAccess.ContactWrite, _singles.CreateMany);
        door.Serve("GET", "crm/v3/objects/contacts", HubSpotAccess.ContactRead, _singles.List);
        door.Serve("POST", "crm/v3/objects/contacts", HubSpotAccess.ContactWrite, _singles.Create);
        door.Serve("GET", "crm/v3/objects/contacts/{contactId}", HubSpotAccess.ContactRead, _singles.Get);
        door.Serve("PATCH", "crm/v3/objects/contacts/{contactId}", HubSpotAccess.ContactWrite, _singles.Update);
        door.Serve("DELETE", "crm/v3/objects/contacts/{contactId}", HubSpotAccess.ContactWrite, _singles.Archive);
        door.Serve("POST", "crm/v3/objects/contacts/search", HubSpotAccess.ContactRead, _search.Search);
        door.Serve("POST", "crm/v3/objects/contacts/merge", HubSpotAccess.ContactWrite, _identities.Merge);
        door.Serve("POST", "crm/v3/objects/contacts/gdpr-delete", HubSpotAccess.ContactWrite, _identities.Erase);
        door.Serve("GET", "crm/v3/properties/contacts", HubSpotAccess.SchemaRead, _properties.List);
        door.Serve("GET", "crm/v3/properties/contacts/{property}", HubSpotAccess.SchemaRead, _properties.Get);
        door.Serve("POST", "crm/v3/properties/contacts", HubSpotAccess.SchemaWrite, _properties.Create);
        _lists.Map(door);
        _members.Map(door);
        _memberships.Map(door);
        _consentV3.Map(door);
        _consentV4.Map(door);
        door.Serve("POST", "events/v3/send", HubSpotAccess.EventSend, _events.Send);
        door.Serve("POST", "events/v3/send/batch", HubSpotAccess.EventSend, _events.SendMany);
        door.Serve("GET", "events/v3/event-definitions", HubSpotAccess.EventDefinitions, _events.ListDefinitions);
        door.Serve("GET", "events/v3/events", HubSpotAccess.EventSend, _events.Read);
        door.Serve("GET", "account-info/v3/details", null, WriteAccount);
        endpoints.Map("POST", "oauth/v1/token", _tokens.Serve);
        endpoints.Map("POST", "oauth/v3/token", _tokens.Serve);
        endpoints.MapNotFound(call =>
        {
            HubSpotAnswers.Fail(call, 404, null, "resource not found");
            return ValueTask.CompletedTask;
        });
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
        _contacts.Archive(contact, _time.GetUtcNow().UtcDateTime);
        _lists.Forget(contact);
    }
}
