using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// Marketo's identity, lead database, static lists and list assets over state in memory. What it does and what shows it: the README of
/// this folder.
/// </summary>
public sealed class MarketoSandbox : IVendorSandbox
{
    private const string ClientId = "sandbox-marketo-client-id";
    private const string ClientSecret = "sandbox-marketo-client-secret";
    private const string Identity = "identity/oauth/token";
    private const int MaxBody = 1 << 20;
    private const int MaxAddress = 8 * 1024;

    private readonly MarketoFields _fields = new();
    private readonly MarketoLeads _leads;
    private readonly MarketoUpsert _upsert;
    private readonly MarketoQueries _queries;
    private readonly MarketoLists _lists;
    private readonly MarketoTokens _tokens;
    private readonly MarketoLimits _limits;
    private readonly List<string> _paths = [];

    internal MarketoSandbox(SandboxKnobs knobs, TimeProvider time)
    {
        _leads = new MarketoLeads(time);
        _upsert = new MarketoUpsert(_leads, _fields, time);
        _queries = new MarketoQueries(_leads, _fields);
        _lists = new MarketoLists(_leads, _queries, time);
        _tokens = new MarketoTokens(time);
        _limits = new MarketoLimits(knobs, time);
    }

    /// <inheritdoc />
    public string Name => "marketo";

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> Credentials { get; } =
        new Dictionary<string, string> { ["client_id"] = ClientId, ["client_secret"] = ClientSecret };

    /// <summary>
    /// Leads beyond the first of each <c>hubExternalId</c>, and for those without one of each e-mail address. The vendor allows them; a
    /// hub should not make any.
    /// </summary>
    public long Duplicates => _leads.Duplicates(_fields.Find("hubExternalId")!, _fields.Find("email")!);

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

    /// <summary>Calls that counted today, by whatever integration.</summary>
    public long CallsToday => _limits.UsedToday;

    /// <summary>Adds a custom field, or replaces one of that name.</summary>
    public void AddField(MarketoField field) => _fields.Add(field);

    /// <summary>Makes the current token unknown: calls with it answer 601.</summary>
    public void InvalidateToken() => _tokens.Invalidate();

    /// <summary>Ends the current token's life: calls with it answer 602.</summary>
    public void ExpireToken() => _tokens.Expire();

    /// <summary>Spends calls of the shared budgets, as other integrations of the instance do.</summary>
    public void SpendCalls(int calls) => _limits.Spend(calls);

    /// <inheritdoc />
    public void Map(SandboxEndpoints endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.Map("GET", Identity, GiveToken);
        endpoints.Map("POST", Identity, GiveToken);
        Add("POST", "rest/v1/leads.json", call => IsQuery(call) ? Done(_queries.Find)(call) : _upsert.ServeAsync(call));
        Add("GET", "rest/v1/leads.json", Done(_queries.Find));
        Add("GET", "rest/v1/leads/describe2.json", Done(_queries.Describe));
        Add("POST", "rest/v1/leads/delete.json", Done(DeleteLeads));
        Add("GET", "rest/v1/lead/{id}.json", Done(_queries.Get));
        Add("POST", "rest/v1/lists/{listId}/leads.json", Done(call => (IsQuery(call) ? (Action<SandboxCall>)_lists.Members : _lists.Add)(call)));
        Add("DELETE", "rest/v1/lists/{listId}/leads.json", Done(_lists.Remove));
        Add("GET", "rest/v1/lists/{listId}/leads.json", Done(_lists.Members));
        Add("GET", "rest/v1/lists/{listId}/leads/ismember.json", Done(_lists.IsMember));
        Add("GET", "rest/v1/lists.json", Done(_lists.FindLists));
        Add("POST", "rest/asset/v1/staticLists.json", Done(_lists.Create));
        endpoints.MapNotFound(call => AdmitAsync(call, RefuseUnknown));

        void Add(string method, string path, SandboxHandler handler)
        {
            _paths.Add(path);
            endpoints.Map(method, path, call => AdmitAsync(call, handler));
        }
    }

    /// <inheritdoc />
    public bool Answer(Fault fault, SandboxCall call)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentNullException.ThrowIfNull(call);
        if (call.Http.Request.Path.Value!.EndsWith(Identity, StringComparison.Ordinal))
        {
            return AnswerForIdentity(fault, call);
        }

