using System.Text.Json;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>
/// Whatever holds a run up is provoked in a production hub, with real servers between: it is named, with one sentence at the API, in the terminal, of the run and in the alert; the safe action is
/// taken, and the run goes on. The story is played once, since most of it may stand still side by side; the tests look at what was said. How soon it is named, with the usual thresholds, the
/// benchmark <c>stuck</c> measures.
/// </summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class When_something_stands_still
{
    private readonly Dictionary<string, JsonElement> _named = [];
    private StuckScene _scene = null!;
    private string _first = "";
    private JsonElement _lease;

    [OneTimeSetUp]
    public async Task PlayAsync()
    {
        _scene = await StuckScene.OpenAsync();
        var hub = new Naming(_scene.Hub, _scene.Receiver);
        var waiting = await HoldUpAsync(hub);
        await LoseServersAsync(hub, waiting);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _scene.DisposeAsync();

    [TestCase(DiagnosisCode.Approval, "asked at 20")]
    [TestCase(DiagnosisCode.Unauthorized, "locked refuses our credentials")]
    [TestCase(DiagnosisCode.CircuitOpen, "distant does not answer (", "destinations check distant")]
    [TestCase(DiagnosisCode.PoisonRecord, "hubspot_TEMPORAL_PARADOX", "deadletters list")]
    [TestCase(DiagnosisCode.VendorJob, "marketo works on its job ")]
    [TestCase(DiagnosisCode.Quota, "'destinations resume thrifty' ends the wait", "destinations show thrifty")]
    [TestCase(DiagnosisCode.ScheduleMissed, "The schedule yearly missed its time 20", "schedules ring yearly")]
    [TestCase(DiagnosisCode.ConfigurationBehind, "runs another configuration", "validate")]
    [TestCase(DiagnosisCode.BrokerUnreachable, "does not reach the broker", "status")]
    [TestCase(DiagnosisCode.DatabaseUnreachable, "does not reach its database", "status")]
    [TestCase(DiagnosisCode.DeadProcess, "did not say that it stops", "status")]
    [TestCase(DiagnosisCode.NoConsumer, "Put destinations/thrifty.yaml back", "status")]
    public void Should_name_it_and_say_what_to_do(string code, string words, string? action = null)
    {
        Assert.That(_named[code].GetProperty("sentence").GetString(), Does.Contain(words));
        if (action is not null)
        {
            Assert.That(_named[code].GetProperty("action").GetString(), Is.EqualTo(action));
        }
    }

    [Test]
    public void Should_tell_the_last_errors_of_a_circuit() => Assert.That(_named[DiagnosisCode.CircuitOpen].GetProperty("evidence").ToString(), Does.Contain("failures in a row, "));

    [Test]
    public void Should_tell_until_when_a_quota_is_used_up() => Assert.That(_named[DiagnosisCode.Quota].GetProperty("sentence").GetString(), Does.Contain("quota_daily").And.Match("[0-9]{4}-[0-9]{2}-[0-9]{2} "));

    [Test]
    public void Should_tell_whose_lease_it_is_that_nobody_gave_back() => Assert.Multiple(() =>
    {
        Assert.That(_lease.GetProperty("sentence").GetString(), Does.Contain("in the name of a hub that is not heard of any more"));
        Assert.That(_lease.GetProperty("evidence").ToString(), Does.Contain($"is held by {_first}-"));
    });

    /// <summary>One hub, and in each destination another trouble; then all of it is mended but the quota, and the runs end.</summary>
    /// <returns>The run that waits for the next day.</returns>
    private async Task<Guid> HoldUpAsync(Naming hub)
    {
        await KeepAsync(hub.OfAsync(DiagnosisCode.ScheduleMissed, isAlarm: true, subject: StuckScene.Schedule));
        var runs = await _scene.StartRunsAsync(StuckScene.Guarded, StuckScene.Locked, StuckScene.Distant, StuckScene.Poisoned, StuckScene.Slow, StuckScene.Thrifty);
        await Job.FinishAsync(_scene.Hub, [runs[0]]);
        var removal = await _scene.StartRemovalAsync();
        await KeepAsync(hub.OfAsync(DiagnosisCode.Approval, isAlarm: true, removal));
        await KeepAsync(hub.OfAsync(DiagnosisCode.Unauthorized, isAlarm: true, runs[1]));
        await KeepAsync(hub.OfAsync(DiagnosisCode.CircuitOpen, isAlarm: false, runs[2]));
        await KeepAsync(hub.OfAsync(DiagnosisCode.PoisonRecord, isAlarm: true, runs[3]));
        await KeepAsync(hub.OfAsync(DiagnosisCode.VendorJob, isAlarm: false, runs[4]));
        await KeepAsync(hub.OfAsync(DiagnosisCode.Quota, isAlarm: false, runs[5]));

        await hub.DoAsync(_named[DiagnosisCode.Approval]);
        var seen = (await _scene.Hub.GetAsync($"/v1/runs/{removal}")).GetProperty("version").GetString()!;
        await CalledAsync(hub, "sync", "approve", removal.ToString(), "--expected-version", seen, "--reason", "they left");
        Assert.That((await hub.CallAsync("destinations", "check", StuckScene.Locked)).Code, Is.Not.Zero, "it says what is wrong");
        await _scene.UnlockAsync();
        await CalledAsync(hub, "destinations", "check", StuckScene.Locked);
        _scene.ToVendor.Mend();
        await CalledAsync(hub, "destinations", "check", StuckScene.Distant);
        await hub.DoAsync(_named[DiagnosisCode.PoisonRecord]);
        await _scene.HealAsync();
        await CalledAsync(hub, "destinations", "resume", StuckScene.Poisoned);
        foreach (var run in await Job.FinishAsync(_scene.Hub, [removal, .. runs.Skip(1).Take(4)]))
        {
            Job.ShouldBalance(run);
        }

        await hub.DoAsync(_named[DiagnosisCode.ScheduleMissed]);
        await Poll.Until(() => _scene.Receiver.Calls.Any(call => call.Body.Contains($"Resolved {StuckScene.Locked}", StringComparison.Ordinal)), "the alert to be over");
        return runs[5];
    }

    /// <summary>Another hub comes; the first one loses its broker, its database and at last its life.</summary>
    private async Task LoseServersAsync(Naming hub, Guid waiting)
    {
        _first = (await _scene.Hub.GetAsync("/v1/instances")).GetProperty("items").EnumerateArray().Single().GetProperty("name").GetString()!;
        var held = (await _scene.StartRunsAsync(StuckScene.Mute)).Single();
        await _scene.HoldLeaseAsync(_first);
        var another = await _scene.ServeAnotherAsync();
        var other = new Naming(another, _scene.Receiver);
        await KeepAsync(other.OfAsync(DiagnosisCode.ConfigurationBehind, isAlarm: true, subject: _first));
        _scene.ToBroker.Cut();
        await KeepAsync(hub.OfAsync(DiagnosisCode.BrokerUnreachable, isAlarm: true, subject: _first));
        _scene.ToDatabase.Cut();
        var said = await Poll.For(() => hub.CallAsync("status"), said => said.Out.Contains(DiagnosisCode.DatabaseUnreachable, StringComparison.Ordinal), "the database to be missed");
        var away = (await _scene.Hub.GetAsync("/v1/diagnoses")).GetProperty("items")[0];
        var sentence = away.GetProperty("sentence").GetString()!;
        Assert.That(said.Out, Does.Contain(sentence));
        await Poll.Until(() => _scene.Receiver.Calls.Any(call => call.Body.Contains(sentence, StringComparison.Ordinal)), "somebody to be told without the database");
        await KeepAsync(Task.FromResult(away));

        await _scene.Hub.KillAsync();
        _lease = await other.OfAsync(DiagnosisCode.DeadProcess, isAlarm: false, held);
        await KeepAsync(other.OfAsync(DiagnosisCode.DeadProcess, isAlarm: true, subject: _first));
        await KeepAsync(other.OfAsync(DiagnosisCode.NoConsumer, isAlarm: true, waiting));
    }

    private static async Task CalledAsync(Naming hub, params string[] verb) => Assert.That((await hub.CallAsync(verb)).Code, Is.Zero, string.Join(' ', verb));

    private async Task KeepAsync(Task<JsonElement> named)
    {
        var one = await named;
        _named[one.GetProperty("code").GetString()!] = one;
    }
}
