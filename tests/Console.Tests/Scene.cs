using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.TestServers;
using Microsoft.Playwright;
using Npgsql;

namespace IntegrationHub.Console.Tests;

/// <summary>
/// Two hub processes in production's mode behind a balancer without affinity, their vendors, and one browser for all tests of pages: a run that is over, with refusals, one that waits for approval,
/// one whose vendor does not answer, and dead letters.
/// </summary>
[SetUpFixture]
public sealed class Scene
{
    private const string Setting = "the key of the settings, as long as a key should be";
    private static readonly HttpClient _http = new();
    private static readonly Dictionary<string, string> _keys = [];
    private static DirectoryInfo _folder = null!;
    private static PostgresDatabase _database = null!;
    private static HubProcess[] _hubs = [];
    private static RoundRobin _balancer = null!;
    private static RabbitMqVirtualHost _broker = null!;
    private static IPlaywright _playwright = null!;

    /// <summary>Where the hubs answer in turn.</summary>
    public static Uri Address => _balancer.Address;

    /// <summary>The hub that a test may kill when nothing else runs.</summary>
    public static HubProcess Mortal => _hubs[1];

    /// <summary>The vendors.</summary>
    public static SandboxServer Vendors { get; private set; } = null!;

    /// <summary>The hubs' database.</summary>
    public static string Database => _database.ConnectionString;

    /// <summary>The browser.</summary>
    public static IBrowser Browser { get; private set; } = null!;

    /// <summary>A run that is over.</summary>
    public static Guid Over { get; private set; }

    /// <summary>A run that waits for approval: it would remove most members.</summary>
    public static Guid Waiting { get; private set; }

    /// <summary>A run to a vendor that does not answer.</summary>
    public static Guid Stuck { get; private set; }

    /// <summary>A run that is over, and of which no letter was made by hand.</summary>
    public static Guid Whole { get; private set; }

    /// <summary>How many dead letters of HubSpot with the code <c>buried</c> there are.</summary>
    public static long Letters { get; private set; }

    /// <summary>The approval that it waits for.</summary>
    public static Guid Approval { get; private set; }

    [OneTimeSetUp]
    public async Task Begin()
    {
        _folder = Directory.CreateTempSubdirectory("console-");
        var key = Path.Combine(_folder.FullName, "key");
        await File.WriteAllTextAsync(key, Setting);
        Assertions.SetDefaultExpectTimeout((float)Poll.Patience.TotalMilliseconds);
        var browser = StartBrowserAsync();
        (_database, _broker) = (await PostgresDatabase.CreateAsync(), await RabbitMqVirtualHost.CreateAsync());
        Vendors = await SandboxServer.StartAsync(new SandboxOptions { Quotas = false }, CancellationToken.None);
        var settings = new Dictionary<string, string>
        {
            ["BRAZE_API_KEY"] = "sandbox-braze-api-key", ["HUBSPOT_ACCESS_TOKEN"] = "sandbox-hubspot-access-token", ["MARKETO_CLIENT_ID"] = "sandbox-marketo-client-id", ["MARKETO_CLIENT_SECRET"] = "sandbox-marketo-client-secret",
            ["Hub__DeadLetters__PerSecond"] = "1", ["Hub__Bus"] = "RabbitMq", ["Hub__Database"] = "Postgres", ["Hub__ConnectionString"] = _database.ConnectionString, ["Hub__RabbitMq"] = _broker.Uri.ToString(),
            ["Hub__DataPath"] = _folder.FullName, ["Hub__ApiKeyFile"] = key, ["Hub__LogLevel"] = "Warning", ["Hub__Delivery__Quotas"] = "false", ["Hub__Watch__Look"] = "00:00:01", ["Hub__Limits__SignInsPerMinute"] = "1000",
        };
        settings["Hub__ConfigPath"] = Configure(Path.Combine(_folder.FullName, "config"));
        foreach (var vendor in Vendors.Rooms.Keys)
        {
            settings[$"Hub__Destinations__{vendor}__BaseUrl"] = Vendors.BaseUrl(vendor).ToString();
        }

        _hubs = [await HubProcess.ServeAsync(settings)];
        var second = HubProcess.ServeAsync(settings);
        _http.BaseAddress = _hubs[0].Http.BaseAddress;
        _http.Timeout = Poll.Patience;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Setting);
        _keys["settings"] = Setting;
        foreach (var role in new[] { "viewer", "operator", "approver", "privacy", "admin" })
        {
            _keys[role] = (await CallAsync("POST", "/v1/keys", $$"""{"principal":"person:{{role}}","roles":["{{role}}"]}""")).GetProperty("key").GetString()!;
        }

        // Everybody in; one row is refused: its address is none.
        Vendors["marketo"].Faults.Add(new Fault { Kind = FaultKind.Status });
        var first = await SyncAsync(string.Concat(Enumerable.Range(1, 100).Select(Line)) + "101,MR.,Kim,<b>Person</b> 101,4/8/1966,M,M,not an address,,2,Bachelors,Professional,Y\n", "braze", "hubspot", "marketo");
        (Over, Stuck, Whole) = (first["braze"], first["marketo"], first["hubspot"]);
        foreach (var run in new[] { Over, Whole })
        {
            await Poll.Until(async () => (await ShowAsync(run)).GetProperty("finished_at").ValueKind == JsonValueKind.String, "the first runs to end");
        }

