using System.Net;
using System.Text.Json;
using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_a_marketo_batch_is_delivered
{
    [Test]
    public async Task Should_deliver_nobody_by_an_answer_of_another_length()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "created"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Person(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 RetryLater unmentioned", "2 RetryLater unmentioned" }));
    }

    [Test]
    public async Task Should_match_list_answers_by_lead_id()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(503, "added"), Row(501, "memberof"), Row(999, "added"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Known(1, "501"), Known(2, "502"), Known(3, "503")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501", "2 RetryLater unmentioned #502", "3 Delivered #503" }));
    }

    [TestCase("added", Outcome.Delivered)]
    [TestCase("memberof", Outcome.Delivered)]
    [TestCase("alreadyamember", Outcome.RetryLater)]
    [TestCase("skipped", Outcome.RetryLater)]
    [TestCase("notmemberof", Outcome.RetryLater)]
    [TestCase("removed", Outcome.RetryLater)]
    public async Task Should_take_for_a_member_only_whom_the_vendor_calls_one(string status, Outcome outcome)
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, status));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Known(1, "501")), default);
        Assert.That(receipt.Outcomes.Single().Outcome, Is.EqualTo(outcome));
    }

    [Test]
    public async Task Should_take_not_being_in_the_list_for_unchanged_on_removal()
    {
        using var marketo = new ScriptedMarketo().Rows(Skipped("1015", 501), Row(502, "removed"), Row(503, "added"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.RemoveMember, Known(1, "501"), Known(2, "502"), Known(3, "503")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Unchanged #501", "2 Delivered #502", "3 RetryLater unmentioned #503" }));
    }

    [Test]
    public async Task Should_look_a_stale_id_up_by_key_once_and_add_the_new_one()
    {
        using var marketo = new ScriptedMarketo()
            .Rows(Skipped("1004", 501), Row(502, "added"))
            .Rows("""{"id":601,"email":"Person1@example.test"}""")
            .Rows(Row(601, "added"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Known(1, "501"), Known(2, "502")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #601", "2 Delivered #502" }));
    }

    [Test]
    public async Task Should_retry_without_remote_id_when_a_stale_id_leads_nowhere()
    {
        using var nobody = new ScriptedMarketo().Rows(Skipped("1004", 501)).Rows();
        Assert.That((await nobody.Connect().DeliverAsync(Of(Operation.AddMember, Known(1, "501")), default)).Told(), Is.EqualTo(new[] { "1 RetryLater marketo_1004" }));

        using var goneAgain = new ScriptedMarketo().Rows(Skipped("1004", 501)).Rows("""{"id":601,"email":"person1@example.test"}""").Rows(Skipped("1004", 601));
        Assert.That((await goneAgain.Connect().DeliverAsync(Of(Operation.AddMember, Known(1, "501")), default)).Told(), Is.EqualTo(new[] { "1 RetryLater marketo_1004" }));
    }

    [Test]
    public async Task Should_report_an_identity_conflict_when_a_stale_id_leads_to_several_people()
    {
        using var marketo = new ScriptedMarketo()
            .Rows(Skipped("1004", 501))
            .Rows("""{"id":601,"email":"person1@example.test"}""", """{"id":602,"email":"person1@example.test"}""");
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Known(1, "501")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Rejected duplicates_at_vendor" }));
    }

    [Test]
    public async Task Should_remove_everybody_who_has_the_key_and_count_strangers_as_unchanged()
    {
        using var marketo = new ScriptedMarketo()
            .Answer("""{"success":true,"result":[{"id":601,"email":"person1@example.test"}],"nextPageToken":"more"}""")
            .Rows("""{"id":602,"email":"person1@example.test"}""")
            .Rows(Row(601, "removed"), Skipped("1015", 602));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.RemoveMember, Known(1), Known(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #601", "2 Unchanged" }));
    }

    [Test]
    public async Task Should_take_a_deleted_person_for_no_member_on_removal()
    {
        using var marketo = new ScriptedMarketo().Rows(Skipped("1004", 501)).Fail("702");
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.RemoveMember, Known(1, "501")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Unchanged" }));
    }

    [Test]
    public async Task Should_send_no_key_with_a_comma_in_a_query()
    {
        using var marketo = new ScriptedMarketo();
        var receipt = await marketo.Connect("hubExternalId").DeliverAsync(Of(Operation.RemoveMember, Known(1) with { Key = "a,b" }), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Rejected key_not_searchable" }));
        Assert.That(marketo.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_reject_emails_that_are_not_ascii_before_the_call()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(502, "created"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1) with { Key = "zoë@example.test" }, Person(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Rejected email_not_ascii", "2 Delivered #502" }));
        Assert.That(marketo.Sent, Has.None.Contains("zo"));

        using var custom = new ScriptedMarketo();
        var byCustomKey = await custom.Connect("hubExternalId").DeliverAsync(Of(Operation.UpsertProfile, Person(1, null, new Field("email", FieldValue.Of("zoë@example.test")))), default);
        Assert.That(byCustomKey.Told(), Is.EqualTo(new[] { "1 Rejected email_not_ascii" }));
    }

    [Test]
    public async Task Should_single_out_the_record_that_condemns_its_call()
    {
        using var marketo = new ScriptedMarketo();
        for (var i = 0; i < 40; i++)
        {
            marketo.Answer(() => Task.FromResult(Refuse(marketo.Sent[^1], "person213@")));
        }

        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, [.. Enumerable.Range(1, 300).Select(id => Person(id))]), default);
        Assert.That(receipt.Outcomes.Single(one => one.Outcome != Outcome.Delivered), Is.EqualTo(new RecordOutcome { RecordId = 213, Outcome = Outcome.Rejected, Code = "marketo_1003" }));
        Assert.That(marketo.Sent, Has.Count.LessThanOrEqualTo(1 + 19));
    }

    [Test]
    public async Task Should_end_a_hopeless_batch_after_a_bounded_number_of_calls()
    {
        using var marketo = new ScriptedMarketo();
        for (var i = 0; i < 700; i++)
        {
            marketo.Fail("609");
        }

        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, [.. Enumerable.Range(1, 300).Select(id => Person(id))]), default);
        Assert.That(marketo.Sent, Has.Count.EqualTo(1 + 64));
        Assert.That(receipt.Outcomes.Select(one => one.Code).Distinct(), Is.EquivalentTo(new[] { "marketo_609", "split_limit" }));
        Assert.That(receipt.Outcomes.Where(one => one.Code == "split_limit").Select(one => one.Outcome).Distinct(), Is.EqualTo(new[] { Outcome.RetryLater }));
    }

    [Test]
    public async Task Should_send_halves_of_what_is_too_large()
    {
        using var marketo = new ScriptedMarketo().Answer("", HttpStatusCode.RequestEntityTooLarge).Rows(Row(501, "created")).Rows(Row(502, "created"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1), Person(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501", "2 Delivered #502" }));
    }

    [Test]
    public async Task Should_stop_at_the_first_trouble_and_keep_the_ids_it_learned()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "created"), Skipped("1003")).Fail("606");
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Person(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent marketo_606 #501", "2 Rejected marketo_1003" }));
        Assert.That(marketo.Sent, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Should_make_no_further_call_once_the_destination_is_in_trouble()
    {
        using var marketo = new ScriptedMarketo().Fail("607");
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Known(2, "502")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent marketo_607", "2 NotSent marketo_607 #502" }));
        Assert.That(marketo.Sent, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_give_up_after_the_time_of_the_context_when_that_is_short()
    {
        var never = new TaskCompletionSource<HttpResponseMessage>();
        using var marketo = new ScriptedMarketo { Time = TimeProvider.System, CallTimeout = TimeSpan.FromMilliseconds(500) }.Answer(() => never.Task);
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 NotSent timeout" }));
        Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
    }

    [TestCase(30, new[] { 30, 95, 65 })]
    [TestCase(120, new[] { 120, 120, 120 })]
    [TestCase(5, new[] { 5, 5, 5 })]
    public async Task Should_wait_longer_than_the_vendor_works_unless_the_context_says_less(int callTimeout, int[] seconds)
    {
        var time = new WatchedTime();
        using var marketo = new ScriptedMarketo { Time = time, CallTimeout = TimeSpan.FromSeconds(callTimeout) }.Rows(Row(501, "created")).Rows(Row(501, "added"));
        await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1)), default);
        Assert.That(time.Timers.Select(due => due.TotalSeconds), Is.EquivalentTo(seconds), "Token, upsert, list.");
    }

    [Test]
    public async Task Should_write_no_person_and_no_secret_to_the_log()
    {
        using var logs = new CapturedLogs();
        using var marketo = new ScriptedMarketo { Loggers = logs }.Fail("1003").Fail("1003").Fail("611");
        await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(1), Person(2)), default);
        Assert.That(logs.Lines.Count(), Is.GreaterThanOrEqualTo(4));
        Assert.That(logs.Lines, Has.None.Contains("example.test").And.None.Contains(Secret).And.None.Contains("token-1").And.None.Contains("canary-client"));
    }

    [Test]
    public void Should_need_an_audience_for_a_membership()
    {
        using var marketo = new ScriptedMarketo();
        Assert.That(
            async () => await marketo.Connect().DeliverAsync(Of(Operation.RemoveMember, Known(1, "501")) with { Audience = null }, default),
            Throws.ArgumentException.With.Message.Contains("audience"));
    }

    /// <summary>Answers as a vendor that refuses the whole call for one record.</summary>
    private static HttpResponseMessage Refuse(string sent, string bad)
    {
        if (sent.Contains(bad, StringComparison.Ordinal))
        {
            return Json("""{"success":false,"errors":[{"code":"1003"}]}""");
        }

        using var body = JsonDocument.Parse(sent[sent.IndexOf('{', StringComparison.Ordinal)..]);
        var count = body.RootElement.GetProperty("input").GetArrayLength();
        return Json($$"""{"success":true,"result":[{{string.Join(',', Enumerable.Range(1, count).Select(id => Row(id, "updated")))}}]}""");
    }
}