        switch (fault.Kind)
        {
            case FaultKind.Status when fault.Status is 429 or 401 or 403:
                MarketoAnswers.Fail(call, fault.Status switch { 429 => "606", 401 => "601", _ => "603" });
                return true;
            case FaultKind.Status:
                MarketoAnswers.FailAtGateway(call, fault.Status);
                return true;
            case FaultKind.TokenExpiry:
                _tokens.Expire();
                return false;
            case FaultKind.UnknownCode:
                MarketoAnswers.Fail(call, MarketoFaults.UnknownCode);
                return true;
            case FaultKind.Vendor when int.TryParse(fault.Variant, NumberStyles.None, CultureInfo.InvariantCulture, out _):
                MarketoAnswers.Fail(call, fault.Variant);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc />
    public void Reset()
    {
        _lists.Clear();
        _leads.Clear();
        _fields.Reset();
        _limits.Reset();
        _tokens.Invalidate();
        _tokens.Lifetime = TimeSpan.FromHours(1);
        _upsert.Pause = TimeSpan.Zero;
    }

    /// <inheritdoc />
    public IEnumerable<SandboxPerson> People()
    {
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

    /// <summary>The identity endpoint knows neither budgets nor the envelope's codes.</summary>
    private bool AnswerForIdentity(Fault fault, SandboxCall call)
    {
        switch (fault)
        {
            case { Kind: FaultKind.Status, Status: 401 }:
                RefuseClient(call);
                return true;
            case { Kind: FaultKind.Status, Status: >= 500 }:
                MarketoAnswers.FailAtGateway(call, fault.Status);
                return true;
            case { Kind: FaultKind.TokenExpiry }:
                _tokens.Expire();
                return false;
            default:
                return false;
        }
    }

    private static bool IsQuery(SandboxCall call) => call.Http.Request.Query["_method"] == "GET";

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

        return new SandboxPerson(keys, fields, _lists.Of(id));
    }

    /// <summary>Authentication, sizes and budgets come before the work. Refused tokens do not count.</summary>
    private async ValueTask AdmitAsync(SandboxCall call, SandboxHandler handler)
    {
        const string Scheme = "Bearer ";
        var header = call.Http.Request.Headers.Authorization.ToString();
        var refusal = header.StartsWith(Scheme, StringComparison.Ordinal) ? _tokens.Refusal(header[Scheme.Length..]) : "601";
        if (refusal is not null)
        {
            MarketoAnswers.Fail(call, refusal);
            return;
        }

        var request = call.Http.Request;
        if (call.Body.Length > MaxBody || request.Path.Value!.Length + request.QueryString.Value!.Length > MaxAddress)
        {
            MarketoAnswers.FailAtGateway(call, call.Body.Length > MaxBody ? 413 : 414);
            return;
        }

        if (_limits.TryEnter() is { } exhausted)
        {
            MarketoAnswers.Fail(call, exhausted);
            return;
        }

        try
        {
            var isForm = IsQuery(call) || request.Path.Value!.Contains("/asset/", StringComparison.Ordinal);
            var type = isForm ? "application/x-www-form-urlencoded" : "application/json";
            if (!call.Body.IsEmpty && request.ContentType?.StartsWith(type, StringComparison.OrdinalIgnoreCase) != true)
            {
                MarketoAnswers.Fail(call, "612");
                return;
            }

            await handler(call);
        }
        finally
        {
            _limits.Leave();
        }
    }

    private ValueTask RefuseUnknown(SandboxCall call)
    {
        var path = call.Http.Request.RouteValues["rest"] as string ?? "";
        MarketoAnswers.Fail(call, _paths.Exists(known => Matches(known.Split('/'), path.Split('/'))) ? "605" : "610");
        return ValueTask.CompletedTask;
    }

    private static bool Matches(string[] template, string[] path) =>
        template.Length == path.Length && template.Zip(path).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);

    private ValueTask GiveToken(SandboxCall call)
    {
        var parameters = MarketoQueries.Parameters(call);
        var isKnown = parameters.GetValueOrDefault("client_id") == ClientId && parameters.GetValueOrDefault("client_secret") == ClientSecret
            && parameters.GetValueOrDefault("grant_type") == "client_credentials";
        if (!isKnown)
        {
            RefuseClient(call);
            return ValueTask.CompletedTask;
        }

        var (value, secondsLeft) = _tokens.Get();
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("access_token"u8, value);
        json.WriteString("token_type"u8, "bearer"u8);
        json.WriteNumber("expires_in"u8, secondsLeft);
        json.WriteString("scope"u8, "apis@sandbox.example"u8);
        json.WriteEndObject();
        return ValueTask.CompletedTask;
    }

    private static void RefuseClient(SandboxCall call)
    {
        call.Status = 401;
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("error"u8, "invalid_client"u8);
        json.WriteString("error_description"u8, "Bad client credentials"u8);
        json.WriteEndObject();
    }

    private void DeleteLeads(SandboxCall call)
    {
        if (MarketoLists.ReadIds(call) is not { Count: > 0 and <= 300 } ids)
        {
            MarketoAnswers.Fail(call, "1003");
            return;
        }

        lock (_leads.Gate)
        {
            var json = MarketoAnswers.Begin(call);
            foreach (var id in ids)
            {
                if (_leads.Delete(id))
                {
                    _lists.Forget((int)id);
                    MarketoAnswers.WriteRow(json, id, "deleted"u8);
                }
                else
                {
                    MarketoAnswers.WriteSkipped(json, "1004", id);
                }
            }

            MarketoAnswers.End(json);
        }
    }
}

/// <summary>Names of Marketo's own faults, for <see cref="Fault.Variant"/>. A number is answered as that code, and nothing is applied.</summary>
public static class MarketoFaults
{
    /// <summary>The code of <see cref="FaultKind.UnknownCode"/>.</summary>
    public const string UnknownCode = "699";

    /// <summary>The answer leaves out the last record; everything is applied.</summary>
    public const string ShortAnswer = "short_answer";

    /// <summary>Records refused by <see cref="FaultKind.RejectRecords"/> condemn their whole call with 1003.</summary>
    public const string WholeCall = "whole_call";
}