        Letters = await BuryAsync("profile_id >= 0");
        // Most of them out again: more than the guardrail lets pass.
        Waiting = (await SyncAsync(string.Concat(Enumerable.Range(1, 40).Select(Line)), "braze"))["braze"];
        await Poll.Until(async () => (await ShowAsync(Waiting)).GetProperty("state").GetString() == "AwaitingApproval", "the second run to ask for approval");
        await Poll.Until(async () => (await CallAsync("GET", "/v1/approvals")).GetProperty("items").GetArrayLength() > 0, "the hub to ask for approval");
        Approval = (await CallAsync("GET", "/v1/approvals")).GetProperty("items")[0].GetProperty("approval_id").GetGuid();
        await ShadowAsync();
        _hubs = [_hubs[0], await second];
        _balancer = await RoundRobin.StartAsync(_hubs.Select(hub => hub.Http.BaseAddress!));
        await browser;
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
        await _balancer.DisposeAsync();
        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }

        await Vendors.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>A browser of its own for somebody of a role, signed in.</summary>
    /// <param name="role">The role; null for a stranger.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="theme">Colours.</param>
    public static async Task<IPage> OpenAsync(string? role, int width = 1280, ColorScheme theme = ColorScheme.Light)
    {
        var context = await Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = width < 500 ? 844 : 800 }, ColorScheme = theme, BaseURL = Address.ToString(), TimezoneId = "Europe/Berlin", ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout((float)Poll.Patience.TotalMilliseconds);
        var page = await context.NewPageAsync();
        if (role is not null)
        {
            await page.GotoAsync("/sign-in");
            await page.GetByLabel("Key", new() { Exact = true }).FillAsync(_keys[role]);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await page.WaitForURLAsync("**/", new() { WaitUntil = WaitUntilState.Commit });
        }

        return page;
    }

    /// <summary>The key of whoever has a role.</summary>
    public static string KeyOf(string role) => _keys[role];

    /// <summary>Calls the API with the key of the settings.</summary>
    public static async Task<JsonElement> CallAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
    }

    /// <summary>A run as the API shows it.</summary>
    public static Task<JsonElement> ShowAsync(Guid run) => CallAsync("GET", $"/v1/runs/{run}");

    private static string Line(int number) => $"{number},MR.,Kim,Person {number},4/8/1966,M,M,kim.{number}@example.org,,2,Bachelors,Professional,Y\n";

    /// <summary>Everybody whom HubSpot has is a letter now, and nobody knows what it holds of them.</summary>
    /// <param name="people">Of whom; SQL.</param>
    /// <returns>How many letters that makes.</returns>
    public static async Task<long> BuryAsync(string people)
    {
        await using var sql = NpgsqlDataSource.Create($"{Database};Pooling=false");
        await using var command = sql.CreateCommand(
            $"""
            WITH unsure AS (UPDATE destination_profiles SET content_hash = NULL WHERE destination = 'hubspot' AND {people}),
            dead AS (
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
                SELECT '{Over}', destination, audience, profile_id, 2, 'rejected', 'buried', 1, now() FROM destination_members WHERE destination = 'hubspot' AND is_member AND {people} RETURNING 1)
            SELECT count(*) FROM dead
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<IReadOnlyDictionary<string, Guid>> SyncAsync(string lines, params string[] destinations)
    {
        using var content = new StringContent($"CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n{lines}", Encoding.UTF8, "text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audiences/customers/snapshots") { Content = content };
        request.Headers.Add("X-File-Name", "customers.csv");
        using var answer = await _http.SendAsync(request);
        var snapshot = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.That(answer.IsSuccessStatusCode, Is.True, snapshot.ToString());
        var started = await CallAsync("POST", "/v1/audience-syncs", $$"""{"audience":"customers","destinations":{{JsonSerializer.Serialize(destinations)}},"snapshot_id":"{{snapshot.GetProperty("snapshot_id").GetString()}}"}""");
        return started.GetProperty("runs").EnumerateArray().ToDictionary(run => run.GetProperty("destination").GetString()!, run => run.GetProperty("run_id").GetGuid());
    }

    /// <summary>The sample, with a source that shadows another one.</summary>
    private static string Configure(string folder)
    {
        var sample = Path.Combine(AppContext.BaseDirectory, "Samples", "config");
        foreach (var file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(sample, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.WriteAllText(Path.Combine(folder, "ownership.yaml"), "shadows:\n  platform-b: { of: platform-a }\n");
        return folder;
    }

    /// <summary>What the two state: the same, otherwise, and only one of them.</summary>
    private static async Task ShadowAsync()
    {
        string Fact(string producer, int number, string occupation) => JsonSerializer.Serialize(new
        {
            event_id = Guid.NewGuid(), event_type = "profile_updated", occurred_at = DateTimeOffset.UtcNow, producer, subject = new { external_id = $"{900 + number}" }, payload = new { attributes = new { occupation } },
        });
        var facts = Enumerable.Range(0, 9).Select(number => Fact("platform-a", number, "Professional")).Concat(Enumerable.Range(3, 9).Select(number => Fact("platform-b", number, number < 6 ? "Management" : "Professional")));
        foreach (var fact in facts)
        {
            await CallAsync("POST", "/v1/events", fact);
        }
    }

    private static async Task StartBrowserAsync()
    {
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium-headless-shell", Args = ["--no-sandbox", "--disable-gpu"], Timeout = (float)Poll.Patience.TotalMilliseconds });
    }
}
