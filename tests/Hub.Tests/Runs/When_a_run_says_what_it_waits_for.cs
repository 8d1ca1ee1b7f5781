using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Runs;

public sealed partial class When_a_run_says_what_it_waits_for : DeliveryFixture
{
    private static readonly IEnumerable<string> _codes = DiagnosisCode.Runbooks.Keys;

    [TestCase("run-stalled.md")]
    [TestCase("run-awaiting-approval.md")]
    public void Should_name_only_fields_that_a_run_has(string runbook)
    {
        var fields = Fields(JsonSerializer.SerializeToElement(Full()), "").ToHashSet();
        var named = Field().Matches(File.ReadAllText(PathTo($"../../../Hub/Docs/runbooks/{runbook}"))).Select(field => field.Groups[1].Value).Except(_codes).Except(NotOfARun);
        Assert.That(named, Is.SubsetOf(fields));
    }

    [TestCase(RunState.Delivering)]
    [TestCase(RunState.Verifying)]
    [TestCase(RunState.Planning)]
    [TestCase(RunState.Canceling)]
    public async Task Should_tell_the_destinations_trouble_at_once(string state)
    {
        var (destination, run) = (Unique("dest"), Guid.Empty);
        run = await StartRunAsync(Unique("aud"), state, destination);
        await WriteAsync(db => Destinations.ReportAsync(db, new ConditionReport(destination, "unauthorized", "http_401", Noon, null), _ => Noon.AddMinutes(1), CancellationToken.None));
        var shown = await ShowAsync(run);
        Assert.That(shown.WaitingCode, Is.EqualTo(DiagnosisCode.Unauthorized));
        Assert.That(shown.WaitingFor, Does.Contain("http_401").And.Contain($"destinations/{destination}.yaml"));
        Assert.That(shown.Stalled, Is.Null, "it is no stall yet");
    }

    [Test]
    public async Task Should_tell_the_trouble_of_its_lane_and_forget_what_is_over()
    {
        var destination = Unique("dest");
        var run = await StartRunAsync(Unique("aud"), RunState.Delivering, destination);
        await WriteAsync(db => Destinations.ReportAsync(db, new ConditionReport($"{destination}/bulk", "throttled", "quota_daily_of_lane", Noon, null), _ => Noon.AddHours(5), CancellationToken.None));
        var shown = await ShowAsync(run);
        Assert.That(shown.WaitingCode, Is.EqualTo(DiagnosisCode.Quota));
        Assert.That(shown.Waiting!.Until, Is.EqualTo(Noon.AddHours(5)));
        Assert.That(shown.Waiting.Args, Is.EquivalentTo(new Dictionary<string, string> { ["destination"] = destination, ["code"] = "quota_daily_of_lane", ["failures"] = "1" }));
        Clock.Now = Noon.AddHours(6);
        Assert.That(await ShowAsync(run), Has.Property(nameof(RunJson.WaitingCode)).Null.And.Property(nameof(RunJson.WaitingFor)).Null);
    }

    [TestCase(RunState.AwaitingApproval, true)]
    [TestCase(RunState.Delivering, false)]
    public async Task Should_say_before_it_delivers_that_its_audience_moves_to_another_list(string state, bool isSaid)
    {
        var (name, audience) = (Unique("dest"), Unique("aud"));
        _known[name] = Acme.Destination(new AcmeConnector(), name: name, audience: audience, audiences: new Dictionary<string, AudienceRepresentation> { [audience] = new(null, "list-9") });
        await WriteAsync(db => Destinations.RememberAudienceAsync(db, new StoredAudience(name, audience, "list-1", "name:old"), Noon, CancellationToken.None));
        var shown = await ShowAsync(await StartRunAsync(audience, state, name));
        Assert.That(shown.Moves ?? [], Has.Count.EqualTo(isSaid ? 1 : 0).And.All.Contains("stands as list-1 at the vendor and the configuration asks for id list-9"));
    }

    [Test]
    public async Task Should_say_nothing_of_a_run_that_is_over()
    {
        var destination = Unique("dest");
        var run = await StartRunAsync(Unique("aud"), RunState.Delivering, destination);
        await SetStateAsync(run, RunState.Completed);
        await WriteAsync(db => Destinations.ReportAsync(db, new ConditionReport(destination, "unavailable", "http_503", Noon, null), _ => Noon.AddMinutes(1), CancellationToken.None));
        Assert.That((await ShowAsync(run)).WaitingFor, Is.Null);
    }

    [TestCase("1016")]
    [TestCase("braze_429")]
    [TestCase("1019")]
    public void Should_not_advise_a_larger_quota_when_the_vendor_refuses_an_endpoint_or_an_import(string code)
    {
        var diagnosis = Conditioned.Of("acme", Condition("throttled", code));
        Assert.That(diagnosis.Code, Is.EqualTo(DiagnosisCode.VendorLimit));
        Assert.That(diagnosis.Sentence, Does.Contain("goes on by itself").And.Not.Contain("destinations/acme.yaml"));
    }

    [Test]
    public void Should_advise_only_what_can_be_done()
    {
        var diagnosis = Conditioned.Of("acme", Condition("misconfigured", "list_missing"));
        Assert.That(diagnosis.Sentence, Does.Contain("'destinations check acme'").And.Not.Contain("sync resume"), "a run that nobody holds cannot be resumed");
    }

    /// <summary>What the runbooks name that is not a field of a run.</summary>
    private static readonly string[] NotOfARun = ["quota", "status", "base_url", "run_canceled", "mass_removal", "mass_addition", "unread_rows", "max_removal_share", "max_addition_multiple", "consent.yaml"];

    private static StoredCondition Condition(string trouble, string code) => new("acme", trouble, code, Noon.AddMinutes(1), Noon, 3);

    private readonly Dictionary<string, Destination> _known = [];

    private async Task<RunJson> ShowAsync(Guid run) =>
        await new RunWaiting(new OpenSituation(Transactions, Clock), Transactions, new DestinationDirectory(_known), Targets(), Clock).ShowAsync(await RunAsync(run), CancellationToken.None);

    private static RunJson Full() => new()
    {
        RunId = Guid.Empty,
        Kind = "",
        State = "",
        Audience = "",
        Destination = "",
        Mode = "",
        RequestedAt = Noon,
        Counts = new CountsJson(0, 0, 0, 0, 0, 0, 0),
        Reasons = [new ReasonJson("", "", 0)],
        Verification = new VerificationJson(0, 0, 0, 0),
        Stalled = new StalledJson(Noon, "", ""),
        Failure = new FailureJson("", ""),
    };

    private static IEnumerable<string> Fields(JsonElement element, string prefix) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Fields(member.Value, $"{prefix}{member.Name}.").Prepend($"{prefix}{member.Name}")),
        _ => [],
    };

    /// <summary>Words in code marks that are spelled as fields are.</summary>
    [GeneratedRegex(@"`([a-z]+(?:[._][a-z_]+)*)`")]
    private static partial Regex Field();

    private static string PathTo(string relative, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, relative);
}
