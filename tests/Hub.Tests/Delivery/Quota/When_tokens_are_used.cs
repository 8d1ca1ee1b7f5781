using IntegrationHub.Hub.Destinations.Quota;

namespace IntegrationHub.Hub.Tests.Delivery.Quota;

/// <summary>What bulk work that never ends leaves to work that presses; minutes pass in no time.</summary>
public sealed class When_tokens_are_used
{
    private const int Calls = 190;
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _callLength = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(1);

    [Test]
    public void Should_leave_pressing_calls_no_gap_when_bulk_takes_everything_else()
    {
        var (pressing, bulk) = Simulate(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(60));
        Assert.That(pressing.Max(), Is.LessThan(TimeSpan.FromSeconds(1)));
        Assert.That(pressing.Count + bulk, Is.GreaterThan(0.99 * Calls * 6 * (_window / (_window + _callLength))), "and hardly a token is left unused");
    }

    [Test]
    public void Should_leave_bulk_its_turn_when_pressing_calls_never_end()
    {
        var (_, bulk) = Simulate(TimeSpan.FromMilliseconds(55), TimeSpan.FromSeconds(60));
        Assert.That(bulk, Is.GreaterThan(20));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Should_rest_for_a_window_unless_the_vendor_did_not_count_the_call(bool counted)
    {
        var tokens = new LocalTokens(_window.Ticks) { ValidUntil = long.MaxValue };
        tokens.Add(1, 0);
        tokens.Take(0, paced: false);
        tokens.GiveBack(1, counted);
        Assert.That(tokens.NextAt(1, paced: false), counted ? Is.EqualTo(1 + _window.Ticks) : Is.LessThan(1 + _window.Ticks));
    }

    private static (List<TimeSpan> PressingWaits, int Bulk) Simulate(TimeSpan pressingEvery, TimeSpan length)
    {
        var tokens = new LocalTokens(_window.Ticks) { ValidUntil = long.MaxValue };
        tokens.Add(Calls, 0);
        var ends = new Queue<long>();
        var waiting = new Queue<long>();
        var waits = new List<TimeSpan>();
        var bulk = 0;
        var nextPressing = 0L;
        for (var now = 0L; now < length.Ticks; now += _step.Ticks)
        {
            while (ends.TryPeek(out var end) && end <= now)
            {
                tokens.GiveBack(ends.Dequeue(), counted: true);
            }

            if (now >= nextPressing)
            {
                waiting.Enqueue(now);
                nextPressing += pressingEvery.Ticks;
            }

            while (waiting.Count > 0 && tokens.NextAt(now, paced: false) <= now)
            {
                waits.Add(TimeSpan.FromTicks(now - waiting.Dequeue()));
                Take(paced: false);
            }

            while (tokens.NextAt(now, paced: true) <= now)
            {
                bulk++;
                Take(paced: true);
            }

            void Take(bool paced)
            {
                tokens.Take(now, paced);
                ends.Enqueue(now + _callLength.Ticks);
            }
        }

        return (waits, bulk);
    }
}
