using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>A limit per day, as the vendor counts it and as its headers show it.</summary>
public sealed class When_a_day_is_used_up : GateFixture
{
    [Test]
    public async Task Should_refuse_what_a_used_up_day_does_not_allow_and_keep_a_rest_for_earlier_lanes()
    {
        var gate = Gate(Day);
        var bulk = await EnterUntilRefusedAsync(gate, Lane.Bulk);
        var urgent = await EnterUntilRefusedAsync(gate, Lane.Urgent);
        Assert.Multiple(() =>
        {
            Assert.That((bulk.Calls, urgent.Calls), Is.EqualTo((95, 5)));
            Assert.That((bulk.Refusal.Code, urgent.Refusal.Code), Is.EqualTo(("quota_daily_of_lane", "quota_daily")));
            Assert.That(urgent.Refusal.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
            Assert.That(urgent.Refusal.ConcernsThisWorkOnly, Is.False);
            Assert.That(urgent.Refusal.RetryAfter, Is.EqualTo(TimeSpan.FromHours(15)).Within(TimeSpan.FromMinutes(1)));
        });
    }

    [Test]
    public async Task Should_leave_a_part_of_the_day_to_runs_that_begin_after_live_work_has_used_all_it_could()
    {
        var (first, second) = (Gate(Day), Gate(Day));
        var live = (await EnterUntilRefusedAsync(first, Lane.Live)).Calls + (await EnterUntilRefusedAsync(second, Lane.Live)).Calls;
        var bulk = await EnterUntilRefusedAsync(second, Lane.Bulk);
        var (again, refusal) = await EnterUntilRefusedAsync(first, Lane.Live);
        Assert.Multiple(() =>
        {
            Assert.That(live, Is.EqualTo(85).Within(2), "of a hundred, over both hubs");
            Assert.That(bulk.Calls, Is.EqualTo(95 - live).Within(2));
            Assert.That((again, refusal.Code), Is.EqualTo((0, "quota_daily_of_lane")));
        });
    }

    [Test]
    public async Task Should_ask_the_vendor_all_the_same_for_somebody_who_insists()
    {
        var gate = Gate(Day);
        await EnterUntilRefusedAsync(gate, Lane.Urgent);
        using var permit = await EnterAsync(gate.For(Lane.Urgent, insists: true));
        Assert.That(permit.Refusal, Is.Null);
    }

    [Test]
    public async Task Should_admit_calls_again_once_a_header_shows_that_some_are_left()
    {
        var gate = Gate(Day);
        await EnterUntilRefusedAsync(gate, Lane.Urgent);
        using (var permit = await EnterAsync(gate.For(Lane.Urgent, insists: true)))
        {
            permit.Report(new QuotaReading("daily", 100, 60, TimeSpan.FromHours(15)));
        }

        await Time.Pass(TimeSpan.FromSeconds(6));
        var again = await EnterUntilRefusedAsync(gate, Lane.Urgent);
        Assert.That(again.Calls, Is.EqualTo(60).Within(1));
    }

    [Test]
    public async Task Should_learn_from_the_others_that_a_day_counts_from_zero_again()
    {
        var gate = Gate(Day);
        await EnterUntilRefusedAsync(gate, Lane.Urgent);
        Table.Change(books => books.Reopen(Limits(Day)));
        await Time.Pass(TimeSpan.FromSeconds(6));
        Assert.That((await EnterUntilRefusedAsync(gate, Lane.Urgent)).Calls, Is.EqualTo(100));
    }

    [Test]
    public async Task Should_count_strangers_calls_that_a_header_shows()
    {
        var gate = Gate(Day);
        using (var permit = await EnterAsync(gate))
        {
            permit.Report(new QuotaReading("daily", 100, 10, null));
        }

        await ExchangedAsync();
        Assert.That((await EnterUntilRefusedAsync(gate, Lane.Urgent)).Calls, Is.EqualTo(10).Within(1));
    }

    [Test]
    public async Task Should_not_take_a_day_for_used_up_that_has_fewer_calls_than_the_books_knew()
    {
        var gate = Gate(Day with { Calls = 1_000 });
        using (var permit = await EnterAsync(gate))
        {
            permit.Report(new QuotaReading("daily", 250, 249, null));
        }

        await ExchangedAsync();
        Assert.That((await EnterUntilRefusedAsync(gate, Lane.Urgent)).Calls, Is.EqualTo(249).Within(1));
    }

    [Test]
    public async Task Should_keep_to_the_part_of_a_day_that_the_configuration_leaves_it()
    {
        var gate = Gate(Limits(Day) with { Fixed = new HashSet<string> { "daily" } });
        for (var call = 1; call <= 50; call++)
        {
            using var permit = await EnterAsync(gate);
            permit.Report(new QuotaReading("daily", 1_000, 1_000 - call, null));
        }

        await Time.Pass(TimeSpan.FromSeconds(1));
        Assert.That((await EnterUntilRefusedAsync(gate, Lane.Urgent)).Calls, Is.EqualTo(50).Within(1), "a header that shows more does not raise it");
    }

    [Test]
    public async Task Should_not_count_what_the_vendor_does_not_count()
    {
        var gate = Gate(new RateLimit("daily", 10, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day });
        for (var i = 0; i < 30; i++)
        {
            using var permit = await EnterAsync(gate.For(Lane.Urgent));
            Assert.That(permit.Refusal, Is.Null);
            permit.NotCounted();
        }
    }

    /// <summary>What was read has reached the books, and the gate has their answer, when they were asked twice more.</summary>
    private Task ExchangedAsync()
    {
        var before = Table.Exchanges;
        return Time.Until(() => Table.Exchanges >= before + 2, "the books to be asked twice");
    }
}
