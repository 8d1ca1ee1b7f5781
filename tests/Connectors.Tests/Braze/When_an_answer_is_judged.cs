using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Braze;

public sealed class When_an_answer_is_judged
{
    private static IEnumerable<TestCaseData> WholeRequests()
    {
        foreach (var (status, message, outcome, trouble, code) in new (int, string?, Outcome, DestinationTrouble?, string)[]
        {
            (401, "Invalid API Key", Outcome.NotSent, DestinationTrouble.Unauthorized, "braze_401"),
            (403, "Access Denied", Outcome.NotSent, DestinationTrouble.Misconfigured, "braze_access_denied"),
            (403, "Forbidden", Outcome.NotSent, DestinationTrouble.Misconfigured, "braze_forbidden"),
            (404, "Invalid URL", Outcome.NotSent, DestinationTrouble.Misconfigured, "braze_invalid_url"),
            (408, null, Outcome.NotSent, DestinationTrouble.Unavailable, "braze_408"),
            (415, null, Outcome.NotSent, DestinationTrouble.Misconfigured, "braze_415"),
            (429, "Rate limited", Outcome.NotSent, DestinationTrouble.Throttled, "braze_429"),
            (500, null, Outcome.NotSent, DestinationTrouble.Unavailable, "braze_500"),
            (502, null, Outcome.NotSent, DestinationTrouble.Unavailable, "braze_502"),
            (503, null, Outcome.NotSent, DestinationTrouble.Unavailable, "braze_503"),
            (504, null, Outcome.NotSent, DestinationTrouble.Unavailable, "braze_504"),
            (520, null, Outcome.NotSent, DestinationTrouble.Unavailable, "braze_520"),
            (302, null, Outcome.RetryLater, null, "braze_302"),
            (418, "I'm a teapot", Outcome.RetryLater, null, "braze_418"),
            (201, "Something went wrong", Outcome.RetryLater, null, "braze_message_not_success"),
            (201, null, Outcome.RetryLater, null, "braze_unreadable_answer"),
        })
        {
            yield return new TestCaseData(status, message, outcome, trouble, code).SetArgDisplayNames($"{status}", message ?? "no JSON");
        }
    }

    [TestCaseSource(nameof(WholeRequests))]
    public async Task Should_give_every_record_the_outcome_of_its_request(
        int status, string? message, Outcome outcome, DestinationTrouble? trouble, string code)
    {
        var receipt = await DeliverAsync(status, message is null ? "<html>" : $$"""{"message":"{{message}}"}""");

        Assert.That(receipt.Outcomes, Is.EqualTo(Enumerable.Range(1, 3).Select(id => new RecordOutcome { RecordId = id, Outcome = outcome, Code = code })));
        Assert.That(receipt.Condition, trouble is { } expected ? Is.EqualTo(new DestinationCondition(expected, code)) : Is.Null);
    }

