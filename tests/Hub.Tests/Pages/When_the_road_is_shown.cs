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

    private static int Rank(string where) => where switch { "gone" => 0, "now" => 1, _ => 2 };

    private static RunEventJson Turn(int second, string state) => new(_noon.AddSeconds(second), "state", null, state, null, null, null);

    private static RunJson Run(string state, bool isOver) => new()
    {
        RunId = Guid.NewGuid(), Kind = "audience_sync", State = state, Audience = "vip", Destination = "braze", Mode = "full", RequestedAt = _noon, FinishedAt = isOver ? _noon.AddSeconds(100) : null,
        Counts = new CountsJson(0, 0, 0, 0, 0, 0, 0), Reasons = [], Verification = new VerificationJson(null, null, null, null),
    };
}
