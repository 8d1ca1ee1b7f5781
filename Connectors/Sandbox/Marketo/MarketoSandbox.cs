using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// Marketo's identity, lead database, activities, static lists, list assets and bulk API over state in memory. What it does and what
/// shows it: the README of this folder.
/// </summary>
public sealed class MarketoSandbox : IVendorSandbox
{
    private const string Identity = "identity/oauth/token";

    private readonly MarketoFields _fields = new();
    private readonly MarketoLeads _leads;
    private readonly MarketoConsents _consents;
    private readonly MarketoPartitions _partitions;
    private readonly MarketoUpsert _upsert;
    private readonly MarketoQueries _queries;
    private readonly MarketoActivities _activities;
    private readonly MarketoFeeds _feeds;
    private readonly MarketoLists _lists;
    private readonly MarketoPrograms _programs;
    private readonly MarketoMerges _merges;
    private readonly MarketoImports _imports;
    private readonly MarketoExtracts _extracts;
    private readonly MarketoTokens _tokens;
    private readonly MarketoLimits _limits;
    private readonly MarketoDoor _door;

    internal MarketoSandbox(SandboxKnobs knobs, TimeProvider time)
    {
        _leads = new MarketoLeads(time);
        _consents = new MarketoConsents(_leads, _fields);
        _partitions = new MarketoPartitions(_leads);
        _upsert = new MarketoUpsert(_leads, _fields, _consents, _partitions, time);
        _queries = new MarketoQueries(_leads, _fields);
        _activities = new MarketoActivities(_leads, new MarketoActivityLog(_leads, time));
        _lists = new MarketoLists(_leads, _queries, _activities, time);
        _feeds = new MarketoFeeds(_leads, _fields, _lists, _activities.Log, time);
        _programs = new MarketoPrograms(_leads);
        _merges = new MarketoMerges(_leads, _fields, _lists, _consents, _activities, _programs);
        _imports = new MarketoImports(_leads, _fields, _lists, _upsert, knobs, time);
        _extracts = new MarketoExtracts(_leads, _fields, _lists, knobs, time);
        _tokens = new MarketoTokens(time);
        _limits = new MarketoLimits(knobs, time);
        _door = new MarketoDoor(_tokens, _limits);
    }

    /// <inheritdoc />
    public string Name => "marketo";

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> Credentials { get; } =
        new Dictionary<string, string> { ["client_id"] = MarketoDoor.ClientId, ["client_secret"] = MarketoDoor.ClientSecret };

    /// <summary>
    /// Leads beyond the first of each <c>hubExternalId</c>, and for those without one of each e-mail address. The vendor allows them; a
    /// hub should not make any.
    /// </summary>
    public long Duplicates => _leads.Duplicates(_fields.Find("hubExternalId")!, _fields.Find("email")!);

    /// <inheritdoc />
    public bool IsSettled
    {
        get
        {
            _imports.Advance();
            return _imports.IsSettled;
        }
    }

    /// <summary>How long a new access token lives; the vendor's hour unless set.</summary>
    public TimeSpan TokenLifetime
    {
        get => _tokens.Lifetime;
        set => _tokens.Lifetime = value;
    }

    /// <summary>Time between looking up and writing in an upsert, in which an overlapping one finds the same. Zero unless set.</summary>
    public TimeSpan UpsertPause
    {
        get => _upsert.Pause;
        set => _upsert.Pause = value;
    }

    /// <summary>Whether new people need a named partition (1009). False unless set.</summary>
    public bool NeedsPartition
    {
        get => _upsert.NeedsPartition;
        set => _upsert.NeedsPartition = value;
    }

    /// <summary>How long after it happened the feeds show an activity; a minute unless set.</summary>
    public TimeSpan FeedDelay
    {
        get => _activities.Log.Delay;
        set => _activities.Log.Delay = value;
    }

    /// <summary>Calls a second that other integrations of the instance make. Zero unless set.</summary>
    public double OtherCallsPerSecond
    {
        get => _limits.OthersPerSecond;
        set => _limits.OthersPerSecond = value;
    }

    /// <summary>Calls that counted today, by whatever integration.</summary>
    public long CallsToday => _limits.UsedToday;

