using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_answers_a_code
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Every row as a reader sees it; the approved file is the review of a change.</summary>
    [Test]
    public void Should_judge_it_as_approved() => Assert.That(Table(), Is.EqualTo(File.ReadAllText(Approved())), Table());

    [Test]
    public void Should_give_every_row_a_reason_and_a_page() =>
        Assert.That(MarketoOutcomes.Rows.Values, Has.All.Matches<OutcomeRow>(row => row!.Reason.Length > 10 && row.Page.Scheme == "https"));

    [TestCase("606", DestinationTrouble.Throttled, 20)]
    [TestCase("607", DestinationTrouble.Throttled, 18 * 3600)]
    [TestCase("615", DestinationTrouble.Throttled, 2)]
    [TestCase("603", DestinationTrouble.Misconfigured, null)]
    [TestCase("608", DestinationTrouble.Unavailable, null)]
    public async Task Should_tell_the_destinations_trouble_and_burn_no_attempt(string code, DestinationTrouble trouble, int? seconds)
    {
        using var marketo = new ScriptedMarketo().Fail(code);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Person(2)), default);
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(trouble, $"marketo_{code}", seconds is { } s ? TimeSpan.FromSeconds(s) : null)));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { $"1 NotSent marketo_{code}", $"2 NotSent marketo_{code}" }));
    }

    [TestCase("604")]
    [TestCase("611")]
    [TestCase("713")]
    public async Task Should_back_off_and_retry_what_may_have_been_done(string code)
    {
        using var marketo = new ScriptedMarketo().Fail(code);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { $"1 RetryLater marketo_{code}" }));
    }

    [TestCase("699", 1, "marketo_699")]
    [TestCase("799", 1, "marketo_799")]
    [TestCase("1999", 3, "marketo_1999")]
    [TestCase("who are you", 3, "unknown_code")]
    public async Task Should_retry_an_unknown_code_and_keep_it(string code, int calls, string told)
    {
        using var marketo = new ScriptedMarketo().Fail(code).Fail(code).Fail(code);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1), Person(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { $"1 RetryLater {told}", $"2 RetryLater {told}" }));
        Assert.That(receipt.Condition, Is.Null);
        Assert.That(marketo.Sent, Has.Count.EqualTo(1 + calls));
    }

    [TestCase("1001", "Rejected marketo_1001")]
    [TestCase("1003", "Rejected marketo_1003")]
    [TestCase("1005", "RetryLater marketo_1005")]
    [TestCase("1015", "RetryLater marketo_1015")]
    [TestCase("1017", "RetryLater marketo_1017")]
    [TestCase("1037", "RetryLater marketo_1037")]
    [TestCase("702", "RetryLater marketo_702")]
    [TestCase("1007", "Rejected duplicates_at_vendor")]
    [TestCase("1010", "Rejected marketo_1010")]
    [TestCase("1999", "RetryLater marketo_1999")]
    [TestCase("719", "RetryLater marketo_719")]
    public async Task Should_judge_a_skipped_record_alone(string code, string told)
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "updated"), Skipped(code), Row(503, "created"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1), Person(2), Person(3)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501", $"2 {told}", "3 Delivered #503" }));
        Assert.That(receipt.Condition, Is.Null);
    }

    [Test]
    public async Task Should_report_an_unknown_field_and_still_deliver_the_others()
    {
        using var marketo = new ScriptedMarketo().Rows(Skipped("1006"), Row(502, "created")).Rows(Row(502, "added"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Person(2)), default);
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, "marketo_1006")));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent marketo_1006", "2 Delivered #502" }));
    }

    [TestCase(500, DestinationTrouble.Unavailable, "NotSent")]
    [TestCase(502, DestinationTrouble.Unavailable, "NotSent")]
    [TestCase(599, DestinationTrouble.Unavailable, "NotSent")]
    [TestCase(403, DestinationTrouble.Unauthorized, "NotSent")]
    [TestCase(404, DestinationTrouble.Misconfigured, "NotSent")]
    [TestCase(302, DestinationTrouble.Misconfigured, "NotSent")]
    [TestCase(429, DestinationTrouble.Throttled, "NotSent")]
    public async Task Should_judge_a_gateways_status(int status, DestinationTrouble trouble, string told)
    {
        using var marketo = new ScriptedMarketo().Answer("<html>person1@example.test</html>", (HttpStatusCode)status);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(trouble));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { $"1 {told} http_{status}" }));
    }

    [Test]
    public async Task Should_wait_as_long_as_a_gateway_asks()
    {
        using var marketo = new ScriptedMarketo().Answer(() =>
        {
            var refused = Json("", HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter = new(TimeSpan.FromSeconds(7));
            return Task.FromResult(refused);
        });
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(receipt.Condition?.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("{\"success\":\"true\",\"result\":[]}")]
    [TestCase("{\"success\":true,\"result\":[7]}")]
    [TestCase("{\"success\":false}")]
    public async Task Should_not_take_another_body_for_an_answer(string body)
    {
        using var marketo = new ScriptedMarketo().Answer(body);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 RetryLater malformed_answer" }));
    }

    [TestCase("""{"success":true,"result":[{"id":501,"email":"person1@example.test","email":"x","firstName":{"a":1}}]}""")]
    [TestCase("""{"success":true,"result":[{"batchId":"3404","status":7,"apiName":null,"attributes":[{}],"searchableFields":[["email"]],"fields":[7],"total":"x"}]}""")]
    public async Task Should_survive_answers_of_another_shape(string body)
    {
        using var marketo = new ScriptedMarketo();
        for (var i = 0; i < 12; i++)
        {
            marketo.Answer(body);
        }

        var connector = marketo.Connect();
        await connector.CheckAsync(default);
        await connector.DeliverAsync(Of(Operation.TrackEvent, Buying(1)), default);
        var started = await connector.StartBulkAsync(Of(Operation.AddMember, Person(1)), default);
        Assert.That(started.Receipt!.Told(), Is.EqualTo(new[] { "1 RetryLater malformed_answer" }));
        await AnswersAsync(() => connector.ReadProfilesAsync(["person1@example.test"], ["firstName"], default));
        await AnswersAsync(() => connector.InspectAsync([], default));

        static async Task AnswersAsync(Func<Task> read)
        {
            try
            {
                await read();
            }
            catch (DestinationException)
            {
                // A condition is an answer.
            }
        }
    }

    [TestCase("2026-11-21T12:00:00Z", 18.0)]
    [TestCase("2026-11-21T05:59:59Z", 1 / 3600.0)]
    [TestCase("2026-07-01T12:00:00Z", 17.0)]
    [TestCase("2026-11-01T06:00:00Z", 24.0)]
    public void Should_wait_for_midnight_us_central(string now, double hours) =>
        Assert.That(UsCentral.UntilMidnight(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)).TotalHours, Is.EqualTo(hours).Within(1e-6));

    private static string Table()
    {
        var rows = MarketoOutcomes.Rows.Values.OrderBy(row => row.Code, StringComparer.Ordinal).Select(row =>
        {
            var condition = MarketoOutcomes.Condition(row, null, Now);
            var wait = condition?.RetryAfter is { } after ? $" for {after}" : "";
            return $"{row.ReasonCode} | {row.Outcome} | {condition?.Trouble.ToString() ?? "-"}{(row.ConcernsThisWorkOnly ? " of this work" : "")}{wait} | {(row.Split ? "split" : "-")} | {(row.IsLost ? "may be done" : "-")} | {row.Reason}\n";
        });
        return string.Concat(rows);
    }

    private static string Approved([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Approved", "outcomes.txt");
}