    [TestCase("""{"attributes_processed":3}""", "braze_no_message")]
    [TestCase("", "braze_unreadable_answer")]
    [TestCase("[]", "braze_unreadable_answer")]
    [TestCase("""{"message":"succ""", "braze_unreadable_answer")]
    [TestCase("""{"message":"success","errors":["Some data could not be processed"]}""", "braze_error_without_index")]
    [TestCase("""{"message":"success","errors":[{"type":"EMAIL_BAD_FORMAT","input_array":"attributes"}]}""", "braze_error_without_index")]
    [TestCase("""{"message":"success","errors":[{"type":"EMAIL_BAD_FORMAT","input_array":"attributes","index":99}]}""", "braze_error_without_index")]
    [TestCase("""{"message":"success","errors":[{"type":"EMAIL_BAD_FORMAT","input_array":"events","index":0}]}""", "braze_error_without_index")]
    public async Task Should_send_again_what_a_2xx_does_not_confirm(string body, string code)
    {
        var receipt = await DeliverAsync(201, body);

        Assert.That(receipt.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.RetryLater && outcome.Code == code));
    }

    [Test]
    public async Task Should_keep_the_record_that_an_index_names_apart_from_the_ones_it_cannot_attribute()
    {
        var receipt = await DeliverAsync(
            201, """{"message":"success","errors":["?",{"type":"EMAIL_BAD_FORMAT","input_array":"attributes","index":1}]}""");

        Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Is.EqualTo(new[] { Outcome.RetryLater, Outcome.Rejected, Outcome.RetryLater }));
    }

    [TestCase("EXTERNAL_USER_ID_TOO_LARGE", "braze_EXTERNAL_USER_ID_TOO_LARGE")]
    [TestCase("'external_id' must be fewer than 988 bytes", "braze_EXTERNAL_USER_ID_TOO_LARGE")]
    [TestCase("BLACKLISTED_EXTERNAL_USER_ID", "braze_BLACKLISTED_EXTERNAL_USER_ID")]
    [TestCase("provided external_id is blacklisted and disallowed", "braze_BLACKLISTED_EXTERNAL_USER_ID")]
    [TestCase("EMAIL_BAD_FORMAT", "braze_EMAIL_BAD_FORMAT")]
    [TestCase("The value provided for the 'email' field is not a valid email.", "braze_EMAIL_BAD_FORMAT")]
    [TestCase("BAD_SUBSCRIPTION_GROUP_ID", "braze_BAD_SUBSCRIPTION_GROUP_ID")]
    [TestCase("'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required", "braze_IDENTIFIER_REQUIRED")]
    public async Task Should_reject_the_record_that_an_error_names(string type, string code)
    {
        var receipt = await DeliverAsync(
            201, $$"""{"message":"success","attributes_processed":2,"errors":[{"type":"{{type}}","input_array":"attributes","index":1}]}""");

        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(
            new (Outcome, string?)[] { (Outcome.Delivered, null), (Outcome.Rejected, code), (Outcome.Delivered, null) }));
        Assert.That(receipt.Condition, Is.Null);
    }

    [TestCase("SOMETHING_NEW", "braze_SOMETHING_NEW")]
    [TestCase("ann@example.test is not to our taste", "braze_unknown_error")]
    [TestCase("", "braze_unknown_error")]
    public async Task Should_try_a_record_again_whose_error_nobody_documented(string type, string code)
    {
        var receipt = await DeliverAsync(201, $$"""{"message":"success","errors":[{"type":"{{type}}","index":0}]}""");

        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(
            new (Outcome, string?)[] { (Outcome.RetryLater, code), (Outcome.Delivered, null), (Outcome.Delivered, null) }));
    }

    [Test]
    public async Task Should_reject_all_when_all_are_named_by_a_400()
    {
        var errors = string.Join(',', Enumerable.Range(0, 3).Select(index => $$"""{"type":"EMAIL_BAD_FORMAT","input_array":"attributes","index":{{index}}}"""));
        var receipt = await DeliverAsync(400, $$"""{"message":"Valid data must be provided.","errors":[{{errors}}]}""");

        Assert.That(receipt.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Rejected));
    }

    [Test]
    public async Task Should_take_nothing_for_delivered_that_a_400_leaves_out()
    {
        var receipt = await DeliverAsync(400, """{"message":"Valid data must be provided.","errors":[{"type":"EMAIL_BAD_FORMAT","index":0}]}""");

        Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Is.EqualTo(new[] { Outcome.Rejected, Outcome.RetryLater, Outcome.RetryLater }));
    }

    [TestCase(413, "")]
    [TestCase(400, """{"message":"Max Input Length Exceeded"}""")]
    [TestCase(400, """{"message":"Bad Request"}""")]
    public async Task Should_halve_a_request_that_is_refused_as_a_whole(int status, string body)
    {
        using var braze = new ScriptedBraze().Answer(status, body).Answer(status, body).Answer(201, ScriptedBraze.Success);
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 4), default);

        Assert.That(receipt.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Delivered));
        Assert.That(braze.Bodies.Select(sent => sent.Split("external_id").Length - 1), Is.EqualTo(new[] { 4, 2, 1, 1, 2 }));
    }

    [TestCase(413, "", "braze_413")]
    [TestCase(400, """{"message":"Bad Request"}""", "braze_bad_request")]
    public async Task Should_reject_a_record_that_is_refused_alone(int status, string body, string code)
    {
        using var braze = new ScriptedBraze().Answer(status, body);
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 1), default);

        Assert.That(receipt.Outcomes.Single(), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.Rejected, Code = code }));
    }

    [TestCase("X-Ratelimit-Retry-After", "2", 2)]
    [TestCase("Retry-After", "7", 7)]
    [TestCase("X-RateLimit-Reset", "90", 90)]
    [TestCase("x-ratelimit-reset", "1795262405", 5)]
    [TestCase("X-RateLimit-Reset", "1795262300", 0)]
    [TestCase("X-RateLimit-Reset", "soon", null)]
    public async Task Should_wait_as_long_as_the_headers_ask(string header, string value, int? seconds)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_795_262_400);
        using var braze = new ScriptedBraze { Time = new FakeTimeProvider(now) }.Answer(429, "Rate limited", (header, value));
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 2), default);

        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(
            DestinationTrouble.Throttled, "braze_429", seconds is { } wait ? TimeSpan.FromSeconds(wait) : null)));
    }

    [Test]
    public async Task Should_prefer_the_header_that_says_how_long_to_wait()
    {
        using var braze = new ScriptedBraze().Answer(429, "", ("X-RateLimit-Reset", "90"), ("X-Ratelimit-Retry-After", "2"));
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 1), default);

        Assert.That(receipt.Condition?.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public async Task Should_send_nothing_without_a_key()
    {
        using var braze = new ScriptedBraze { Key = "  " };
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 1), default);

        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Unauthorized));
        Assert.That(braze.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_not_send_the_second_half_once_the_destination_is_in_trouble()
    {
        using var braze = new ScriptedBraze().Answer(413).Answer(429, "", ("Retry-After", "3"));
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 4), default);

        Assert.That(braze.Sent, Has.Count.EqualTo(2));
        Assert.That(receipt.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.NotSent && outcome.Code == "braze_429"));
        Assert.That(receipt.Condition?.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(3)));
    }

    [TestCase(200, 403, "braze_permission_missing_users_track")]
    [TestCase(403, 403, "braze_permission_missing_users_export_ids")]
    public async Task Should_say_which_permission_is_missing_when_checked(int export, int track, string code)
    {
        using var braze = new ScriptedBraze().Answer(export, new Recording(export == 200 ? "export-nobody" : "err-access-denied")).Answer(track, new Recording("err-access-denied"));

        Assert.That(await braze.Connect().CheckAsync(default), Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, code)));
    }

    [Test]
    public void Should_have_a_reason_and_a_page_in_every_row()
    {
        var rows = BrazeOutcomes.Requests.Concat(BrazeOutcomes.Records).Concat(BrazeOutcomes.Renames).ToArray();
        Assert.That(rows, Has.All.Matches<BrazeRule>(row => row!.Reason != "" && row.Page.Host == "www.braze.com" && row.Verdict.Code!.StartsWith("braze_", StringComparison.Ordinal)));
        Assert.That(rows, Has.None.Matches<BrazeRule>(row => row!.Verdict.Outcome is Outcome.Delivered or Outcome.Unchanged));
    }

    private static async Task<Receipt> DeliverAsync(int status, string body)
    {
        using var braze = new ScriptedBraze().Answer(status, body);
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.AddMember, 3), default);
        Assert.That(braze.Sent, Has.Count.EqualTo(1));
        return receipt;
    }
}