    /// <summary>Adds a custom field, or replaces one of that name.</summary>
    public void AddField(MarketoField field) => _fields.Add(field);

    /// <summary>Adds a custom activity type, or replaces one of that id.</summary>
    public void AddActivityType(MarketoActivityType type) => _activities.AddType(type);

    /// <summary>Adds a partition.</summary>
    public void AddPartition(string name, bool isAllowed = true) => _partitions.Add(name, isAllowed);

    /// <summary>Makes the current token unknown: calls with it answer 601.</summary>
    public void InvalidateToken() => _tokens.Invalidate();

    /// <summary>Ends the current token's life: calls with it answer 602.</summary>
    public void ExpireToken() => _tokens.Expire();

    /// <summary>Spends calls of the shared budgets, as other integrations of the instance do.</summary>
    public void SpendCalls(int calls) => _limits.Spend(calls, byOthers: true);

    /// <summary>Forgets all imports, as the vendor does after seven days.</summary>
    public void ForgetImports() => _imports.Forget();

    /// <summary>Counts bytes of other integrations' extracts against the day's 500 MB.</summary>
    public void SpendExtractBytes(long bytes)
    {
        lock (_leads.Gate)
        {
            _extracts.Spend(bytes);
        }
    }

    /// <summary>A mail to this address came back: a hard bounce makes the address invalid, a soft one suspends it for a day.</summary>
    public void Bounce(string email, bool isHard)
    {
        lock (_leads.Gate)
        {
            _consents.Bounce(email, isHard);
        }
    }

    /// <inheritdoc />
    public void Map(SandboxEndpoints endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.Map("GET", Identity, _door.GiveToken);
        endpoints.Map("POST", Identity, _door.GiveToken);
        Add("POST", "rest/v1/leads.json", call => MarketoDoor.IsQuery(call) ? Done(_queries.Find)(call) : _upsert.ServeAsync(call));
        Add("GET", "rest/v1/leads.json", Done(_queries.Find));
        Add("GET", "rest/v1/leads/describe2.json", Done(_queries.Describe));
        Add("GET", "rest/v1/leads/partitions.json", Done(_partitions.List));
        Add("POST", "rest/v1/leads/partitions.json", Done(_partitions.Change));
        Add("POST", "rest/v1/leads/delete.json", Done(_merges.Delete));
        Add("POST", "rest/v1/leads/{id}/merge.json", Done(_merges.Merge));
        Add("GET", "rest/v1/leads/{id}/listMembership.json", Done(_lists.OfLead));
        Add("GET", "rest/v1/lead/{id}.json", Done(_queries.Get));
        Add("POST", "rest/v1/lists/{listId}/leads.json", Done(call => (MarketoDoor.IsQuery(call) ? (Action<SandboxCall>)_lists.Members : _lists.Add)(call)));
        Add("DELETE", "rest/v1/lists/{listId}/leads.json", Done(_lists.Remove));
        Add("GET", "rest/v1/lists/{listId}/leads.json", Done(_lists.Members));
        Add("GET", "rest/v1/lists/{listId}/leads/ismember.json", Done(_lists.IsMember));
        Add("GET", "rest/v1/lists.json", Done(_lists.FindLists));
        Add("POST", "rest/asset/v1/staticLists.json", Done(_lists.Create));
        Add("POST", "rest/asset/v1/staticList/{listId}/delete.json", Done(call => _lists.Delete(call, _imports.Uses)));
        Add("POST", "rest/v1/activities/external.json", Done(_activities.Add));
        Add("GET", "rest/v1/activities/external/types.json", Done(_activities.ListTypes));
        Add("GET", "rest/v1/activities/external/type/{apiName}/describe.json", Done(_activities.DescribeType));
        Add("GET", "rest/v1/activities/pagingtoken.json", Done(MarketoFeeds.GiveToken));
        Add("GET", "rest/v1/activities.json", Done(_feeds.Activities));
        Add("GET", "rest/v1/activities/leadchanges.json", Done(_feeds.LeadChanges));
        Add("GET", "rest/v1/activities/deletedleads.json", Done(_feeds.DeletedLeads));
        Add("POST", "bulk/v1/leads.json", Done(_imports.Start));
        Add("GET", "bulk/v1/leads/batch/{batchId}.json", Done(_imports.Status));
        Add("GET", "bulk/v1/leads/batch/{batchId}/failures.json", Done(_imports.Failures));
        Add("GET", "bulk/v1/leads/batch/{batchId}/warnings.json", Done(_imports.Warnings));
        Add("POST", "bulk/v1/leads/export/create.json", Done(_extracts.Create));
        Add("POST", "bulk/v1/leads/export/{exportId}/enqueue.json", Done(_extracts.Enqueue));
        Add("POST", "bulk/v1/leads/export/{exportId}/cancel.json", Done(_extracts.Cancel));
        Add("GET", "bulk/v1/leads/export/{exportId}/status.json", Done(_extracts.Status));
        Add("GET", "bulk/v1/leads/export/{exportId}/file.json", Done(_extracts.File));
        Add("POST", "rest/v1/programs/{programId}/members/status.json", Done(_programs.SetStatus));
        Add("POST", "rest/v1/programs/{programId}/members/delete.json", Done(_programs.Delete));
        Add("POST", "rest/v1/programs/{programId}/members.json", Done(_programs.Update));
        Add("GET", "rest/v1/programs/{programId}/members.json", Done(_programs.List));
        Add("GET", "rest/v1/stats/usage.json", Done(new MarketoUsage(_limits).Report));
        endpoints.MapNotFound(_door.RefuseUnknownAsync);

        void Add(string method, string path, SandboxHandler handler)
        {
            _door.Know(path);
            endpoints.Map(method, path, call =>
            {
                _imports.Advance();
                return _door.AdmitAsync(call, handler);
            });
        }
    }

