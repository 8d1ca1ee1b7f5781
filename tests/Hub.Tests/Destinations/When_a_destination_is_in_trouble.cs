using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Tests.Runs;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Tests.Destinations;

/// <summary>Circuit and throttle as two instances of the hub share them, with the clock in the test's hand.</summary>
public sealed class When_a_destination_is_in_trouble : DeliveryFixture
{
    private static readonly DestinationCondition Down = new(DestinationTrouble.Unavailable, "http_503");
    private static readonly DestinationCondition Quota = new(DestinationTrouble.Throttled, "quota_daily", TimeSpan.FromHours(5));
    private string _name = null!;
    private DestinationHealth _one = null!;
    private DestinationHealth _two = null!;

    [SetUp]
    public void Start()
    {
        Clock.Now = Noon;
        (_name, _one, _two) = (Unique("d"), Health(), Health());
    }

    [Test]
    public async Task Should_wait_longer_with_every_failure_in_a_row()
    {
        var waits = new List<TimeSpan>();
        for (var failure = 1; failure <= 8; failure++)
        {
            await using var pass = await EnterAsync(_one);
            Assert.That(pass.Block, Is.Null, $"failure {failure}");
            await ReportAsync(_one, pass, Down);
            var block = (await BlockAsync(_one))!;
            Assert.That(block.Failures, Is.EqualTo(failure));
            waits.Add(block.Until - Clock.Now);
            Clock.Now = block.Until;
        }

        Assert.That(waits[0], Is.LessThanOrEqualTo(Options.FirstCircuitPause));
        Assert.That(waits[4], Is.GreaterThan(Options.FirstCircuitPause * 7));
        Assert.That(waits[7], Is.GreaterThanOrEqualTo(Options.LongestCircuitPause / 2).And.LessThanOrEqualTo(Options.LongestCircuitPause));
    }

    [Test]
    public async Task Should_wake_the_runs_whose_step_waits_when_a_probe_or_a_look_finds_it_well()
    {
        var run = await StartRunAsync(Unique("aud"), RunState.Planning, _name);
        await ReportAsync(_one, null, Down);
        Clock.Now = (await BlockAsync(_one))!.Until;
        await using (var probe = await EnterAsync(_one))
        {
            await _one.RecoverAsync(probe, CancellationToken.None);
        }

        Assert.That(Reminded(run), Is.EqualTo(1), "a probe");
        await using (var pass = await EnterAsync(_one))
        {
            await _one.RecoverAsync(pass, CancellationToken.None);
        }

        Assert.That(Reminded(run), Is.EqualTo(1), "there was no trouble");
        await ReportAsync(_one, null, Quota);
        await _one.ClearAsync(await _one.ListAsync(_name, CancellationToken.None), CancellationToken.None);
        Assert.That(Reminded(run), Is.EqualTo(2), "somebody looked");
    }

