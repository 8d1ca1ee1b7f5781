using System.Net;
using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_tokens_run_out
{
    private readonly FakeTimeProvider _time = Clock.AtNoon();

    [Test]
    public async Task Should_ask_once_for_fifty_calls_at_a_time()
    {
        var given = new TaskCompletionSource<HttpResponseMessage>();
        using var marketo = new ScriptedMarketo { Identity = _ => given.Task };
        for (var i = 0; i < 50; i++)
        {
            marketo.Rows(Row(501, "updated"));
        }

        var connector = marketo.Connect();
        var calls = Enumerable.Range(1, 50).Select(id => connector.DeliverAsync(Of(Operation.UpsertProfile, Person(id)), default)).ToArray();
        await Until.TrueAsync(() => marketo.TokensAsked > 0);
        given.SetResult(Json(Token(1)));
        var receipts = await Task.WhenAll(calls);

        Assert.That(receipts.SelectMany(receipt => receipt.Outcomes), Has.All.Matches<RecordOutcome>(one => one.Outcome == Outcome.Delivered));
        Assert.That(marketo.TokensAsked, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_ask_once_more_when_fifty_calls_learn_that_it_is_refused()
    {
        var all = new TaskCompletionSource();
        var arrived = 0;
        using var marketo = new ScriptedMarketo();
        for (var i = 0; i < 50; i++)
        {
            marketo.Answer(async () =>
            {
                if (Interlocked.Increment(ref arrived) == 50)
                {
                    all.SetResult();
                }

                await all.Task;
                return Json("""{"success":false,"errors":[{"code":"602"}]}""");
            });
        }

        for (var i = 0; i < 50; i++)
        {
            marketo.Rows(Row(501, "updated"));
        }

        var connector = marketo.Connect();
        var receipts = await Task.WhenAll(Enumerable.Range(1, 50).Select(id => connector.DeliverAsync(Of(Operation.UpsertProfile, Person(id)), default)));
        Assert.That(receipts.SelectMany(receipt => receipt.Outcomes), Has.All.Matches<RecordOutcome>(one => one.Outcome == Outcome.Delivered));
        Assert.That(marketo.TokensAsked, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_take_the_token_that_another_call_fetched_meanwhile()
    {
        const string Expired = """{"success":false,"errors":[{"code":"602"}]}""";
        var late = new TaskCompletionSource<HttpResponseMessage>();
        using var marketo = new ScriptedMarketo().Answer(() => late.Task).Answer(Expired).Rows(Row(502, "updated")).Rows(Row(501, "updated"));
        var connector = marketo.Connect();
        var first = connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        await Until.TrueAsync(() => marketo.Sent.Count == 2);
        Assert.That((await connector.DeliverAsync(Of(Operation.UpsertProfile, Person(2)), default)).Told(), Is.EqualTo(new[] { "2 Delivered #502" }));
        late.SetResult(Json(Expired));

        Assert.That((await first).Told(), Is.EqualTo(new[] { "1 Delivered #501" }));
        Assert.That(marketo.TokensAsked, Is.EqualTo(2));
    }

    [TestCase("601")]
    [TestCase("602")]
    public async Task Should_fetch_another_in_mid_batch_and_repeat_the_call_once(string code)
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "created")).Fail(code).Rows(Row(501, "added"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501" }));
        Assert.That(
            marketo.Sent.SelectMany(sent => sent.Split('\n')).Where(line => line.StartsWith("Authorization", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "Authorization: Bearer token-1:int", "Authorization: Bearer token-1:int", "Authorization: Bearer token-2:int" }));
        Assert.That(marketo.Sent[^1].Split("\n\n")[1], Is.EqualTo(marketo.Sent[^3].Split("\n\n")[1]), "The same body again.");
    }

    [Test]
    public async Task Should_stop_when_a_fresh_one_is_refused_too()
    {
        using var marketo = new ScriptedMarketo().Fail("601").Fail("601");
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1)), default);
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Unauthorized, "marketo_601")));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent marketo_601" }));
        Assert.That(marketo.Sent, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task Should_renew_it_a_minute_before_its_end()
    {
        using var marketo = new ScriptedMarketo { Time = _time };
        var connector = marketo.Connect();
        await CallAsync(marketo, connector);
        _time.Advance(TimeSpan.FromSeconds(3599 - 61));
        await CallAsync(marketo, connector);
        Assert.That(marketo.TokensAsked, Is.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(2));
        await CallAsync(marketo, connector);
        Assert.That(marketo.TokensAsked, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_believe_a_small_expires_in_and_not_ask_on_every_call()
    {
        using var marketo = new ScriptedMarketo { Time = _time, Identity = count => Task.FromResult(Json(Token(count, 40))) };
        var connector = marketo.Connect();
        for (var second = 0; second < 40; second++)
        {
            await CallAsync(marketo, connector);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(marketo.TokensAsked, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_use_a_token_without_any_time_left_and_ask_again_next_time()
    {
        using var marketo = new ScriptedMarketo { Time = _time, Identity = count => Task.FromResult(Json(Token(count, 0))) };
        var connector = marketo.Connect();
        await CallAsync(marketo, connector);
        await CallAsync(marketo, connector);
        Assert.That(marketo.TokensAsked, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_go_on_with_the_old_one_while_it_lives_when_renewing_fails()
    {
        using var marketo = new ScriptedMarketo
        {
            Time = _time,
            Identity = count => Task.FromResult(count == 1 ? Json(Token(1)) : Json("", HttpStatusCode.BadGateway)),
        };
        var connector = marketo.Connect();
        await CallAsync(marketo, connector);
        _time.Advance(TimeSpan.FromSeconds(3599 - 30));
        await CallAsync(marketo, connector);
        _time.Advance(TimeSpan.FromSeconds(31));
        var receipt = await connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, "http_502")));
    }

    [TestCase(401, "", DestinationTrouble.Unauthorized)]
    [TestCase(503, "", DestinationTrouble.Unavailable)]
    [TestCase(200, "", DestinationTrouble.Unavailable)]
    [TestCase(200, "{\"access_token\":null,\"expires_in\":5}", DestinationTrouble.Unavailable)]
    [TestCase(200, "{\"expires_in\":5}", DestinationTrouble.Unavailable)]
    public async Task Should_tell_why_there_is_none(int status, string body, DestinationTrouble trouble)
    {
        using var marketo = new ScriptedMarketo { Identity = _ => Task.FromResult(Json(body, (HttpStatusCode)status)) };
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(trouble));
    }

    [Test]
    public async Task Should_tell_that_a_secret_leads_nowhere_without_a_call()
    {
        using var marketo = new ScriptedMarketo();
        marketo.Secrets["client_secret"] = () => null;
        Assert.That((await marketo.Connect().CheckAsync(default))?.Trouble, Is.EqualTo(DestinationTrouble.Unauthorized));
        Assert.That(marketo.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_not_lose_the_token_when_the_call_that_asked_for_it_is_canceled()
    {
        var given = new TaskCompletionSource<HttpResponseMessage>();
        using var marketo = new ScriptedMarketo { Identity = _ => given.Task }.Rows(Row(501, "updated"));
        var connector = marketo.Connect();
        using var canceled = new CancellationTokenSource();
        var first = connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), canceled.Token);
        var second = connector.DeliverAsync(Of(Operation.UpsertProfile, Person(2)), default);
        await Until.TrueAsync(() => marketo.TokensAsked > 0);
        await canceled.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        given.SetResult(Json(Token(1)));
        Assert.That((await second).Told(), Is.EqualTo(new[] { "2 Delivered #501" }));
    }

    private static async Task CallAsync(ScriptedMarketo marketo, IConnector connector)
    {
        marketo.Rows(Row(501, "updated"));
        Assert.That((await connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default)).Condition, Is.Null);
    }
}
