using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Console.Runs;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Tests.Pages;

public sealed class When_the_road_is_shown
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] _states = [.. typeof(RunState).GetFields().Select(field => (string)field.GetValue(null)!)];

    /// <summary>Whatever the state: one station is now, unless the run is over; what is behind was passed, and what is ahead was not.</summary>
    [Test]
    public void Should_stand_at_one_place_in_every_state([ValueSource(nameof(_states))] string state)
    {
        var isOver = state is RunState.Completed or RunState.CompletedWithIssues or RunState.Failed or RunState.Canceled or RunState.RolledBack;
        var road = Road.Of(Run(state, isOver), [Turn(0, RunState.Planning), Turn(10, RunState.Delivering), .. state is RunState.Planning or RunState.Delivering ? Array.Empty<RunEventJson>() : [Turn(70, state)]], _noon.AddSeconds(100));
        Assert.That(road.Count(station => station.Where == "now"), Is.EqualTo(isOver ? 0 : 1), string.Join(" ", road));
        Assert.That(road.Single(station => station.State == state).Where, Is.EqualTo(isOver ? "gone" : "now"));
        Assert.That(road.Select(station => station.Where), Is.Ordered.Using<string>((one, other) => Rank(one) - Rank(other)), string.Join(" ", road));
        Assert.That(isOver ? road.Any(station => station.Where == "ahead") : road.All(station => station.Where != "ahead"), Is.False, "an open run has something ahead");
    }

    [Test]
    public void Should_say_how_long_each_part_took()
    {
        var road = Road.Of(Run(RunState.Verifying, false), [Turn(0, RunState.Planning), Turn(10, RunState.Delivering), Turn(70, RunState.Verifying)], _noon.AddSeconds(100));
        Assert.That(road.Select(station => (station.State, station.Spent?.TotalSeconds)), Is.EqualTo(new (string, double?)[]
        {
            (RunState.Requested, null), (RunState.Planning, 10), (RunState.Delivering, 60), (RunState.Verifying, 30), (RunState.Completed, null),
        }));
    }

    [Test]
    public void Should_know_when_it_stood_still()
    {
        RunEventJson[] events =
        [
            Turn(0, RunState.Delivering), Still(10, "unauthorized"), Still(20, "circuit_open"), new(_noon.AddSeconds(25), "run.pause", null, null, null, "person:anna", null), Moved(30), Turn(40, RunState.Paused), Turn(50, RunState.Delivering), Still(70, "quota"),
        ];
        Assert.That(
            Standstill.Of([.. events.Reverse()], _noon.AddSeconds(90)).Select(still => ((still.From - _noon).TotalSeconds, (still.To - _noon).TotalSeconds)),
            Is.EqualTo(new[] { (10d, 30d), (40d, 50d), (70d, 90d) }));
        Assert.That(Standstill.Of([], _noon), Is.Empty);
    }

    private static RunEventJson Still(int second, string code) => new(_noon.AddSeconds(second), "stalled", null, RunState.Delivering, code, null, null);

    private static RunEventJson Moved(int second) => new(_noon.AddSeconds(second), "moved", null, RunState.Delivering, null, null, null);

    private static int Rank(string where) => where switch { "gone" => 0, "now" => 1, _ => 2 };

    private static RunEventJson Turn(int second, string state) => new(_noon.AddSeconds(second), "state", null, state, null, null, null);

    private static RunJson Run(string state, bool isOver) => new()
    {
        RunId = Guid.NewGuid(), Kind = "audience_sync", State = state, Audience = "vip", Destination = "braze", Mode = "full", RequestedAt = _noon, FinishedAt = isOver ? _noon.AddSeconds(100) : null,
        Counts = new CountsJson(0, 0, 0, 0, 0, 0, 0), Reasons = [], Verification = new VerificationJson(null, null, null, null),
    };
}
