using System.Net;
using System.Text;
using System.Text.Json;

namespace Connectors.Tests.Marketo;

/// <summary>A Marketo that answers every call well, in the shapes of the vendor's pages, but for one recorded answer.</summary>
internal sealed class WellBehavedMarketo(RecordedAnswer recorded) : HttpMessageHandler
{
    private int _given;

    /// <summary>The calls, as method and path.</summary>
    public List<string> Asked { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var call = $"{request.Method} {path}{(request.RequestUri.Query == "?_method=GET" ? request.RequestUri.Query : "")}";
        Asked.Add(call);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        if (call == recorded.At && _given++ < recorded.Times)
        {
            return recorded.IsLost
                ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke.")
                : Answer(recorded.Body, (HttpStatusCode)recorded.Status);
        }

        return Answer(recorded.Also.GetValueOrDefault(call) ?? Well(call, body));
    }

    private static string Well(string call, string body) => call switch
    {
        "POST /identity/oauth/token" => ScriptedMarketo.Token(1),
        "POST /rest/v1/leads.json" => Rows(Inputs(body).Select((_, i) => ScriptedMarketo.Row(1001 + i, "updated"))),
        "POST /rest/v1/leads.json?_method=GET" when body.Contains("filterType=id", StringComparison.Ordinal) => Rows(["""{"id":775,"email":"person1@example.test"}"""]),
        "POST /rest/v1/leads.json?_method=GET" => Rows(Keys(body).Select(key => $$"""{"id":{{1000 + Number(key)}},"email":"{{key}}"}""")),
        "GET /rest/v1/leads/describe2.json" => Rows(["""{"name":"API Lead","searchableFields":[["email"]],"fields":[{"name":"email","dataType":"email"}]}"""]),
        "POST /rest/v1/leads/delete.json" => Rows(Inputs(body).Select(lead => ScriptedMarketo.Row(lead.GetProperty("id").GetInt64(), "deleted"))),
        "GET /rest/v1/activities/external/types.json" => Rows(["""{"id":100001,"apiName":"visited","name":"Visited","status":"approved"}"""]),
        "GET /rest/v1/activities/external/type/visited/describe.json" => Rows([
            """
            {"id":100001,"apiName":"visited","status":"approved","primaryAttribute":{"apiName":"page","dataType":"string"},"attributes":[{"apiName":"hubEventId","dataType":"string"},{"apiName":"depth","dataType":"integer"}]}
            """]),
        "POST /rest/v1/activities/external.json" => Rows(Inputs(body).Select((_, i) => $$"""{"id":{{50 + i}},"marketoGUID":"{{50 + i}}","status":"added"}""")),
        "GET /rest/v1/activities/pagingtoken.json" => """{"requestId":"1607c#14884f3e74e","success":true,"nextPageToken":"GIYDAOBNGEYS2MBWKQYDAORQGA5DAMBOGAYDAKZQGAYDALBQ"}""",
        "GET /rest/v1/activities/leadchanges.json" =>
            """{"requestId":"a9ae","success":true,"nextPageToken":"GIYD","moreResult":false,"result":[{"id":1,"leadId":775,"activityDate":"2014-09-17T22:31:49+0000","fields":[{"name":"unsubscribed","newValue":"true"}]}]}""",
        "GET /rest/v1/lists.json" => Rows([]),
        "GET /rest/v1/stats/usage.json" => Rows(["""{"date":"2015-10-17","total":1120,"users":[]}"""]),
        "GET /bulk/v1/leads/batch/4321/failures.json" or "GET /bulk/v1/leads/batch/4321/warnings.json" => "email,reason\n",
        _ when call.StartsWith("POST /rest/v1/lists/", StringComparison.Ordinal) => Rows(Inputs(body).Select(lead => ScriptedMarketo.Row(lead.GetProperty("id").GetInt64(), "added"))),
        _ when call.StartsWith("DELETE /rest/v1/lists/", StringComparison.Ordinal) => Rows(Inputs(body).Select(lead => ScriptedMarketo.Row(lead.GetProperty("id").GetInt64(), "removed"))),
        _ => throw new InvalidOperationException($"Nothing is prepared for {call}."),
    };

    private static string Rows(IEnumerable<string> rows) => $$"""{"requestId":"e42b#14272d07d78","success":true,"result":[{{string.Join(',', rows)}}]}""";

    private static IEnumerable<JsonElement> Inputs(string body) => JsonSerializer.Deserialize<JsonElement>(body).GetProperty("input").EnumerateArray();

    private static IEnumerable<string> Keys(string form) => WebUtility.UrlDecode(
        form.Split('&').First(pair => pair.StartsWith("filterValues=", StringComparison.Ordinal))["filterValues=".Length..]).Split(',');

    private static int Number(string key) => int.Parse(key.AsSpan("person".Length, key.IndexOf('@', StringComparison.Ordinal) - "person".Length), System.Globalization.CultureInfo.InvariantCulture);

    private static HttpResponseMessage Answer(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
