using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;

namespace Connectors.Tests.Abstractions;

public sealed class When_a_batch_is_settled
{
    [TestCase(true, Sent.Maybe, Outcome.RetryLater, Outcome.RetryLater)]
    [TestCase(true, Sent.Maybe, Outcome.NotSent, Outcome.NotSent)]
    [TestCase(false, Sent.Maybe, Outcome.RetryLater, Outcome.Ambiguous)]
    [TestCase(false, Sent.Maybe, Outcome.NotSent, Outcome.Ambiguous)]
    [TestCase(false, Sent.Yes, Outcome.RetryLater, Outcome.RetryLater)]
    [TestCase(false, Sent.No, Outcome.NotSent, Outcome.NotSent)]
    [TestCase(false, Sent.Maybe, Outcome.Rejected, Outcome.Rejected)]
    [TestCase(false, Sent.Maybe, Outcome.Delivered, Outcome.Delivered)]
    public void Should_be_in_doubt_only_what_may_have_been_done_and_must_not_be_repeated(bool repeatIsHarmless, Sent sent, Outcome given, Outcome expected)
    {
        var settlement = Of(1, repeatIsHarmless);
        settlement.Settle(0, given, "code", sent);

        var settled = settlement.Close().Outcomes.Single();
        Assert.That((settled.Outcome, settled.Code), Is.EqualTo((expected, expected == Outcome.Ambiguous ? ReasonCode.Ambiguous : "code")));
    }

    [Test]
    public void Should_account_for_every_record_by_the_first_word_on_it()
    {
        var settlement = Of(3);
        settlement.Settle(1, Outcome.Rejected, "first");
        settlement.Settle(1, Outcome.Delivered);
        settlement.Learn(2, "r-2");
        Assert.That(settlement.Open, Is.EqualTo(new[] { 0, 2 }));

        Assert.That(settlement.Close().Outcomes.Select(outcome => (outcome.RecordId, outcome.Outcome, outcome.Code, outcome.RemoteId)), Is.EqualTo(new (long, Outcome, string?, string?)[]
        {
            (100, Outcome.RetryLater, "vendor_not_mentioned", null), (101, Outcome.Rejected, "first", null), (102, Outcome.RetryLater, "vendor_not_mentioned", "r-2"),
        }));
    }

    /// <summary>One person may stand in the vendor's database twice: opted out is who is so in both places.</summary>
    [TestCase(Outcome.Delivered, Outcome.Unchanged, Outcome.Delivered)]
    [TestCase(Outcome.Delivered, Outcome.RetryLater, Outcome.RetryLater)]
    [TestCase(Outcome.RetryLater, Outcome.Rejected, Outcome.RetryLater)]
    [TestCase(Outcome.Rejected, Outcome.NotSent, Outcome.NotSent)]
    [TestCase(Outcome.NotSent, Outcome.Ambiguous, Outcome.Ambiguous)]
    public void Should_keep_the_worst_word_on_a_record_that_several_people_are(Outcome one, Outcome other, Outcome expected)
    {
        var settlement = Of(2);
        settlement.Learn(0, "r-0");
        settlement.Worsen(0, one, $"{one}");
        settlement.Worsen(0, other, $"{other}");
        settlement.Worsen(1, other, $"{other}");
        settlement.Worsen(1, one, $"{one}");

        Assert.That(settlement.Close().Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.All.EqualTo((expected, $"{expected}")));
    }

