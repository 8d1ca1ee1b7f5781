using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>A whole hub, embedded: from its destination's trouble to the person who is told, with the same sentence everywhere.</summary>
[NonParallelizable]
public sealed class When_trouble_comes_and_goes
{
    private Receiver _receiver = null!;
    private HubApplication _hub = null!;
    private HttpClient _http = null!;
    private string _folder = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _receiver = await Receiver.StartAsync();
        _folder = Directory.CreateTempSubdirectory("hub-alerts-").FullName;
        var configuration = Path.Combine(_folder, "config");
        foreach (var file in Directory.GetFiles(IntegrationHub.Hub.Configuration.ConfigurationLoader.SampleFolder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(configuration, Path.GetRelativePath(IntegrationHub.Hub.Configuration.ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "slack"), _receiver.Address.ToString());
        await File.WriteAllTextAsync(Path.Combine(configuration, "alerts.yaml"), "routes:\n  team: { kind: slack, url: { file: ../slack } }\n");
        _hub = await HubApplication.BuildAsync(["--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={_folder}", $"--Hub:ConfigPath={configuration}", "--Hub:LogLevel=Error"], null, CancellationToken.None);
        await _hub.StartAsync(CancellationToken.None);
        _http = new HttpClient { BaseAddress = new Uri(_hub.Web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
        await _receiver.DisposeAsync();
        LogContext.Current = null;
    }

    [Test]
    public async Task Should_say_the_same_in_the_diagnosis_at_the_destination_and_in_the_alert_and_end_it()
    {
        var transactions = _hub.Web.Services.GetRequiredService<OutboxTransaction>();
        var conditions = _hub.Web.Services.GetRequiredService<IDestinationStore>();
        var watch = _hub.Web.Services.GetRequiredService<AlertWatch>();
        await transactions.RunAsync(
            async (db, _) =>
            {
                await using var session = await IntegrationHub.Storage.DbSession.OpenAsync(db, CancellationToken.None);
                // The hub's own look does not come between.
                await session.ExecuteAsync("INSERT INTO watch_turns (duty, taken_at) VALUES ('alerts', @later) ON CONFLICT (duty) DO UPDATE SET taken_at = excluded.taken_at", CancellationToken.None, ("later", DateTimeOffset.UtcNow.AddDays(1)));
                await session.ExecuteAsync(
                    $"INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at) VALUES (@run, 'hubspot', 'urgent', 0, 4, 1, '', {session.Clock}, {session.Clock})",
                    CancellationToken.None, ("run", Guid.NewGuid()));
            },
            CancellationToken.None);
        await transactions.RunAsync((db, _) => conditions.ReportAsync(db, new ConditionReport("hubspot", "unauthorized", "http_401", DateTimeOffset.UtcNow, null), _ => DateTimeOffset.UtcNow.AddHours(1), CancellationToken.None), CancellationToken.None);

        var changes = await watch.LookAsync(CancellationToken.None);
        var change = changes.Single();
        Assert.That((change.Event, change.Alert.What.Cause, change.Alert.What.Severity, change.Alert.What.Records), Is.EqualTo((AlertChange.Trigger, "destination:hubspot:unauthorized", AlertSeverity.Critical, 1L)));
        Assert.That(await watch.LookAsync(CancellationToken.None), Is.Empty, "it was told");

        var sentence = change.Alert.What.Sentence;
        var diagnosis = (await AskAsync("/v1/diagnoses")).GetProperty("items").EnumerateArray().Single();
        Assert.That((diagnosis.GetProperty("sentence").GetString(), diagnosis.GetProperty("code").GetString(), diagnosis.GetProperty("action").GetString()), Is.EqualTo((sentence, DiagnosisCode.Unauthorized, "destinations check hubspot")));
        Assert.That((await AskAsync("/v1/destinations/hubspot")).GetProperty("diagnoses")[0].GetProperty("sentence").GetString(), Is.EqualTo(sentence));
        Assert.That((await AskAsync("/v1/alerts")).GetProperty("items")[0].GetProperty("sentence").GetString(), Is.EqualTo(sentence));

        await _hub.Web.Services.GetRequiredService<AlertSender>().SendDueAsync(CancellationToken.None);
        await Poll.Until(() => !_receiver.Calls.IsEmpty);
        Assert.That(_receiver.Calls.First().Body, Does.Contain("refuses our credentials (http_401)"));

        await transactions.RunAsync((db, _) => conditions.ClearAllAsync(db, "hubspot", CancellationToken.None), CancellationToken.None);
        var id = change.Alert.AlertId;
        using var silenced = await _http.PostAsJsonAsync($"/v1/alerts/{id}/silence", new { minutes = 5 });
        Assert.That(silenced.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "a silence has a reason");
    }

    [Test]
    public async Task Should_show_that_this_hub_is_there_and_what_it_does()
    {
        await Poll.Until(async () => (await AskAsync("/v1/instances")).GetProperty("items").GetArrayLength() == 1);
        var hub = (await AskAsync("/v1/instances")).GetProperty("items")[0];
        Assert.That(hub.GetProperty("is_alive").GetBoolean(), Is.True);
        Assert.That(hub.GetProperty("roles").EnumerateArray().Select(role => role.GetString()), Is.SupersetOf(new[] { "runs", "deliver-braze" }));
        Assert.That(hub.GetProperty("configuration").GetString(), Has.Length.EqualTo(16));
    }

    [Test]
    public async Task Should_try_the_routes()
    {
        using var answer = await _http.PostAsync("/v1/alerts/test?route=team", null);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await _hub.Web.Services.GetRequiredService<AlertSender>().SendDueAsync(CancellationToken.None);
        await Poll.Until(() => _receiver.Calls.Any(call => call.Body.Contains("test of the route team", StringComparison.Ordinal)));
        using var unknown = await _http.PostAsync("/v1/alerts/test?route=nobody", null);
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private async Task<JsonElement> AskAsync(string path) => await _http.GetFromJsonAsync<JsonElement>(path);
}
