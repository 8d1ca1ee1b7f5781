using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

public sealed class When_a_backlog_is_forecast
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Should_count_calls_in_full_batches_at_the_pace_of_the_strictest_limit()
    {
        var forecast = Forecast((Lane.Bulk, Operation.AddMember, 100_000)).Single();
        Assert.Multiple(() =>
        {
            Assert.That(forecast.Calls, Is.EqualTo(1_100), "a batch of 1000 takes 11 calls");
            Assert.That(forecast.DoneAt, Is.EqualTo(Noon.AddSeconds(110)));
            Assert.That(forecast.BudgetUsedAtEnd, Is.EqualTo((500 + 1_100) / 10_000.0));
        });
    }

    [Test]
    public void Should_let_earlier_lanes_go_first()
    {
        var forecasts = Forecast((Lane.Bulk, Operation.AddMember, 100_000), (Lane.Urgent, Operation.SetConsent, 1_000));
        Assert.That(forecasts.Select(forecast => (forecast.Lane, forecast.DoneAt)), Is.EqualTo(new[] { (Lane.Urgent, Noon.AddSeconds(1)), (Lane.Bulk, Noon.AddSeconds(111)) }));
    }

    [Test]
    public void Should_wait_for_the_next_day_when_the_lanes_share_is_used_up()
    {
        var forecast = Forecast((Lane.Bulk, Operation.UpsertProfile, 1_200_000)).Single();
        Assert.Multiple(() =>
        {
            Assert.That(forecast.Calls, Is.EqualTo(12_000));
            Assert.That(forecast.DoneAt, Is.EqualTo(new DateTimeOffset(2026, 11, 26, 0, 5, 0, TimeSpan.Zero)), "9000 of 9500 today, 3000 tomorrow");
            Assert.That(forecast.BudgetUsedAtEnd, Is.EqualTo(0.3));
        });
    }

    private static IReadOnlyList<QuotaForecast> Forecast(params (string Lane, Operation Operation, long Count)[] pending)
    {
        RateLimit[] limits =
        [
            new("burst", 100, TimeSpan.FromSeconds(10), "account"),
            new("daily", 10_000, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day },
        ];
        var descriptor = new ConnectorDescriptor
        {
            Name = "acme",
            DisplayName = "Acme",
            AudienceRepresentation = "list",
            DefaultIdentityKey = "id",
            IdentityKeys = ["id"],
            KeysAreCaseInsensitive = false,
            Operations = new Dictionary<Operation, OperationLimits>
            {
                [Operation.UpsertProfile] = new(100, 1_000_000, RepeatIsHarmless: true),
                [Operation.AddMember] = new(1_000, 1_000_000, RepeatIsHarmless: true) { CallsPerBatch = 11 },
                [Operation.SetConsent] = new(100, 1_000_000, RepeatIsHarmless: true),
            },
            MaxConcurrency = 4,
            RateLimits = limits,
            Settings = [],
            Endpoints = [],
        };
        var quota = QuotaLimits.For(descriptor, new Dictionary<string, int>(), new Dictionary<string, double>());
        return QuotaForecast.For(quota, descriptor, pending, 500, Noon);
    }
}
