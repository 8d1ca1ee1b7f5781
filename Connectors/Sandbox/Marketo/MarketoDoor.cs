namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>What every call passes before its work: token, sizes, budgets, content type. Gives the tokens, too.</summary>
internal sealed class MarketoDoor(MarketoTokens tokens, MarketoLimits limits)
{
    public const string ClientId = "sandbox-marketo-client-id";
    public const string ClientSecret = "sandbox-marketo-client-secret";

    private const int MaxBody = 1 << 20;
    private const int MaxAddress = 8 * 1024;

    private readonly List<string> _paths = [];

    public static bool IsQuery(SandboxCall call) => call.Http.Request.Query["_method"] == "GET";

    /// <summary>Lists a path, so that another method on it can be told from a path that nobody knows.</summary>
    public void Know(string path) => _paths.Add(path);

    /// <summary>Serves a call once it is admitted. Refused tokens do not count.</summary>
    public async ValueTask AdmitAsync(SandboxCall call, SandboxHandler handler)
    {
        if (Refuse(call))
        {
            return;
        }

        if (limits.TryEnter() is { } exhausted)
        {
            MarketoAnswers.Fail(call, exhausted);
            return;
        }

        try
        {
            if (!call.Body.IsEmpty && call.Http.Request.ContentType?.StartsWith(TypeFor(call), StringComparison.OrdinalIgnoreCase) != true)
            {
                MarketoAnswers.Fail(call, "612");
                return;
            }

            await handler(call);
        }
        finally
        {
            limits.Leave();
        }
    }

    /// <summary>Answers a path or method that is not there: 605 does not count, 610 does.</summary>
    public ValueTask RefuseUnknownAsync(SandboxCall call)
    {
        var path = call.Http.Request.RouteValues["rest"] as string ?? "";
        if (!_paths.Exists(known => Matches(known.Split('/'), path.Split('/'))))
        {
            return AdmitAsync(call, static call =>
            {
                MarketoAnswers.Fail(call, "610");
                return ValueTask.CompletedTask;
            });
        }

        if (!Refuse(call))
        {
            MarketoAnswers.Fail(call, "605");
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask GiveToken(SandboxCall call)
    {
        var parameters = MarketoQueries.Parameters(call);
        var isKnown = parameters.GetValueOrDefault("client_id") == ClientId && parameters.GetValueOrDefault("client_secret") == ClientSecret
            && parameters.GetValueOrDefault("grant_type") == "client_credentials";
        if (!isKnown)
        {
            RefuseClient(call);
            return ValueTask.CompletedTask;
        }

        var (value, secondsLeft) = tokens.Get();
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("access_token"u8, value);
        json.WriteString("token_type"u8, "bearer"u8);
        json.WriteNumber("expires_in"u8, secondsLeft);
        json.WriteString("scope"u8, "apis@sandbox.example"u8);
        json.WriteEndObject();
        return ValueTask.CompletedTask;
    }

    public static void RefuseClient(SandboxCall call)
    {
        call.Status = 401;
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("error"u8, "invalid_client"u8);
        json.WriteString("error_description"u8, "Bad client credentials"u8);
        json.WriteEndObject();
    }

    private bool Refuse(SandboxCall call)
    {
        const string Scheme = "Bearer ";
        var header = call.Http.Request.Headers.Authorization.ToString();
        var refusal = header.StartsWith(Scheme, StringComparison.Ordinal) ? tokens.Refusal(header[Scheme.Length..]) : "601";
        if (refusal is not null)
        {
            MarketoAnswers.Fail(call, refusal);
            return true;
        }

        var request = call.Http.Request;
        var isTooLarge = call.Body.Length > MaxBody && !IsBulk(call);
        if (isTooLarge || request.Path.Value!.Length + request.QueryString.Value!.Length > MaxAddress)
        {
            MarketoAnswers.FailAtGateway(call, isTooLarge ? 413 : 414);
            return true;
        }

        return false;
    }

    private static bool IsBulk(SandboxCall call) => call.Http.Request.Path.Value!.Contains("/bulk/v1/leads.json", StringComparison.Ordinal);

    private static string TypeFor(SandboxCall call) =>
        IsBulk(call) ? "multipart/form-data"
        : IsQuery(call) || call.Http.Request.Path.Value!.Contains("/asset/", StringComparison.Ordinal) ? "application/x-www-form-urlencoded"
        : "application/json";

    private static bool Matches(string[] template, string[] path) =>
        template.Length == path.Length && template.Zip(path).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
}
