using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

/// <summary>
/// What every connector makes of answers that any vendor can give, whatever it was asked: classes of outcome, no vendor's words. Needs no
/// sandbox. A connector passes by a subclass of one line.
/// </summary>
/// <param name="connector">Name of the connector.</param>
public abstract class AnswerConformance(string connector)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly VendorWords Words = new("first_name", "1", "seen");
    private static readonly AudienceTarget Audience = new("conformance", "1");
    private static readonly Outcome[] Unspent = [Outcome.NotSent];
    private static readonly Outcome[] Open = [Outcome.NotSent, Outcome.RetryLater];

    private readonly CapturedLogs _logs = new();

    /// <summary>Name of the connector.</summary>
    public string Name => connector;

    private protected ConnectorDescriptor Descriptor => ConnectorFleet.Factories[connector].Descriptor;

    /// <summary>Answers what must go well before the vendor can be asked for anything, such as the call for a token.</summary>
    private protected virtual void Introduce(ScriptedVendor vendor)
    {
    }

    [SetUp]
    public void StartAfresh() => _logs.Clear();

    [TearDown]
    public void LeakNothing() => Assert.That(_logs.Lines, Has.None.Contains(Samples.Canary).IgnoreCase, "A log line holds a secret or personal data.");

    [OneTimeTearDown]
    public void Stop() => _logs.Dispose();

    [Test]
    public Task Should_stop_when_its_credentials_are_refused() => AnswerAllAsync(ScriptedAnswer.Json(401, "{}"), Unspent, [DestinationTrouble.Unauthorized]);

    [Test]
    public Task Should_stop_when_it_lacks_a_permission()
        => AnswerAllAsync(ScriptedAnswer.Json(403, "{}"), Unspent, [DestinationTrouble.Unauthorized, DestinationTrouble.Misconfigured]);

    [Test]
    public Task Should_wait_as_long_as_the_vendor_asks() => AnswerAllAsync(
        ScriptedAnswer.Json(429, "{}", ("Retry-After", "7")), Unspent, [DestinationTrouble.Throttled],
        condition => Assert.That(condition.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(7))));

    [Test]
    public Task Should_wait_when_the_vendor_does_not_say_how_long() => AnswerAllAsync(ScriptedAnswer.Json(429, "{}"), Unspent, [DestinationTrouble.Throttled]);

    [Test]
    public Task Should_back_off_when_the_vendor_fails() => AnswerAllAsync(ScriptedAnswer.Json(500, "{}"), Open, [DestinationTrouble.Unavailable]);

    [Test]
    public Task Should_back_off_when_a_gateway_answers_with_a_page() => AnswerAllAsync(ScriptedAnswer.Html(502), Open, [DestinationTrouble.Unavailable]);

    [Test]
    public Task Should_back_off_when_no_answer_comes_in_time() => AnswerAllAsync(ScriptedAnswer.Late, Open, [DestinationTrouble.Unavailable]);

    [Test]
    public Task Should_back_off_when_the_answer_is_lost() => AnswerAllAsync(ScriptedAnswer.Lost, Open, [DestinationTrouble.Unavailable]);

    [Test]
    public Task Should_spend_nothing_on_what_never_reached_the_vendor() => AnswerAllAsync(ScriptedAnswer.Unreachable, Unspent, [DestinationTrouble.Unavailable]);

    [Test]
    public Task Should_not_take_an_empty_success_for_one() => AnswerAllAsync(ScriptedAnswer.Json(200, ""), Open, null);

    [Test]
    public Task Should_not_take_a_success_that_is_cut_off_for_one() => AnswerAllAsync(ScriptedAnswer.Json(200, "{\"success\":true,\"results\":[{\"id\":\"1"), Open, null);

    [Test]
    public Task Should_not_take_a_page_for_a_success() => AnswerAllAsync(ScriptedAnswer.Html(200), Open, null);

    /// <summary>Whatever the body says: a status that is no success is none, also those of proxies on the way and those that nobody registered.</summary>
    [Test]
    public async Task Should_never_take_a_refusal_for_a_success(
        [Values(300, 301, 302, 304, 307, 308, 400, 402, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 417, 418, 421, 422, 423, 425, 426, 428, 431, 444, 451, 460, 494, 499, 501, 503, 504, 505, 507, 508, 511, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599)] int status,
        [Values("{\"success\":true,\"message\":\"success\",\"status\":\"COMPLETE\",\"result\":[],\"results\":[]}", "{\"error\":\"x\"}", "[]", "")] string body)
    {
        using var vendor = new ScriptedVendor();
        Introduce(vendor);
        var connected = Connect(vendor.Otherwise(ScriptedAnswer.Json(status, body)), Poll.Patience);
        foreach (var operation in Descriptor.Operations.Keys)
        {
            BatchItem[] items = [.. Enumerable.Range(1, 2).Select(id => Samples.Asking(operation, Samples.Person(id, Words), Words))];
            var receipt = await connected.DeliverAsync(BatchOf(operation, items), CancellationToken.None);
            Assert.That(receipt.Outcomes.Select(outcome => outcome.RecordId), Is.EquivalentTo(items.Select(item => item.RecordId)), $"{operation}: one outcome per record.");
            Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Has.None.AnyOf(Outcome.Delivered, Outcome.Unchanged, Outcome.Accepted), $"{operation} after {status}");
        }

        Assert.That(await connected.CheckAsync(CancellationToken.None), Is.Not.Null, "the check");
    }

    /// <summary>Gives the answer to everything that the connector can be asked.</summary>
    /// <param name="answer">The answer to every call.</param>
    /// <param name="outcomes">What may become of a record; what must not be repeated may be ambiguous too, unless no attempt may be spent.</param>
    /// <param name="troubles">What may be said of the destination; null when nothing needs to be said.</param>
    /// <param name="look">Looks at what is said.</param>
    private async Task AnswerAllAsync(
        ScriptedAnswer answer, Outcome[] outcomes, DestinationTrouble[]? troubles, Action<DestinationCondition>? look = null)
    {
        using var vendor = new ScriptedVendor();
        Introduce(vendor);
        var connected = Connect(vendor.Otherwise(answer), answer == ScriptedAnswer.Late ? Patience : Poll.Patience);
        foreach (var (operation, limits) in Descriptor.Operations)
        {
            BatchItem[] items = [.. Enumerable.Range(1, 3).Select(id => Samples.Asking(operation, Samples.Person(id, Words), Words))];
            var receipt = await connected.DeliverAsync(BatchOf(operation, items), CancellationToken.None);
            Assert.Multiple(() =>
            {
                Assert.That(receipt.Outcomes.Select(outcome => outcome.RecordId), Is.EquivalentTo(items.Select(item => item.RecordId)), $"{operation}: one outcome per record.");
                Assert.That(
                    receipt.Outcomes.Select(outcome => outcome.Outcome).Distinct(),
                    Is.SubsetOf(outcomes == Unspent || limits.RepeatIsHarmless ? outcomes : [.. outcomes, Outcome.Ambiguous]), $"{operation} after {answer}");
                Judge(receipt.Condition, troubles, look, $"{operation} after {answer}");
            });
        }

        Judge(await connected.CheckAsync(CancellationToken.None), troubles ?? [DestinationTrouble.Unavailable], look, $"The check after {answer}");
        if (connected is IProfileReading reading)
        {
            var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await reading.ReadProfilesAsync([Samples.Person(1, Words).Key], [], CancellationToken.None));
            Judge(thrown!.Condition, troubles ?? [DestinationTrouble.Unavailable], look, $"Reading after {answer}");
            Assert.That(thrown.ToString(), Does.Not.Contain(Samples.Canary).IgnoreCase);
        }

        Assert.That(vendor.Asked, Has.Count.GreaterThan(Descriptor.Operations.Count), "Everything was really asked.");
    }

    private static void Judge(DestinationCondition? condition, DestinationTrouble[]? troubles, Action<DestinationCondition>? look, string what)
    {
        if (troubles is not null)
        {
            Assert.That(condition, Is.Not.Null, what);
            Assert.That(troubles, Does.Contain(condition!.Trouble), what);
            look?.Invoke(condition);
        }
        else if (condition is not null)
        {
            Assert.That(condition.Trouble, Is.EqualTo(DestinationTrouble.Unavailable), what);
        }
    }

    private static Batch BatchOf(Operation operation, BatchItem[] items)
        => new() { Operation = operation, Audience = operation is Operation.AddMember or Operation.RemoveMember ? Audience : null, Items = items };

    private IConnector Connect(ScriptedVendor vendor, TimeSpan timeout) => ConnectorFleet.Factories[connector].Create(new ConnectorContext
    {
        Settings = new DestinationSettings
        {
            Name = "conformance",
            BaseUrl = new Uri("https://vendor.example.test"),
            IdentityKey = Descriptor.DefaultIdentityKey,
            Secrets = Descriptor.Settings.Where(setting => setting.Secret).ToDictionary(setting => setting.Name, _ => (Func<string?>)(() => "canary-secret")),
        },
        Transport = vendor,
        CallTimeout = timeout,
        Time = TimeProvider.System,
        Loggers = _logs,
    })(OpenGate.Instance);
}
