using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.HubSpot;

/// <summary>A HubSpot that gives a recorded answer where it belongs and answers everything else well.</summary>
internal sealed class RecordedHubSpot(RecordedAnswer recorded) : HttpMessageHandler
{
    public const string ListId = "88001";

    private readonly Dictionary<string, int> _calls = [];

    public HubSpotConnector Connect() => (HubSpotConnector)new HubSpotConnectorFactory().Create(new ConnectorContext
    {
        Settings = new DestinationSettings
        {
            Name = "hubspot",
            BaseUrl = new Uri("https://api.hubapi.com"),
            IdentityKey = recorded.Key,
            Values = recorded.Single ? new Dictionary<string, string> { ["consent_calls"] = "single" } : [],
            Secrets = new Dictionary<string, Func<string?>> { ["access_token"] = static () => "token" },
        },
        Transport = this,
        Time = TimeProvider.System,
        Loggers = NullLoggerFactory.Instance,
    })(OpenGate.Instance);

    public static string Email(int person) => $"person{person}@example.test";

    public static string RemoteId(int person) => $"{501 + person}";

    public string Key(int person) => recorded.Key == "email" ? Email(person) : $"c-{person}";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = $"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.AbsolutePath)}";
        var body = request.Content is null ? null : JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        var earlier = _calls.GetValueOrDefault(call);
        _calls[call] = earlier + 1;
        var (status, text) = recorded.For(call, earlier, Name) ?? Well(request.Method.Method, request.RequestUri, body);
        return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
    }

    private string Name(string what, int person) => what switch
    {
        "email" => Email(person),
        "key" => Key(person),
        "trace" => $"{person}",
        "remote" => RemoteId(person),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    private (int Status, string Body) Well(string method, Uri uri, JsonNode? body)
    {
        var path = uri.AbsolutePath;
        var inputs = body is JsonObject asked && asked["inputs"] is JsonArray all ? all : [];
        return path.Split('/')[^1] switch
        {
            "upsert" or "update" => (200, Batch(inputs.Select(input => $$$"""{"id":"{{{RemoteId(int.Parse((string)input!["objectWriteTraceId"]!, null))}}}","properties":{},"objectWriteTraceId":"{{{input["objectWriteTraceId"]}}}"}"""))),
            "read" when path.Contains("/contacts/", StringComparison.Ordinal) && uri.Query.Contains("archived=true", StringComparison.Ordinal) => (207, Nobody(inputs)),
            "read" when path.Contains("/contacts/", StringComparison.Ordinal) => (200, Batch(People(inputs).Select(person => $$$"""{"id":"{{{RemoteId(person)}}}","properties":{"email":"{{{Email(person)}}}","hub_external_id":"c-{{{person}}}"}}"""))),
            "merge" => (200, """{"id":"99001"}"""),
            "gdpr-delete" or "batch" => (204, ""),
            "read" when path.Contains("unsubscribe-all", StringComparison.Ordinal) => (200, Batch(inputs.Select(static address => $$$"""{"subscriberIdString":"{{{address}}}","wideStatuses":[]}"""))),
            "read" when path.Contains("statuses", StringComparison.Ordinal) => (200, Batch(inputs.Select(static address => $$$"""{"subscriberIdString":"{{{address}}}","statuses":[]}"""))),
            "write" => (200, Batch(inputs.Select(static input => $$"""{"subscriberIdString":"{{input!["subscriberIdString"]}}","subscriptionId":{{input["subscriptionId"]}},"status":"{{input["statusState"]}}"}"""))),
            "add" => (200, $$"""{"recordsIdsAdded":{{body!.ToJsonString()}},"recordIdsRemoved":[],"recordIdsMissing":[]}"""),
            "remove" => (200, $$"""{"recordsIdsAdded":[],"recordIdsRemoved":{{body!.ToJsonString()}},"recordIdsMissing":[]}"""),
            "details" => (200, """{"portalId":1,"timeZone":"Etc/UTC"}"""),
            _ when path.Contains("/crm/v3/lists", StringComparison.Ordinal) => (200, $$$"""{"list":{"listId":"{{{ListId}}}","processingType":"MANUAL","objectTypeId":"0-1"}}"""),
            _ => throw new InvalidOperationException($"No good answer is known for {method} {path}"),
        };
    }

    private IEnumerable<int> People(JsonArray inputs)
        => inputs.Select(input => Enumerable.Range(0, 9).First(person => (string)input!["id"]! is var id && (id == Key(person) || id == RemoteId(person))));

    private static string Batch(IEnumerable<string> rows) => $$"""{"status":"COMPLETE","results":[{{string.Join(',', rows)}}]}""";

    private static string Nobody(JsonArray inputs)
        => $$$"""{"status":"COMPLETE","results":[],"errors":[{"category":"OBJECT_NOT_FOUND","message":"","context":{"ids":[{{{string.Join(',', inputs.Select(static input => $"\"{input!["id"]}\""))}}}]}}]}""";
}