    [Test]
    public async Task Should_count_calls_that_failed_side_by_side_once()
    {
        await using var first = await EnterAsync(_one);
        await using var second = await EnterAsync(_one);
        await using var third = await EnterAsync(_two);
        await ReportAsync(_one, first, Down);
        await ReportAsync(_one, second, Down);
        await ReportAsync(_two, third, Down);
        Assert.That((await BlockAsync(_one))!.Failures, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_lift_a_throttle_by_the_success_of_a_call_that_began_before_it()
    {
        await using var early = await EnterAsync(_one);
        await using var late = await EnterAsync(_two);
        await ReportAsync(_two, late, Quota);
        await _one.RecoverAsync(early, CancellationToken.None);
        Clock.Now += TimeSpan.FromSeconds(1);
        Assert.That((await BlockAsync(_one))!.Code, Is.EqualTo("quota_daily"));
    }

    [Test]
    public async Task Should_not_lift_what_was_reported_again_while_a_probe_was_under_way()
    {
        await ReportAsync(_one, null, Down);
        Clock.Now += Options.LongestCircuitPause;
        await using var probe = await EnterAsync(_one);
        Assert.That(probe.IsProbe, Is.True);
        await ReportAsync(_two, null, new DestinationCondition(DestinationTrouble.Unauthorized, "http_401"));
        await _one.RecoverAsync(probe, CancellationToken.None);
        Clock.Now += TimeSpan.FromSeconds(1);
        Assert.That((await BlockAsync(_two))!.Code, Is.EqualTo("http_401"));
    }

    [Test]
    public async Task Should_send_one_probe_over_all_instances_and_then_everything()
    {
        await ReportAsync(_one, null, Down);
        Clock.Now += Options.LongestCircuitPause;
        await using (var probe = await EnterAsync(_one))
        {
            await using var other = await EnterAsync(_two);
            await using var another = await EnterAsync(_one);
            Assert.That((probe.Block, other.Block?.Code, another.Block?.Code), Is.EqualTo(((object?)null, "http_503", "http_503")));
            Assert.That((await BlockAsync(_two))!.Code, Is.EqualTo("http_503"), "doorbells need not be rung");
            await _one.RecoverAsync(probe, CancellationToken.None);
        }

        Clock.Now += TimeSpan.FromSeconds(1);
        await using var free = await EnterAsync(_two);
        Assert.That((free.Block, free.IsProbe), Is.EqualTo(((object?)null, false)));
    }

    /// <summary>Both know that the pause is over, and neither that the other one is about to try.</summary>
    [Test]
    public async Task Should_send_one_probe_though_two_instances_want_to_at_once()
    {
        await ReportAsync(_one, null, Down);
        Clock.Now += Options.LongestCircuitPause;
        Assert.That((await BlockAsync(_one), await BlockAsync(_two)), Is.EqualTo(((object?)null, (object?)null)));
        await using var probe = await EnterAsync(_one);
        await using var other = await EnterAsync(_two);
        Assert.That((probe.Block, other.Block?.Code), Is.EqualTo(((object?)null, "http_503")));
    }

    [Test]
    public async Task Should_let_the_next_one_probe_when_a_probe_learned_nothing()
    {
        await ReportAsync(_one, null, Down);
        Clock.Now += Options.LongestCircuitPause;
        await (await EnterAsync(_one)).DisposeAsync();
        await using var next = await EnterAsync(_two);
        Assert.That((next.Block, next.IsProbe), Is.EqualTo(((object?)null, true)));
    }

    [Test]
    public async Task Should_throttle_the_lane_that_was_throttled_and_no_other()
    {
        await ReportAsync(_one, null, Quota);
        Assert.That((await _one.FindBlockAsync(_name, Lane.Bulk, CancellationToken.None))!.Code, Is.EqualTo("quota_daily"));
        Assert.That(await _one.FindBlockAsync(_name, Lane.Urgent, CancellationToken.None), Is.Null);
        Clock.Now += TimeSpan.FromHours(5);
        await using var first = await EnterAsync(_one);
        await using var second = await EnterAsync(_two);
        Assert.That((first.Block, second.Block), Is.EqualTo(((object?)null, (object?)null)), "when a throttle is over nobody needs to try");
    }

    [Test]
    public async Task Should_keep_trouble_with_an_audience_to_that_audience()
    {
        await _one.ReportAudienceAsync(_name, "customers", new DestinationCondition(DestinationTrouble.Misconfigured, ReasonCode.AudienceGone), null, CancellationToken.None);
        await using var same = await _two.EnterAsync(_name, Lane.Bulk, "customers", CancellationToken.None);
        await using var other = await _two.EnterAsync(_name, Lane.Bulk, "leads", CancellationToken.None);
        await using var none = await _two.EnterAsync(_name, Lane.Bulk, "", CancellationToken.None);
        Assert.That((same.Block?.Code, same.ConcernsAudienceOnly, other.Block, none.Block), Is.EqualTo((ReasonCode.AudienceGone, true, (object?)null, (object?)null)));
        Assert.That(await BlockAsync(_two), Is.Null);
    }

    [Test]
    public async Task Should_end_every_wait_when_somebody_says_so()
    {
        await ReportAsync(_one, null, Quota);
        await ReportAsync(_one, null, Down);
        Assert.That(await _one.ResumeAsync(_name, CancellationToken.None), Is.EqualTo((2, 0)));
        Clock.Now += TimeSpan.FromSeconds(1);
        Assert.That(await BlockAsync(_two), Is.Null);
    }

    private int Reminded(Guid run) => new StepBus(Scopes).Said<RemindAudienceSync>(said => said.RunId == run).Count;

    private Task<HealthPass> EnterAsync(DestinationHealth health) => health.EnterAsync(_name, Lane.Bulk, "", CancellationToken.None);

    private Task<StoredCondition?> BlockAsync(DestinationHealth health) => health.FindBlockAsync(_name, Lane.Bulk, CancellationToken.None);

    private Task ReportAsync(DestinationHealth health, HealthPass? pass, DestinationCondition condition) => health.ReportAsync(_name, Lane.Bulk, condition, pass, CancellationToken.None);
}
