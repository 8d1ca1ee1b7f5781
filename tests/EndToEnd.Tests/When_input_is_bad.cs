using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace EndToEnd.Tests;

/// <summary>Bad input gets a clear error that names file, line and field, or a rejected record; nothing is half-applied.</summary>
[TestFixture]
public sealed class When_input_is_bad
{
    private const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n";
    private EmbeddedHub _hub = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await EmbeddedHub.StartAsync();
        _http = new HttpClient { BaseAddress = _hub.Address };
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task Should_reject_rows_that_are_broken_and_take_the_others()
    {
        var (status, body) = await LoadAsync(Header + Row("a1") + "only,three,columns\n" + Row("a2") + Row("") + Row("a3\0") + Row("a1"));
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body.ToString());
            Assert.That(body.GetProperty("rows").GetInt64(), Is.EqualTo(6));
            Assert.That(body.GetProperty("accepted").GetInt64(), Is.EqualTo(2));
            Assert.That(body.GetProperty("rejected").GetInt64(), Is.EqualTo(3));
            Assert.That(body.GetProperty("duplicates").GetInt64(), Is.EqualTo(1));
            Assert.That(body.GetProperty("rejects").EnumerateArray().Select(reject => reject.GetProperty("line").GetInt64()), Is.EquivalentTo(new long[] { 3, 5, 6 }));
        });
    }

    [TestCase("CustomerKey,Nonsense\nx,y\n", TestName = "wrong headers")]
    [TestCase("", TestName = "no header at all")]
    public async Task Should_refuse_a_file_with(string csv)
    {
        var (status, body) = await LoadAsync(csv);
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest), body.ToString());
            Assert.That(body.GetProperty("type").GetString(), Is.EqualTo("urn:integrationhub:problem:snapshot-malformed"));
            Assert.That(body.GetProperty("file").GetString(), Is.EqualTo("bad.csv"));
            Assert.That(body.GetProperty("line").GetInt64(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_not_swallow_a_field_of_ten_megabytes()
    {
        var (status, body) = await LoadAsync(Header + Row("b1") + $"b2,{new string('x', 10_000_000)},A,B,5/14/1965,M,M,b2@example.test,1,1,x,y,Y\n");
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest), body.ToString());
        Assert.That((body.GetProperty("line").GetInt64(), body.GetProperty("code").GetString()), Is.EqualTo((3, "row_too_long")), body.ToString());
    }

    [TestCase("/v1/audiences/nobody/snapshots", "text/csv", HttpStatusCode.NotFound, "audience-unknown")]
    [TestCase("/v1/audiences/customers/snapshots?kind=half", "text/csv", HttpStatusCode.BadRequest, "kind-unknown")]
    [TestCase("/v1/audiences/customers/snapshots", "image/png", HttpStatusCode.UnsupportedMediaType, "content-type-unknown")]
    public async Task Should_name_the_problem_of_a_snapshot_request(string path, string contentType, HttpStatusCode expected, string type)
    {
        using var content = new StringContent(Header, Encoding.UTF8);
        content.Headers.ContentType = new(contentType);
        await ShouldRefuseAsync(await _http.PostAsync(path, content), expected, type);
    }

    [TestCase("""{"audience":"nobody"}""", HttpStatusCode.NotFound, "audience-unknown")]
    [TestCase("""{"audience":"customers","destinations":["mailchimp"]}""", HttpStatusCode.NotFound, "destination-unknown")]
    [TestCase("""{"audience":"customers","mode":"sideways"}""", HttpStatusCode.BadRequest, "mode-unknown")]
    [TestCase("""{"audience":"customers","mode":"mirror","destinations":["braze"]}""", HttpStatusCode.BadRequest, "mirror-not-supported")]
    [TestCase("""{"audience":"customers","snapshot_id":"7d1f8ab4-0a50-4b4e-8b5e-6b6c0f5f0001"}""", HttpStatusCode.NotFound, "snapshot-unknown")]
    [TestCase("""{}""", HttpStatusCode.BadRequest, "field-missing")]
    public async Task Should_name_the_problem_of_a_sync_request(string json, HttpStatusCode expected, string type)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        await ShouldRefuseAsync(await _http.PostAsync("/v1/audience-syncs", content), expected, type);
    }

    [Test]
    public async Task Should_answer_400_to_a_field_of_the_wrong_type()
    {
        using var content = new StringContent("""{"audience":17}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync("/v1/audience-syncs", content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Should_hold_an_empty_snapshot_for_approval_and_refuse_a_second_run_meanwhile()
    {
        var (_, full) = await LoadAsync(Header + string.Concat(Enumerable.Range(0, 50).Select(i => Row($"e{i}"))));
        await _hub.SyncAsync(full.GetProperty("snapshot_id").GetGuid());
        var (_, empty) = await LoadAsync(Header);
        var runs = await _hub.StartSyncAsync(empty.GetProperty("snapshot_id").GetGuid());
        foreach (var runId in runs)
        {
            var run = await _hub.WaitForAsync(runId, view => view.State == "AwaitingApproval");
            Assert.That(run!.WaitingFor, Is.Not.Empty);
        }

        using var again = await _http.PostAsJsonAsync("/v1/audience-syncs", new { audience = "customers" });
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        using var sandbox = _hub.SandboxClient();
        Assert.That(await VendorState.MembersAsync(sandbox, "hubspot"), Has.Count.GreaterThanOrEqualTo(50), "nobody was removed without approval");
        foreach (var runId in runs)
        {
            using var canceled = await _http.PostAsync($"/v1/runs/{runId}/cancel", null);
            Assert.That(canceled.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        }

        foreach (var run in await _hub.FinishAsync(runs))
        {
            Assert.That((run.State, run.Counts.Pending), Is.EqualTo(("Canceled", 0L)));
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> LoadAsync(string csv)
    {
        using var content = new StringContent(csv, Encoding.UTF8);
        content.Headers.ContentType = new("text/csv");
        content.Headers.Add("X-File-Name", "bad.csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audiences/customers/snapshots") { Content = content };
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    private static async Task ShouldRefuseAsync(HttpResponseMessage answer, HttpStatusCode expected, string type)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(expected), body);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:integrationhub:problem:{type}"));
            Assert.That(problem.GetProperty("field").GetString(), Is.Not.Empty);
            Assert.That(problem.GetProperty("detail").GetString(), Is.Not.Empty);
        });
    }

    private static string Row(string key) => $"{key},MR.,A,B,5/14/1965,M,M,{key.Trim('\0')}@example.test,\"$10,000 \",1,Bachelors,Manual,N\n";
}