    [Test]
    public void Should_leave_unsent_what_is_open_when_the_destination_is_in_trouble()
    {
        var settlement = Of(2);
        settlement.Settle(0, Outcome.Delivered);
        var first = new DestinationCondition(DestinationTrouble.Throttled, "slow_down");
        settlement.Stop(first);
        settlement.Stop(new DestinationCondition(DestinationTrouble.Unavailable, "later"));
        Assert.That((settlement.Open, settlement.IsOpen(1)), Is.EqualTo((Array.Empty<int>(), false)));

        var receipt = settlement.Close();
        Assert.That(receipt.Condition, Is.EqualTo(first));
        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(new (Outcome, string?)[] { (Outcome.Delivered, null), (Outcome.NotSent, "slow_down") }));
    }

    [TestCase(Outcome.RetryLater, false, "remembered")]
    [TestCase(Outcome.NotSent, false, "remembered")]
    [TestCase(Outcome.Withheld, false, "remembered")]
    [TestCase(Outcome.RetryLater, true, null)]
    [TestCase(Outcome.Rejected, false, null)]
    [TestCase(Outcome.Delivered, false, null)]
    public void Should_keep_the_remembered_id_of_who_is_tried_again_unless_nobody_has_it(Outcome outcome, bool isLost, string? expected)
    {
        var settlement = Of(1, remoteId: "remembered");
        if (isLost)
        {
            settlement.Lose(0);
        }

        settlement.Settle(0, outcome, "code");
        Assert.That(settlement.Close().Outcomes.Single().RemoteId, Is.EqualTo(expected));
    }

    [TestCase(1, 64, "1")]
    [TestCase(4, 64, "1234 12 34 3 4")]
    [TestCase(4, 3, "1234 12 34")]
    public async Task Should_single_out_the_record_at_fault_by_halves(int count, int mostCalls, string expected)
    {
        var calls = new List<string>();
        var left = await Halves.SendAsync(
            [.. Enumerable.Range(1, count)], mostCalls,
            part =>
            {
                calls.Add(string.Concat(part));
                return Task.FromResult(part.Contains(3) || part.Count > 3 || count == 1 ? Part.Refused : Part.Sent);
            },
            () => false);

        Assert.That(string.Join(' ', calls), Is.EqualTo(expected));
        Assert.That(left, mostCalls == 3 ? Is.EqualTo(new[] { 3, 4 }) : Is.Empty);
    }

    [Test]
    public async Task Should_send_no_half_once_it_is_over()
    {
        var calls = 0;
        var left = await Halves.SendAsync([1, 2, 3], 64, _ => Task.FromResult(++calls > 0 ? Part.Refused : Part.Sent), () => calls > 0);

        Assert.That((calls, left), Is.EqualTo((1, new[] { 1, 2, 3 })));
    }

    [TestCase(false, """["a",1.50,true,"2026-11-21","2026-11-21T08:30:15.250Z",null]""")]
    [TestCase(true, """["a","1.50","true","2026-11-21","2026-11-21T08:30:15.250Z",""]""")]
    public void Should_spell_values_as_the_vendor_does(bool isText, string expected)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var value in new[]
            {
                FieldValue.Of("a"), FieldValue.Of(1.50m), FieldValue.Of(true), FieldValue.Of(new DateOnly(2026, 11, 21)),
                FieldValue.Of(new DateTimeOffset(2026, 11, 21, 9, 30, 15, 250, TimeSpan.FromHours(1))), FieldValue.Null,
            })
            {
                new FieldSpelling(FieldSpelling.Milliseconds, isText).Write(json, value);
            }

            json.WriteEndArray();
        }

        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo(expected));
    }

    private static BatchSettlement Of(int count, bool repeatIsHarmless = true, string? remoteId = null) => new(
        new Batch
        {
            Operation = Operation.TrackEvent,
            Items = [.. Enumerable.Range(0, count).Select(index => new BatchItem { RecordId = 100 + index, Key = index.ToString(CultureInfo.InvariantCulture), RemoteId = remoteId })],
        },
        new ConnectorDescriptor
        {
            Name = "vendor", DisplayName = "Vendor", AudienceRepresentation = "list", DefaultIdentityKey = "id", IdentityKeys = ["id"], KeysAreCaseInsensitive = false,
            Operations = new Dictionary<Operation, OperationLimits> { [Operation.TrackEvent] = new(10, 1000, repeatIsHarmless) },
            MaxConcurrency = 1, RateLimits = [], Settings = [], Endpoints = [],
        });
}
