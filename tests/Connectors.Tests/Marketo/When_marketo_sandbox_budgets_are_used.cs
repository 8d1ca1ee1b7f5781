using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Marketo;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_sandbox_budgets_are_used
{
    private const string Lists = "/rest/v1/lists.json";

    private FakeTimeProvider _time = null!;
    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _time = Clock.AtNoon();
        _marketo = await SandboxClient.StartAsync(new SandboxOptions { Quotas = true, Time = _time });
    }

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_refuse_the_101st_call_in_any_20_seconds()
    {
        _marketo.Marketo.SpendCalls(50);
        _time.Advance(TimeSpan.FromSeconds(15));
        _marketo.Marketo.SpendCalls(49);
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("ok"));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("606"));

        _time.Advance(TimeSpan.FromSeconds(5));
        _marketo.Marketo.SpendCalls(49);
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("ok"));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("606"));
    }

    [Test]
    public async Task Should_refuse_calls_over_the_day_until_midnight_us_central()
    {
        _marketo.Marketo.SpendCalls(50_000);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("607"));

        _time.Advance(new DateTimeOffset(2026, 11, 22, 5, 59, 59, TimeSpan.Zero) - _time.GetUtcNow());
        await _marketo.AuthorizeAsync();
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("607"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Should_refuse_an_11th_call_in_flight()
    {
        _marketo.Marketo.UpsertPause = TimeSpan.FromDays(1);
        var held = Enumerable.Range(0, 10).Select(i => _marketo.UpsertAsync($$"""{"email":"p{{i}}@b.test"}""")).ToArray();
        await Until.TrueAsync(() => _marketo.Marketo.CallsToday == 10);

        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("615"));
        await _marketo.DisposeAsync();
        Assert.That(async () => await Task.WhenAll(held), Throws.InstanceOf<OperationCanceledException>().Or.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task Should_count_neither_identity_calls_nor_refused_tokens()
    {
        await _marketo.AuthorizeAsync();
        _marketo.Marketo.InvalidateToken();
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("601"));
        Assert.That(_marketo.Marketo.CallsToday, Is.Zero);
    }

    [Test]
    public async Task Should_count_refusals_for_the_day_but_not_the_codes_that_the_vendor_excepts()
    {
        foreach (var code in new[] { "604", "608", "611", "713", "1003" })
        {
            _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = code, Calls = 1 });
            Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo(code));
        }

        Assert.That(await _marketo.CodeAsync("DELETE", Lists), Is.EqualTo("605"));
        Assert.That(_marketo.Marketo.CallsToday, Is.EqualTo(2), "713 and 1003.");
        _marketo.Marketo.SpendCalls(100);
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("606"));
        Assert.That(_marketo.Marketo.CallsToday, Is.EqualTo(103));
    }

    [Test]
    public async Task Should_tell_calls_refused_for_a_budget_from_others()
    {
        foreach (var code in new[] { "606", "607", "615", "601", "604", "713", "1003" })
        {
            _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = code, Calls = 1 });
            Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo(code));
        }

        _marketo.Marketo.SpendCalls(100);
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("606"));
        await Until.TrueAsync(() => _marketo.Room.Stats.Of("rest/v1/lists.json").Calls == 8);
        Assert.That(_marketo.Room.Stats.Throttled, Is.EqualTo(4));
    }

    [Test]
    public async Task Should_let_other_integrations_eat_of_the_budgets()
    {
        _marketo.Marketo.OtherCallsPerSecond = 4;
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.That(_marketo.Marketo.CallsToday, Is.EqualTo(60));
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = $"{MarketoFaults.OtherCalls}39", Calls = 1 });
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("ok"));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("606"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("606"), "60 and 40 more, 20 of which are over.");
    }

    [Test]
    public async Task Should_report_the_usage_of_the_day_by_user()
    {
        _marketo.Marketo.SpendCalls(40);
        await _marketo.CodeAsync("GET", Lists);
        var report = (await _marketo.CallAsync("GET", "/rest/v1/stats/usage.json")).GetProperty("result")[0];
        Assert.That(report.GetProperty("total").GetInt32(), Is.EqualTo(42));
        Assert.That(report.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("count").GetInt32()), Is.EqualTo(new[] { 2, 40 }));
    }

    [Test]
    public async Task Should_scale_the_calls_of_both_budgets()
    {
        _marketo.Room.Knobs.QuotaScale = 0.02;
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("ok"));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("ok"));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("606"));
        _marketo.Marketo.SpendCalls(997);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("607"));
    }

    [Test]
    public async Task Should_let_everything_pass_when_quotas_are_off()
    {
        _marketo.Marketo.SpendCalls(50_000);
        _marketo.Room.Knobs.Quotas = false;
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Should_repeat_the_token_with_what_is_left_of_its_life_and_renew_it_when_it_ends()
    {
        _marketo.Marketo.InvalidateToken();
        _marketo.Marketo.TokenLifetime = TimeSpan.FromSeconds(90);
        var first = await _marketo.AuthorizeAsync();
        _time.Advance(TimeSpan.FromSeconds(60));
        var second = await _marketo.AuthorizeAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(await _marketo.CodeAsync("GET", Lists), Is.EqualTo("602"));
        var third = await _marketo.AuthorizeAsync();

        Assert.That(second.GetProperty("access_token").GetString(), Is.EqualTo(first.GetProperty("access_token").GetString()));
        Assert.That(third.GetProperty("access_token").GetString(), Is.Not.EqualTo(first.GetProperty("access_token").GetString()));
        Assert.That(new[] { first, second, third }.Select(token => token.GetProperty("expires_in").GetInt32()), Is.EqualTo(new[] { 90, 30, 90 }));
    }
}
