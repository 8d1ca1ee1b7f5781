using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Marketo;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using DestinationException = IntegrationHub.Connectors.Abstractions.DestinationException;
using ReasonCode = IntegrationHub.Connectors.Abstractions.ReasonCode;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>A whole hub and Marketo's sandbox, at which somebody else is at work over HTTP: the list is read by a bulk extract, and what was planted is found as it is page by page.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_members_are_read_from_a_file(StorageDatabase database)
{
    private const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner";
    private const int People = 40;
    private static readonly string[] _over = [RunState.Completed, RunState.CompletedWithIssues, RunState.Failed, RunState.Canceled];

    private PostgresDatabase? _postgres;
    private DirectoryInfo _folder = null!;
    private HubApplication _hub = null!;
    private HttpClient _http = null!;
    private HttpClient _vendor = null!;
    private string _list = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _postgres = database == StorageDatabase.Postgres ? await MigratedDatabase.CreateAsync() : null;
        _folder = Directory.CreateTempSubdirectory("hub-extract-");
        var config = Path.Combine(_folder.FullName, "config");
        foreach (var file in Directory.EnumerateFiles(ConfigurationLoader.SampleFolder, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(config, Path.GetRelativePath(ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await File.AppendAllTextAsync(Path.Combine(config, "audiences", "customers.yaml"), "\nreconcile: { heal: report, fields: whole }\n");
        var marketo = Path.Combine(config, "destinations", "marketo.yaml");
        await File.WriteAllTextAsync(marketo, (await File.ReadAllTextAsync(marketo)).Replace("  folder_id: 1001", "  extract_from: 10\n  folder_id: 1001", StringComparison.Ordinal) + "\nreconcile: { read_back_share: 0.0002 }\n");
        _hub = await HubApplication.BuildAsync(
            [
                $"--Hub:Database={database}", .. _postgres is null ? Array.Empty<string>() : [$"--Hub:ConnectionString={_postgres.ConnectionString}"],
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={_folder.FullName}", $"--Hub:ConfigPath={config}", "--Hub:LogLevel=Error",
            ],
            null,
            CancellationToken.None);
        await _hub.StartAsync(CancellationToken.None);
        _http = new HttpClient { BaseAddress = new Uri(_hub.Web.Urls.Single()) };
        await ConnectAsync();
        using var csv = new StringContent(Csv(), Encoding.UTF8, "text/csv");
        using var loaded = await _http.PostAsync("/v1/audiences/customers/snapshots", csv);
        Assert.That(loaded.StatusCode, Is.EqualTo(HttpStatusCode.Created), await loaded.Content.ReadAsStringAsync());
        var snapshot = (await loaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("snapshot_id").GetGuid();
        var synced = await StartAsync("/v1/audience-syncs", new { audience = "customers", destinations = new[] { "marketo" }, snapshot_id = snapshot });
        await Poll.For(() => _http.GetFromJsonAsync<JsonElement>($"/v1/runs/{synced}"), IsOver, "everybody to be at Marketo");
        _list = (await CallAsync("GET", $"rest/v1/lists.json?name={Uri.EscapeDataString("Customers (IntegrationHub)")}")).GetProperty("result")[0].GetProperty("id").ToString();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _http.Dispose();
        _vendor.Dispose();
        await _hub.DisposeAsync();
        LogContext.Current = null;
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [SetUp]
    public async Task Work_at_once()
    {
        Marketo.Knobs.ApplyDelay = TimeSpan.Zero;
        Marketo.Faults.Clear();
        await SqlAsync("DELETE FROM read_back_days");
        await SqlAsync("DELETE FROM field_marks");
        await SqlAsync("UPDATE destination_profiles SET read_hash = NULL");
    }

    [Test]
    public async Task Should_find_what_was_planted_and_nothing_else_and_heal_it()
    {
        var first = await ReconcileAsync(HealingWord.Report);
        Assert.That(Causes(first), Is.Empty, first.ToString());
        Assert.That((first.GetProperty("listed").GetInt64(), first.GetProperty("file_bytes").GetInt64() > 0, first.GetProperty("not_extracted").ValueKind), Is.EqualTo((People, true, JsonValueKind.Null)), first.ToString());
        Assert.That(first.GetProperty("fields").GetProperty("checked").GetInt64(), Is.EqualTo(People), "the file told of whom nothing differs");
        Assert.That(first.GetProperty("calls").GetInt64(), Is.InRange(4, 8), "ask, queue, look, read, and who was changed since");

        var leads = await LeadsAsync();
        await CallAsync("DELETE", $"rest/v1/lists/{_list}/leads.json?id={leads[Id(1)]}");
        await CallAsync("POST", "rest/v1/leads.json", """{"action":"createOrUpdate","lookupField":"email","input":[{"email":"by-hand@example.test","hubExternalId":"by-hand"}]}""");
        await CallAsync("POST", $"rest/v1/lists/{_list}/leads.json?id={(await LeadsAsync())["by-hand"]}");
        await CallAsync("POST", "rest/v1/leads.json", $$"""{"action":"updateOnly","lookupField":"id","input":[{"id":{{leads[Id(2)]}},"lastName":"Changed"}]}""");
        var twin = (await CallAsync("POST", "rest/v1/leads.json", """{"action":"createOrUpdate","lookupField":"email","input":[{"email":"twin@example.test"}]}""")).GetProperty("result")[0].GetProperty("id").GetInt64();
        await CallAsync("POST", $"rest/v1/leads/{twin}/merge.json?leadId={leads[Id(3)]}");
        var told = await ReconcileAsync(HealingWord.All);
        Assert.That(Causes(told), Is.EquivalentTo(new[] { "missing removed_there 1", "unexpected owned_by_others 1", "different changed_there 1", "different merged_there 1" }), told.ToString());
        Assert.That(told.GetProperty("file_bytes").GetInt64(), Is.LessThan(first.GetProperty("file_bytes").GetInt64()), "ids and keys alone");
        Assert.That(Causes(await ReconcileAsync(HealingWord.Report)), Is.Empty);
    }

    [TestCase("603")]
    [TestCase("1035")]
    public async Task Should_read_page_by_page_and_say_why_when_there_is_no_file(string code)
    {
        Marketo.Faults.Add(new IntegrationHub.Connectors.Sandbox.Fault { Kind = FaultKind.Vendor, Variant = code, Endpoint = "bulk/v1/leads/export/create.json" });
        var run = await ReconcileAsync(HealingWord.Report);
        Assert.That((run.GetProperty("not_extracted").GetString(), run.GetProperty("listed").GetInt64() >= People - 1, run.GetProperty("state").GetString()), Is.EqualTo(($"marketo_{code}", true, RunState.Completed)), run.ToString());
    }

    /// <summary>What the file is told to be is not what is there.</summary>
    [Test]
    public async Task Should_read_page_by_page_when_the_file_cannot_be_believed()
    {
        Marketo.Faults.Add(new IntegrationHub.Connectors.Sandbox.Fault { Kind = FaultKind.MalformedBody, Endpoint = "bulk/v1/leads/export/{exportId}/file.json" });
        var run = await ReconcileAsync(HealingWord.Report);
        Assert.That((run.GetProperty("not_extracted").GetString(), run.GetProperty("listed").GetInt64(), run.GetProperty("state").GetString()), Is.EqualTo(("extract_unreadable", await ListedAsync(), RunState.Completed)), run.ToString());
        Assert.That(Causes(run), Is.Empty);
    }

    /// <summary>Members of a part that was read before the file was lost are told by nobody.</summary>
    [Test]
    public async Task Should_forget_what_a_file_told_that_was_not_read_whole()
    {
        var run = await CompareAsync(asked => asked);
        Assert.That((run.NotExtracted, run.Listed, run.Found, run.Unexpected), Is.EqualTo((VendorOfHalfAFile.Torn, People, People, 0)));
    }

    /// <summary>A file that a vendor goes on writing is not waited for for ever.</summary>
    [TestCase(23, null)]
    [TestCase(25, "vendor_job_too_long")]
    public async Task Should_read_page_by_page_when_the_file_takes_too_long(int hours, string? code)
    {
        var run = await CompareAsync(asked => asked with { Cursor = ComparisonState.FileCursor + VendorOfHalfAFile.Writing, ReadSince = DateTimeOffset.UtcNow.AddHours(-hours) });
        Assert.That((run.NotExtracted, run.Found, run.WaitingUntil is null), Is.EqualTo((code, code is null ? 0 : People, code is not null)));
    }

    /// <summary>A turn of a comparison that stands where the test says.</summary>
    private async Task<ComparisonState> CompareAsync(Func<ComparisonState, ComparisonState> stand)
    {
        var people = Enumerable.Range(0, People).Select(Id).ToList();
        await using var destination = Acme.Destination(new VendorOfHalfAFile(people), name: "marketo");
        var asked = new ComparisonState
        {
            RunId = Guid.NewGuid(), Audience = "customers", Destination = "marketo", Heal = HealingWord.Report, WholeFields = false, Sample = 1, RequestedBy = "person:ada", RequestedAt = DateTimeOffset.UtcNow,
        };
        var transactions = _hub.Web.Services.GetRequiredService<OutboxTransaction>();
        await transactions.RunAsync((db, _) => ReconciliationBook.AddAsync(db, asked, CancellationToken.None), CancellationToken.None);
        await transactions.RunAsync((db, _) => ReconciliationBook.SaveAsync(db, stand(asked), CancellationToken.None), CancellationToken.None);
        var pass = await _hub.Web.Services.GetRequiredService<Reconciler>().CompareAsync(
            destination, new PlanAudienceSync { RunId = asked.RunId, Audience = asked.Audience, Destination = asked.Destination, Mode = SyncMode.Reconcile }, CancellationToken.None);
        var run = (await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, asked.RunId, CancellationToken.None)))!;
        Assert.That(pass!.IsDone, Is.EqualTo(run.WaitingUntil is null));
        return run;
    }

    /// <summary>A list that somebody deleted has no members on its pages either: to go on there would make everybody missing.</summary>
    [Test]
    public async Task Should_not_go_on_page_by_page_when_the_list_is_gone()
    {
        await SqlAsync(
            "INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, confirmed_at, run_id) "
            + "SELECT 'elsewhere', audience, profile_id, is_member, added_by_hub, confirmed_at, run_id FROM destination_members WHERE destination = 'marketo'");
        await using var destination = Acme.Destination(new VendorOfHalfAFile([Id(0)]) { Lost = ReasonCode.AudienceGone }, name: "elsewhere");
        var asked = new ComparisonState
        {
            RunId = Guid.NewGuid(), Audience = "customers", Destination = "elsewhere", Heal = HealingWord.Report, WholeFields = false, Sample = 1, RequestedBy = "person:ada", RequestedAt = DateTimeOffset.UtcNow,
        };
        var transactions = _hub.Web.Services.GetRequiredService<OutboxTransaction>();
        await transactions.RunAsync((db, _) => ReconciliationBook.AddAsync(db, asked, CancellationToken.None), CancellationToken.None);
        var gone = await Assert.ThrowsAsync<DestinationException>(async () => await _hub.Web.Services.GetRequiredService<Reconciler>().CompareAsync(
            destination, new PlanAudienceSync { RunId = asked.RunId, Audience = asked.Audience, Destination = asked.Destination, Mode = SyncMode.Reconcile }, CancellationToken.None));

        var run = (await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, asked.RunId, CancellationToken.None)))!;
        Assert.That((gone!.Condition.Code, run.NotExtracted, run.Stage), Is.EqualTo((ReasonCode.AudienceGone, (string?)null, ReconciliationStage.Members)));
    }

    /// <summary>All extracts of the subscription share the day's megabytes.</summary>
    [Test]
    public async Task Should_wait_while_the_days_megabytes_are_used_up()
    {
        const long Day = 500_000_000;
        var others = (MarketoSandbox)Marketo.Vendor;
        others.SpendExtractBytes(Day);
        var runId = await StartAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { "marketo" } });
        var waiting = await Poll.For(() => ShowAsync(runId), run => IsOver(run) || run.GetProperty("waiting_code").GetString() == "vendor_job", "the run to wait for the next day");
        Assert.That((IsOver(waiting), waiting.GetProperty("not_extracted").ValueKind), Is.EqualTo((false, JsonValueKind.Null)), waiting.ToString());

        others.SpendExtractBytes(-Day);
        await RemindAsync(runId);
        var over = await Poll.For(() => ShowAsync(runId), IsOver, "the run to be over");
        Assert.That((over.GetProperty("file_bytes").GetInt64() > 0, over.GetProperty("listed").GetInt64()), Is.EqualTo((true, await ListedAsync())), over.ToString());
    }

    [Test]
    public async Task Should_say_that_it_waits_for_the_vendor_and_go_on_with_the_same_file()
    {
        Marketo.Knobs.ApplyDelay = TimeSpan.FromHours(1);
        var runId = await StartAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { "marketo" } });
        var waiting = await Poll.For(() => ShowAsync(runId), run => IsOver(run) || run.GetProperty("waiting_code").GetString() == "vendor_job", "the run to wait for the file");
        Assert.That(waiting.GetProperty("waiting_for").GetString(), Does.Contain("writes a file of the members").And.Contain("extract_from: 0 in destinations/marketo.yaml"), waiting.ToString());
        var calls = waiting.GetProperty("calls").GetInt64();

        Marketo.Knobs.ApplyDelay = TimeSpan.Zero;
        await RemindAsync(runId);
        var over = await Poll.For(() => ShowAsync(runId), IsOver, "the run to be over");
        Assert.That((over.GetProperty("file_bytes").GetInt64() > 0, over.GetProperty("listed").GetInt64() >= People - 1), Is.EqualTo((true, true)), over.ToString());
        Assert.That(over.GetProperty("calls").GetInt64() - calls, Is.LessThan(8), "no second file");
    }

    [Test]
    public async Task Should_say_what_it_takes()
    {
        var plan = await _http.GetFromJsonAsync<JsonElement>("/v1/reconciliations/plan?audience=customers&destination=marketo");
        Assert.That((plan.GetProperty("megabytes").GetInt64(), plan.GetProperty("megabytes_a_day").GetInt64()), Is.EqualTo((1, 500)), plan.ToString());
        Assert.That(plan.GetProperty("says").GetString(), Does.Contain("from a file of about 1 of the 500 MB"));
    }

    private VendorRoom Marketo => _hub.Sandbox!["marketo"];

    private async Task ConnectAsync()
    {
        _vendor = new HttpClient { BaseAddress = new Uri(_hub.Sandbox!.BaseUrl("marketo") + "/") };
        var credentials = Marketo.Vendor.Credentials;
        var token = await _vendor.GetFromJsonAsync<JsonElement>($"identity/oauth/token?grant_type=client_credentials&client_id={credentials["client_id"]}&client_secret={credentials["client_secret"]}");
        _vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
    }

    private async Task<JsonElement> CallAsync(string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
        using var answer = await _vendor.SendAsync(request);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(told.GetProperty("success").GetBoolean(), Is.True, told.ToString());
        return told;
    }

    /// <summary>Lead ids by key.</summary>
    private async Task<Dictionary<string, long>> LeadsAsync() =>
        (await CallAsync("GET", $"rest/v1/leads.json?filterType=hubExternalId&filterValues={string.Join(',', Enumerable.Range(0, People).Select(Id).Append("by-hand"))}&fields=id,hubExternalId"))
            .GetProperty("result").EnumerateArray().ToDictionary(lead => lead.GetProperty("hubExternalId").GetString()!, lead => lead.GetProperty("id").GetInt64(), StringComparer.Ordinal);

    private Task SqlAsync(string sql) => _hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(sql, CancellationToken.None);
        },
        CancellationToken.None);

    private Task RemindAsync(Guid runId) => _hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        (_, bus) => bus.Publish(new RemindAudienceSync { RunId = runId, At = DateTimeOffset.UtcNow }), CancellationToken.None);

    /// <summary>How many members the vendor has.</summary>
    private async Task<long> ListedAsync() => (await CallAsync("GET", $"rest/v1/lists/{_list}/leads.json?fields=id")).GetProperty("result").GetArrayLength();

    private async Task<JsonElement> ReconcileAsync(string heal)
    {
        var runId = await StartAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { "marketo" }, heal, reason = "as compared" });
        return await Poll.For(() => ShowAsync(runId), IsOver, "the reconciliation to be over");
    }

    private Task<JsonElement> ShowAsync(Guid runId) => _http.GetFromJsonAsync<JsonElement>($"/v1/reconciliations/{runId}");

    private static bool IsOver(JsonElement run) => _over.Contains(run.GetProperty("state").GetString());

    private static IEnumerable<string> Causes(JsonElement run) =>
        run.GetProperty("causes").EnumerateArray().Select(cause => $"{cause.GetProperty("kind").GetString()} {cause.GetProperty("cause").GetString()} {cause.GetProperty("count").GetInt64()}");

    private async Task<Guid> StartAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), told.ToString());
        return told.GetProperty("runs")[0].GetProperty("run_id").GetGuid();
    }

    private static string Id(int person) => string.Create(CultureInfo.InvariantCulture, $"c{person:D6}");

    private static string Csv() =>
        string.Join('\n', Enumerable.Range(0, People).Select(person => $"{Id(person)},MR.,FIRST,LAST,04/08/1966,M,M,person{person}@example.test,\"$90,000 \",2,Bachelors,Professional,Y").Prepend(Header)) + "\n";
}
