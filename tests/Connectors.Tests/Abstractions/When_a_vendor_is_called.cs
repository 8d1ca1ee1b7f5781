using System.Net;
using System.Text;
using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Abstractions;

public sealed class When_a_vendor_is_called
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly VendorEndpoint Endpoint = new("POST", "/people", "v1", new Uri("https://vendor.example.test/docs"));

    private static IEnumerable<TestCaseData> Ends()
    {
        yield return Case(ScriptedAnswer.Json(200, "{}"), CallEnd.Answered, Sent.Yes);
        yield return Case(ScriptedAnswer.Json(400, "{}"), CallEnd.Answered, Sent.Yes);
        yield return Case(ScriptedAnswer.Json(408, "{}"), CallEnd.Answered, Sent.Maybe);
        yield return Case(ScriptedAnswer.Json(429, "{}"), CallEnd.Answered, Sent.Yes);
        yield return Case(ScriptedAnswer.Json(500, "{}"), CallEnd.Answered, Sent.Maybe);
        yield return Case(ScriptedAnswer.Html(502), CallEnd.Answered, Sent.Maybe);
        yield return Case(ScriptedAnswer.Json(503, ""), CallEnd.Answered, Sent.Maybe);
        yield return Case(ScriptedAnswer.Html(504), CallEnd.Answered, Sent.Maybe);
        yield return Case(ScriptedAnswer.Html(520), CallEnd.Answered, Sent.Maybe);
        yield return Case(ScriptedAnswer.Late, CallEnd.TimedOut, Sent.Maybe);
        yield return Case(ScriptedAnswer.Lost, CallEnd.Broken, Sent.Maybe);
        yield return Case(ScriptedAnswer.Unreachable, CallEnd.NotReached, Sent.No);

        static TestCaseData Case(ScriptedAnswer answer, CallEnd end, Sent sent) => new TestCaseData(answer, end, sent).SetArgDisplayNames($"{answer}");
    }

    [TestCaseSource(nameof(Ends))]
    public async Task Should_say_whether_it_may_have_been_done(object answer, CallEnd end, Sent sent)
    {
        using var vendor = new ScriptedVendor().Otherwise((ScriptedAnswer)answer);
        var (came, _) = await CallAsync(vendor, ReferenceEquals(answer, ScriptedAnswer.Late) ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromMinutes(1));

        Assert.That((came.End, came.Sent), Is.EqualTo((end, sent)));
    }

    [TestCase(200, CallEnd.Broken, Sent.Maybe, 0)]
    [TestCase(201, CallEnd.Broken, Sent.Maybe, 0)]
    [TestCase(400, CallEnd.Answered, Sent.Yes, 400)]
    [TestCase(429, CallEnd.Answered, Sent.Yes, 429)]
    [TestCase(503, CallEnd.Answered, Sent.Maybe, 503)]
    public async Task Should_believe_the_status_of_a_refusal_whose_body_breaks_off_and_of_nothing_else(int status, CallEnd end, Sent sent, int told)
    {
        using var vendor = new Handler((_, _) => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { Content = new StreamContent(new BrokenStream()) }));
        var (came, body) = await CallAsync(vendor, TimeSpan.FromMinutes(1));

        Assert.That((came.End, came.Sent, came.Status, body), Is.EqualTo((end, sent, told, "")));
    }

    [Test]
    public async Task Should_write_nobody_without_the_clearance_of_the_records()
    {
        using var vendor = new ScriptedVendor().Otherwise(ScriptedAnswer.Json(200, "{}"));
        var writes = Endpoint with { WritesPeople = true };

        await Assert.ThatAsync(() => CallAsync(vendor, TimeSpan.FromMinutes(1), endpoint: writes), Throws.InvalidOperationException.With.Message.Contains("POST /people"));
        var (came, _) = await CallAsync(vendor, TimeSpan.FromMinutes(1), endpoint: writes, clearance: CallClearance.OfNobody);
        Assert.That(came.Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Should_know_that_nothing_was_done_when_no_byte_of_the_body_left()
    {
        using var vendor = new Handler(static (_, _) => throw new HttpRequestException(HttpRequestError.ResponseEnded, "It broke before the body."));
        var (came, _) = await CallAsync(vendor, TimeSpan.FromMinutes(1));

        Assert.That((came.End, came.Sent), Is.EqualTo((CallEnd.NotReached, Sent.No)));
    }

    [Test]
    public async Task Should_know_that_nothing_was_done_when_a_handler_had_no_credentials()
    {
        using var vendor = new Handler(static (request, _) =>
        {
            request.Options.Set(VendorCall.WasNotSent, true);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadGateway));
        });
        var (came, _) = await CallAsync(vendor, TimeSpan.FromMinutes(1));

        Assert.That((came.End, came.Status, came.Sent), Is.EqualTo((CallEnd.Answered, 502, Sent.No)));
    }

    [Test]
    public async Task Should_call_nobody_when_the_gate_refuses()
    {
        using var vendor = new ScriptedVendor();
        var refusal = new DestinationCondition(DestinationTrouble.Throttled, "daily_quota_used_up", TimeSpan.FromHours(3));
        var (came, _) = await CallAsync(vendor, TimeSpan.FromMinutes(1), new ClosedGate(refusal));

        Assert.That((came.End, came.Sent, came.Refusal, vendor.Asked.Count), Is.EqualTo((CallEnd.NotAdmitted, Sent.No, refusal, 0)));
    }

    [TestCase("7", 7.0)]
    [TestCase("Sat, 21 Nov 2026 12:00:05 GMT", 5.0)]
    [TestCase("Sat, 21 Nov 2026 11:00:00 GMT", 0.0)]
    [TestCase("soon", null)]
    [TestCase(null, null)]
    public async Task Should_read_how_long_to_wait(string? header, double? seconds)
    {
        using var vendor = new ScriptedVendor().Otherwise(ScriptedAnswer.Json(429, "{}", header is null ? [] : [("Retry-After", header)]));
        var (came, _) = await CallAsync(vendor, TimeSpan.FromMinutes(1));

        Assert.That(came.RetryAfter?.TotalSeconds, Is.EqualTo(seconds));
    }

    [Test]
    public async Task Should_bring_the_whole_body_and_send_the_content_as_it_is()
    {
        string? sent = null, type = null;
        var long1 = new string('x', 100_000);
        using var vendor = new Handler(async (request, cancellationToken) =>
        {
            (sent, type) = (await request.Content!.ReadAsStringAsync(cancellationToken), request.Content.Headers.ContentType?.ToString());
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(long1) };
        });
        var (_, body) = await CallAsync(vendor, TimeSpan.FromMinutes(1));

        Assert.That((sent, type, body), Is.EqualTo(("[1]", "application/json; charset=utf-8", long1)));
    }

    [Test]
    public void Should_throw_when_the_caller_cancels()
    {
        using var cancellation = new CancellationTokenSource();
        using var vendor = new Handler(async (_, cancellationToken) =>
        {
            await cancellation.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return new HttpResponseMessage();
        });

        Assert.That(async () => await CallAsync(vendor, TimeSpan.FromMinutes(1), cancellationToken: cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static async Task<(VendorAnswer Answer, string Body)> CallAsync(
        HttpMessageHandler vendor, TimeSpan timeout, ICallGate? gate = null, VendorEndpoint? endpoint = null, CallClearance? clearance = null, CancellationToken cancellationToken = default)
    {
        var context = new ConnectorContext
        {
            Settings = new DestinationSettings { Name = "vendor", BaseUrl = new Uri("https://vendor.example.test"), IdentityKey = "id" },
            Transport = vendor,
            CallTimeout = timeout,
            Time = vendor is ScriptedVendor && timeout < TimeSpan.FromSeconds(1) ? TimeProvider.System : new FakeTimeProvider(Now),
            Loggers = NullLoggerFactory.Instance,
        };
        var call = new VendorCall(endpoint ?? Endpoint, new Uri("https://vendor.example.test/people")) { Content = new StringContent("[1]", Encoding.UTF8, "application/json"), Clearance = clearance };
        return await new VendorCaller(context, context.Transport, gate ?? OpenGate.Instance).SendAsync(call, (answer, _) => (answer, Encoding.UTF8.GetString(answer.Body.Span)), cancellationToken);
    }

    private sealed class Handler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);
    }

    private sealed class ClosedGate(DestinationCondition refusal) : ICallGate
    {
        public ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken) => ValueTask.FromResult<CallPermit>(new Closed(refusal));

        private sealed class Closed(DestinationCondition refusal) : CallPermit
        {
            public override DestinationCondition? Refusal => refusal;
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The connection broke.");
    }
}
