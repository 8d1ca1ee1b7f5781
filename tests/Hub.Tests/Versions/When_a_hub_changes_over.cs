using System.Net.Http.Json;
using System.Text.Json;
using Hub.Tests.Configuration;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>A hub in one process, as <c>serve</c> runs it: another configuration comes into force, and another hub begins in its place at the same address, with the vendors as they were.</summary>
[NonParallelizable]
public sealed class When_a_hub_changes_over
{
    private const string Mapping = "mappings/braze.yaml";
    private ConfigurationFixture _config = null!;
    private DirectoryInfo _data = null!;

    [SetUp]
    public async Task Make_a_database()
    {
        (_config, _data) = (new ConfigurationFixture(), Directory.CreateTempSubdirectory("hub-change-"));
        await MigratedDatabase.CreateAsync(Path.Combine(_data.FullName, "hub.db"));
    }

    [TearDown]
    public void Delete()
    {
        LogContext.Current = null;
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _config.Dispose();
        _data.Delete(recursive: true);
    }

    [Test]
    public async Task Should_answer_at_the_same_address_with_the_next_version()
    {
        using var stop = new CancellationTokenSource();
        string[] settings = [$"--Hub:DataPath={_data.FullName}", $"--Hub:ConfigPath={_config.Folder}", "--Hub:Urls=http://127.0.0.1:0", "--Hub:LogLevel=Error", "--Hub:Config:Poll=00:00:00.1"];
        var hub = await HubHost.BuildAsync(settings, CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        var (sandbox, http) = (hub.Sandbox!, new HttpClient { BaseAddress = new Uri(hub.Web.Urls.Single()) });
        var stays = HubHost.StayAsync(hub, settings, stop.Token);
        try
        {
            var files = (await http.GetFromJsonAsync<ConfigurationStandingJson>("/v1/config"))!.Active.Files!.ToDictionary();
            files[Mapping] = files[Mapping].Replace("formats: [MM/dd/yyyy, M/d/yyyy]", "formats: [yyyy-MM-dd]", StringComparison.Ordinal);
            var plan = await PostAsync<ConfigurationPlanJson>(http, "plan", new { files });
            Assert.That((await PostAsync<AppliedConfiguration>(http, "apply", new { files, plan_hash = plan.PlanHash })).Version, Is.EqualTo(2));

            var standing = await Poll.For(() => AskAsync(http), found => found is { Running: 2 }, "the hub that runs version 2");
            await Poll.Until(() => IsTurnFreeAsync(), "the next hub to have its turn");
            Assert.That((standing!.Active.Version, standing.Obstacles), Is.EqualTo((2, Array.Empty<string>())));
            using var vendor = new HttpClient();
            await Assert.ThatAsync(() => vendor.GetAsync(sandbox.BaseUrl("braze")), Throws.Nothing, "the vendors go on with what they hold");

            // The folder still holds version 1. Whoever starts with it next puts it in force again; this process does not.
            Assert.That((await http.GetFromJsonAsync<JsonElement>("/v1/map")).GetProperty("destinations")[0].GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("to").GetString() == "dob").GetProperty("made_by").GetString(), Is.EqualTo("yyyy-MM-dd"));
        }
        finally
        {
            await stop.CancelAsync();
            http.Dispose();
            await stays.WaitAsync(Poll.Patience);
        }
    }

    /// <summary>Two folders, two hubs, and nobody who rewrites what the other one applied.</summary>
    [TestCase(nameof(ConfigApply.Auto), 2)]
    [TestCase(nameof(ConfigApply.Manual), 1)]
    public async Task Should_begin_with_its_folder_only_where_nobody_has_to_apply_it(string apply, int version)
    {
        await using (var first = await StartAsync(nameof(ConfigApply.Manual)))
        {
            Assert.That((first.Running.Version, first.Running.IsPending), Is.EqualTo((1L, false)), "somebody has to begin");
        }

        LogContext.Current = null;
        _config.Replace(Mapping, "formats: [MM/dd/yyyy, M/d/yyyy]", "formats: [yyyy-MM-dd]");
        await using var next = await StartAsync(apply);
        await Poll.Until(() => Task.FromResult(next.Running.IsPending == (apply == nameof(ConfigApply.Manual))), "the folder to be compared");
        Assert.That((next.Running.Version, next.Running.IsBehind), Is.EqualTo(((long?)version, false)));
    }

    /// <summary>A settlement that waits for a lock, a database that does not answer: two hubs in one process would be worse.</summary>
    [Test]
    public async Task Should_end_with_an_error_when_what_is_on_its_way_does_not_end()
    {
        string[] settings = [$"--Hub:DataPath={_data.FullName}", $"--Hub:ConfigPath={_config.Folder}", "--Hub:Urls=http://127.0.0.1:0", "--Hub:LogLevel=Critical", "--Hub:Config:LongestEnd=00:00:01"];
        var held = new HeldUp();
        await using var hub = await HubApplication.BuildAsync(settings, builder => builder.Services.AddHostedService(_ => held), CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        var stays = HubHost.StayAsync(hub, settings, CancellationToken.None);
        try
        {
            hub.Running.GiveWay(new ChangeOver(
                new StoredConfiguration(new ConfigurationEntry(7, "", ConfigurationSource.Folder, null, "somebody", DateTimeOffset.UtcNow, null, null, null), new Dictionary<string, string>()), new Lease("", "", 0, "this", 1)));

            await Assert.ThatAsync(() => stays.WaitAsync(Poll.Patience), Throws.InstanceOf<CommandLineException>().With.Message.Contains("Version 7 of the configuration is in force, and this hub did not end within 00:00:01"));
        }
        finally
        {
            held.Release();
        }
    }

    private async Task<bool> IsTurnFreeAsync()
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_data.FullName, "hub.db")}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT owner FROM leases WHERE lane = 'change_over'";
        return await command.ExecuteScalarAsync() is "";
    }

    /// <summary>Something that cannot be stopped.</summary>
    private sealed class HeldUp : IHostedService
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _released.TrySetResult();

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => _released.Task;
    }

    private async Task<HubApplication> StartAsync(string apply)
    {
        var hub = await HubHost.BuildAsync([$"--Hub:DataPath={_data.FullName}", $"--Hub:ConfigPath={_config.Folder}", "--Hub:Urls=http://127.0.0.1:0", "--Hub:LogLevel=Error", $"--Hub:Config:Apply={apply}"], CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        return hub;
    }

    private static async Task<T> PostAsync<T>(HttpClient http, string what, object body)
    {
        using var answer = await http.PostAsJsonAsync($"/v1/config/versions/{what}", body);
        Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<T>())!;
    }

    private static async Task<ConfigurationStandingJson?> AskAsync(HttpClient http)
    {
        try
        {
            return await http.GetFromJsonAsync<ConfigurationStandingJson>("/v1/config");
        }
        catch (HttpRequestException)
        {
            return null; // between the two
        }
    }
}
