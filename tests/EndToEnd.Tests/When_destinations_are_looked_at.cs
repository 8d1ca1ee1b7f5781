using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Braze;

namespace EndToEnd.Tests;

/// <summary>What an operator asks about the vendors' accounts, over HTTP.</summary>
[TestFixture]
public sealed class When_destinations_are_looked_at
{
    private EmbeddedHub _hub = null!;
    private HttpClient _http = null!;
    private string _config = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _config = Directory.CreateTempSubdirectory("hub-config-").FullName;
        Copy(Path.Combine(AppContext.BaseDirectory, "Samples", "config"), _config);
        await File.AppendAllTextAsync(
            Path.Combine(_config, "mappings", "hubspot.yaml"),
            "  - { from: occupation, to: no_such_property, type: text, classification: personal }\n");
        _hub = await EmbeddedHub.StartAsync(null, $"--Hub:ConfigPath={_config}");
        _http = new HttpClient { BaseAddress = _hub.Address };
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
        Directory.Delete(_config, recursive: true);
    }

    [TestCase("braze")]
    [TestCase("marketo")]
    public async Task Should_find_nothing_wrong_with_what_is_right(string destination)
    {
        var check = await CheckAsync(destination);
        Assert.That(check.GetProperty("ok").GetBoolean(), Is.True, check.ToString());
        Assert.That(_hub.Sandbox[destination].Vendor.People(), Is.Empty, "a check changes nothing");
    }

    [Test]
    public async Task Should_name_a_mapped_field_that_the_vendor_does_not_have()
    {
        var check = await CheckAsync("hubspot");
        var finding = check.GetProperty("findings").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(check.GetProperty("ok").GetBoolean(), Is.False);
            Assert.That(finding.GetProperty("field").GetString(), Is.EqualTo("no_such_property"));
            Assert.That(finding.GetProperty("code").GetString(), Is.EqualTo("field_missing"));
            Assert.That(finding.GetProperty("fix").GetString(), Is.Not.Empty);
        });
    }

    [Test]
    public async Task Should_name_a_missing_permission_and_say_what_could_be_compared_all_the_same()
    {
        var keys = ((BrazeSandbox)_hub.Sandbox["braze"].Vendor).Keys;
        var (key, all) = keys.Single();
        keys[key] = all.Where(permission => permission != "custom_attributes.get").ToHashSet();
        var check = await CheckAsync("braze");
        keys[key] = all;
        var finding = check.GetProperty("findings").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(check.GetProperty("ok").GetBoolean(), Is.False);
            Assert.That(finding.GetProperty("check").GetString(), Is.EqualTo("permissions"));
            Assert.That(finding.GetProperty("code").GetString(), Is.EqualTo("permission_missing"));
            Assert.That(finding.GetProperty("problem").GetString(), Does.Contain("custom_attributes.get"));
            Assert.That(check.GetProperty("fields_inspected").GetInt32(), Is.EqualTo(7), "Braze's own fields.");
            Assert.That(check.GetProperty("permissions_not_proven").EnumerateArray().Select(permission => permission.GetString()), Does.Contain("users.delete"));
        });
    }

    [Test]
    public async Task Should_say_that_credentials_are_refused_and_show_no_secret()
    {
        _hub.Sandbox["braze"].Faults.Add(new Fault { Kind = FaultKind.Status, Status = 401, Calls = 1 });
        var check = await CheckAsync("braze");
        Assert.That(check.GetProperty("findings")[0].GetProperty("check").GetString(), Is.EqualTo("credentials"), check.ToString());
        Assert.That(check.ToString(), Does.Not.Contain(_hub.Sandbox["braze"].Vendor.Credentials.Values.First()));
    }

    [Test]
    public async Task Should_list_every_destination_with_its_limits()
    {
        var list = (await _http.GetFromJsonAsync<JsonElement>("/v1/destinations")).GetProperty("items");
        Assert.That(list.EnumerateArray().Select(destination => destination.GetProperty("destination").GetString()), Is.EqualTo(new[] { "braze", "hubspot", "marketo" }));
        var limits = list[1].GetProperty("limits").EnumerateArray().ToDictionary(limit => limit.GetProperty("limit").GetString()!);
        Assert.Multiple(() =>
        {
            Assert.That(limits["burst"].GetProperty("window_seconds").GetInt32(), Is.EqualTo(10));
            Assert.That(limits["daily"].GetProperty("resets_at").ValueKind, Is.EqualTo(JsonValueKind.String));
        });
    }

    [TestCase("/v1/destinations/mailchimp", false)]
    [TestCase("/v1/destinations/mailchimp/check", true)]
    public async Task Should_answer_404_for_a_destination_that_is_not_configured(string path, bool post)
    {
        using var answer = post ? await _http.PostAsync(path, null) : await _http.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("destination-unknown"));
    }

    private async Task<JsonElement> CheckAsync(string destination)
    {
        using var answer = await _http.PostAsync($"/v1/destinations/{destination}/check", null);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
