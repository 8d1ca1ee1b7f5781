using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>A whole hub with its quotas on, against vendors that count: the job is done and no call is refused.</summary>
[TestFixture]
public sealed class When_quotas_are_kept
{
    private const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n";

    [Test]
    public async Task Should_do_the_job_within_them_and_end_waits_when_somebody_says_so()
    {
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:Quotas=true", "--Hub:Delivery:Bulk=false");
        foreach (var room in hub.Sandbox.Rooms.Values)
        {
            room.Knobs.Quotas = true;
        }

        using var http = new HttpClient { BaseAddress = hub.Address };
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(0, 60).Select(Row))));
        var snapshot = await hub.LoadAsync(csv);
        var runs = await hub.SyncAsync(snapshot.SnapshotId);
        Assert.That(runs.Select(run => run.State), Has.All.EqualTo(RunState.Completed));
        Assert.That(hub.Sandbox.Rooms.Values.Sum(room => room.Stats.Throttled), Is.Zero);

        await Poll.Until(async () => await UsedTodayAsync(http) > 0, "the day's calls to be counted");

        hub.Sandbox["hubspot"].Faults.Add(new Fault { Kind = FaultKind.Status, Status = 401 });
        var blocked = (await hub.StartSyncAsync(null, SyncMode.Full, "hubspot")).Single();
        await Poll.Until(async () => (await http.GetFromJsonAsync<JsonElement>("/v1/destinations/hubspot")).GetProperty("condition").ValueKind == JsonValueKind.Object, "the trouble to be noted");
        hub.Sandbox["hubspot"].Faults.Clear();
        using var resumed = await http.PostAsync("/v1/destinations/hubspot/resume", null);
        Assert.That((await resumed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("destination").GetString(), Is.EqualTo("hubspot"));
        Assert.That((await hub.FinishAsync([blocked])).Single().State, Is.EqualTo(RunState.Completed));
    }

    private static async Task<long> UsedTodayAsync(HttpClient http) => (await http.GetFromJsonAsync<JsonElement>("/v1/destinations/hubspot"))
        .GetProperty("limits").EnumerateArray().Single(limit => limit.GetProperty("limit").GetString() == "daily").GetProperty("used").GetInt64();

    private static string Row(int i) => $"q{i},MR.,A,B,5/14/1965,M,M,q{i}@example.test,\"$10,000 \",1,Bachelors,Manual,N\n";
}