    /// <inheritdoc />
    public bool Answer(Fault fault, SandboxCall call)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentNullException.ThrowIfNull(call);
        return call.Http.Request.Path.Value!.EndsWith(Identity, StringComparison.Ordinal)
            ? MarketoFaults.AnswerForIdentity(fault, call, _tokens)
            : MarketoFaults.Answer(fault, call, _tokens, _limits);
    }

    /// <inheritdoc />
    public void Reset()
    {
        _lists.Clear();
        lock (_leads.Gate)
        {
            _activities.Clear();
            _consents.Clear();
            _partitions.Clear();
            _programs.Clear();
            _extracts.Clear();
        }

        _imports.Clear();
        _leads.Clear();
        _fields.Reset();
        _limits.Reset();
        _tokens.Invalidate();
        _tokens.Lifetime = TimeSpan.FromHours(1);
        _upsert.Pause = TimeSpan.Zero;
        _upsert.NeedsPartition = false;
    }

    /// <inheritdoc />
    public IEnumerable<SandboxPerson> People()
    {
        _imports.Advance();
        for (var id = 1; id <= _leads.LastId; id++)
        {
            SandboxPerson person;
            lock (_leads.Gate)
            {
                if (!_leads.Exists(id))
                {
                    continue;
                }

                person = Describe(id);
            }

            yield return person;
        }
    }

    /// <inheritdoc />
    public IEnumerable<SandboxBehavior> Events()
    {
        lock (_leads.Gate)
        {
            return
            [
                .. _activities.Custom.Where(activity => _leads.Exists(activity.Lead)).Select(activity =>
                    new SandboxBehavior(_activities.TypeOf(activity)?.ApiName ?? "", _activities.HubIdOf(activity), Describe(activity.Lead).Keys)),
            ];
        }
    }

    private static SandboxHandler Done(Action<SandboxCall> serve) => call =>
    {
        serve(call);
        return ValueTask.CompletedTask;
    };

    private SandboxPerson Describe(int id)
    {
        var fields = PackedFields.All(_leads.Fields(id), _fields.Names).ToDictionary();
        var keys = new Dictionary<string, string> { ["id"] = id.ToString(CultureInfo.InvariantCulture) };
        foreach (var field in _fields.All.Where(field => field.IsSearchable && fields.ContainsKey(field.Name)))
        {
            keys[field.Name] = fields[field.Name].Trim('"');
        }

        return new SandboxPerson(keys, fields, _lists.Of(id))
        {
            Consent = _fields.All.Where(field => MarketoConsents.IsState(field) && fields.ContainsKey(field.Name)).ToDictionary(field => field.Name, field => fields[field.Name]),
        };
    }
}
