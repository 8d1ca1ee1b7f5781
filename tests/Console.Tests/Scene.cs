using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IntegrationHub.TestServers;
using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>One hub process in production's mode, its sandboxes, and one browser for all tests of pages: a run that is over, with refusals, and one that waits for approval.</summary>
[SetUpFixture]
public sealed class Scene
{
    private const string Setting = "the key of the settings, as long as a key should be";
    private static readonly HttpClient _http = new();
    private static readonly Dictionary<string, string> _keys = [];
    private static DirectoryInfo _folder = null!;
    private static PostgresDatabase _database = null!;
    private static RabbitMqVirtualHost _broker = null!;
    private static IPlaywright _playwright = null!;

    /// <summary>The hub.</summary>
    public static HubProcess Hub { get; private set; } = null!;

    /// <summary>The browser.</summary>
    public static IBrowser Browser { get; private set; } = null!;

    /// <summary>A run that is over.</summary>
    public static Guid Over { get; private set; }

    /// <summary>A run that waits for approval: it would remove most members.</summary>
    public static Guid Waiting { get; private set; }

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
        Hub = await HubProcess.ServeAsync(new Dictionary<string, string>
        {
            ["Hub__Bus"] = "RabbitMq", ["Hub__Database"] = "Postgres", ["Hub__ConnectionString"] = _database.ConnectionString, ["Hub__RabbitMq"] = _broker.Uri.ToString(),
            ["Hub__DataPath"] = _folder.FullName, ["Hub__ApiKeyFile"] = key, ["Hub__LogLevel"] = "Warning", ["Hub__Delivery__Quotas"] = "false", ["Hub__Watch__Look"] = "00:00:01", ["Hub__Limits__SignInsPerMinute"] = "1000",
        });
        _http.BaseAddress = Hub.Http.BaseAddress;
        _http.Timeout = Poll.Patience;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Setting);
        _keys["settings"] = Setting;
        foreach (var role in new[] { "viewer", "operator", "approver", "privacy", "admin" })
        {
            _keys[role] = (await CallAsync("POST", "/v1/keys", $$"""{"principal":"person:{{role}}","roles":["{{role}}"]}""")).GetProperty("key").GetString()!;
        }

        // Everybody in; one row is refused: its address is none.
        Over = await SyncAsync(string.Concat(Enumerable.Range(1, 60).Select(Line)) + "61,MR.,Kim,<b>Person</b> 61,4/8/1966,M,M,not an address,,2,Bachelors,Professional,Y\n");
        await Poll.Until(async () => (await ShowAsync(Over)).GetProperty("finished_at").ValueKind == JsonValueKind.String, "the first run to end");
        // Most of them out again: more than the guardrail lets pass.
        Waiting = await SyncAsync(string.Concat(Enumerable.Range(1, 10).Select(Line)));
        await Poll.Until(async () => (await ShowAsync(Waiting)).GetProperty("state").GetString() == "AwaitingApproval", "the second run to ask for approval");
        await Poll.Until(async () => (await CallAsync("GET", "/v1/approvals")).GetProperty("items").GetArrayLength() > 0, "the hub to ask for approval");
        Approval = (await CallAsync("GET", "/v1/approvals")).GetProperty("items")[0].GetProperty("approval_id").GetGuid();
        await browser;
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
        await Hub.DisposeAsync();
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
        var context = await Browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = width < 500 ? 844 : 800 }, ColorScheme = theme, BaseURL = Hub.Http.BaseAddress!.ToString(), TimezoneId = "Europe/Berlin", ReducedMotion = ReducedMotion.Reduce });
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

    private static async Task<Guid> SyncAsync(string lines)
    {
        using var content = new StringContent($"CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n{lines}", Encoding.UTF8, "text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audiences/customers/snapshots") { Content = content };
        request.Headers.Add("X-File-Name", "customers.csv");
        using var answer = await _http.SendAsync(request);
        var snapshot = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.That(answer.IsSuccessStatusCode, Is.True, snapshot.ToString());
        var started = await CallAsync("POST", "/v1/audience-syncs", $$"""{"audience":"customers","destinations":["braze"],"snapshot_id":"{{snapshot.GetProperty("snapshot_id").GetString()}}"}""");
        return started.GetProperty("runs")[0].GetProperty("run_id").GetGuid();
    }

    private static async Task StartBrowserAsync()
    {
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium-headless-shell", Args = ["--no-sandbox", "--disable-gpu"], Timeout = (float)Poll.Patience.TotalMilliseconds });
    }
}
