using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using Microsoft.Extensions.Logging.Abstractions;
using static Connectors.Tests.Marketo.People;

namespace Connectors.Tests.Marketo;

/// <summary>
/// Answers from the vendor's pages and from other integrators' recordings, under Recorded with their sources: what becomes of each record. Every other
/// call is answered well. Nothing here rests on our sandbox.
/// </summary>
public sealed class When_marketo_answers_as_others_recorded
{
    private static readonly AudienceTarget List = new("spring", "88001");

    private static IEnumerable<RecordedAnswer> Documented() => RecordedAnswer.Read("documented");

    private static IEnumerable<RecordedAnswer> Peers() => RecordedAnswer.Read("answers");

    [TestCaseSource(nameof(Documented))]
    public Task Should_read_what_the_vendors_pages_show(RecordedAnswer answer) => JudgeAsync(answer);

    [TestCaseSource(nameof(Peers))]
    public Task Should_give_each_record_its_class(RecordedAnswer answer) => JudgeAsync(answer);

    [Test]
    public void Should_hold_an_answer_of_every_endpoint_with_its_page()
    {
        var answers = Documented().ToArray();
        var told = answers.Select(answer => answer.At).ToHashSet(StringComparer.Ordinal);
        Assert.That(
            MarketoApiVersion.Endpoints.Select(endpoint => $"{endpoint.Method} {endpoint.Path}"
                .Replace("{listId}", "88001", StringComparison.Ordinal).Replace("{batchId}", "4321", StringComparison.Ordinal)
                .Replace("{leadId}", "1001", StringComparison.Ordinal).Replace("{apiName}", "visited", StringComparison.Ordinal)
                .Replace("{exportId}", "ce45a7a1-f19d-4ce2-882c-a3c795940a7d", StringComparison.Ordinal)),
            Is.SubsetOf(told));
        Assert.That(answers.Select(answer => answer.Source.GetProperty("page").GetString()), Has.None.Empty);
        Assert.That(Peers().Select(answer => answer.Source.GetProperty("source").GetString()), Has.None.Empty);
    }

    private static async Task JudgeAsync(RecordedAnswer answer)
    {
        using var marketo = new WellBehavedMarketo(answer);
        var classes = await ClassesAsync(answer, Connect(marketo));
        Assert.That(marketo.Asked, Does.Contain(answer.At), "the answer was given");
        for (var record = 0; record < answer.Records; record++)
        {
            Assert.That(
                answer.Expected(record).Split('|'), Has.Some.Matches<string>(classes[record].Contains), $"record {record}: {string.Join(' ', classes[record])}");
        }
    }

    /// <summary>The classes that fit what became of each record; a failure fits several, as retry and unavailable.</summary>
    private static async Task<string[][]> ClassesAsync(RecordedAnswer answer, MarketoConnector connector)
    {
        try
        {
            return answer.Operation switch
            {
                "read" => await ReadAsync(answer, connector),
                "list" => await ListAsync(answer, connector),
                "extract" => await ExtractAsync(answer, connector),
                "lookup" => await LookUpAsync(answer, connector),
                "opt-outs" => [.. (await connector.ReadOptOutsAsync(new OptOutQuestion("lead_changes", null, DateTimeOffset.UnixEpoch, []), default)).OptOuts.Select(_ => (string[])["found"])],
                "find" => [.. (await connector.FindEventsAsync([new EventQuestion(1, Item(Operation.TrackEvent, 1).Key, null, Item(Operation.TrackEvent, 1).Event!, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)], default)).Select(sighting => (string[])[sighting.Presence == EventPresence.There ? "found" : "none"])],
                "ensure" => [Of((await connector.EnsureAudienceAsync(new("spring", "VIP"), default)).Condition)],
                "check" => [Of(await connector.CheckAsync(default))],
                "follow" => Of(answer, await connector.FollowBulkAsync("4321/2", Batch(answer, Operation.UpsertProfile), default)),
                "bulk" => Of(answer, (await connector.StartBulkAsync(Batch(answer, Operation.UpsertProfile), default)).Receipt),
                "bulk-add" => Of(answer, (await connector.StartBulkAsync(Batch(answer, Operation.AddMember), default)).Receipt),
                _ => Of(answer, await connector.DeliverAsync(Batch(answer, OperationOf(answer)), default)),
            };
        }
        catch (DestinationException trouble)
        {
            return [.. Enumerable.Repeat(Of(trouble.Condition), answer.Records)];
        }
    }

    private static async Task<string[][]> ReadAsync(RecordedAnswer answer, MarketoConnector connector)
    {
        var items = Batch(answer, Operation.UpsertProfile).Items;
        var found = await connector.ReadProfilesAsync([.. items.Select(item => item.Key)], [], default);
        return [.. items.Select(item => found.Any(profile => profile.Key == item.Key) ? (string[])["found"] : ["none"])];
    }

    private static async Task<string[][]> ListAsync(RecordedAnswer answer, MarketoConnector connector)
    {
        var members = new List<RemoteMember>();
        await foreach (var page in connector.ListMembersAsync(List, default))
        {
            members.AddRange(page);
        }

        return [.. Batch(answer, Operation.UpsertProfile).Items.Select(item => members.Exists(member => member.Key == item.Key) ? (string[])["found"] : ["none"])];
    }

    private static async Task<string[][]> ExtractAsync(RecordedAnswer answer, MarketoConnector connector)
    {
        var (members, cursor) = (new List<RemoteMember>(), (string?)null);
        do
        {
            var page = await connector.ReadExtractAsync(List, [], cursor, default);
            members.AddRange(page.Members);
            cursor = page.Next;
        }
        while (cursor is not null);
        return [.. Batch(answer, Operation.UpsertProfile).Items.Select(item => members.Exists(member => member.Key == item.Key) ? (string[])["found"] : ["none"])];
    }

    private static async Task<string[][]> LookUpAsync(RecordedAnswer answer, MarketoConnector connector)
    {
        RemoteMember[] people = [.. Enumerable.Range(0, answer.Records).Select(i => new RemoteMember($"{1001 + i}", null))];
        var members = await connector.LookUpMembersAsync(List, people, default);
        return [.. people.Select(person => members.Contains(person) ? (string[])["found"] : ["none"])];
    }

    private static string[][] Of(RecordedAnswer answer, Receipt? receipt)
    {
        if (receipt is null)
        {
            return [.. Enumerable.Repeat((string[])["running"], answer.Records)];
        }

        return
        [
            .. receipt.Outcomes.OrderBy(one => one.RecordId).Select(one => one.Outcome switch
            {
                Outcome.Delivered or Outcome.Unchanged => (string[])["success"],
                Outcome.Rejected => ["abort", "fail"],
                Outcome.Ambiguous => ["ambiguous", "fail"],
                Outcome.RetryLater when receipt.Condition?.Trouble == DestinationTrouble.Unavailable => ["retry", "unavailable", "fail"],
                Outcome.RetryLater => ["retry", "fail"],
                _ => [.. Of(receipt.Condition), "fail"],
            }),
        ];
    }

    private static string[] Of(DestinationCondition? condition) => condition?.Trouble switch
    {
        null => ["success"],
        DestinationTrouble.Throttled => ["throttled"],
        DestinationTrouble.Unauthorized => ["auth", "abort"],
        DestinationTrouble.Misconfigured => ["halt", "abort"],
        _ => ["unavailable", "retry"],
    };

    private static Operation OperationOf(RecordedAnswer answer) => answer.Operation switch
    {
        "upsert" => Operation.UpsertProfile,
        "add" => Operation.AddMember,
        "remove" => Operation.RemoveMember,
        "event" => Operation.TrackEvent,
        "delete" => Operation.DeleteProfile,
        "merge" => Operation.MergeProfiles,
        var other => throw new InvalidOperationException($"{other} is no operation."),
    };

    private static Batch Batch(RecordedAnswer answer, Operation operation) => new()
    {
        Operation = operation,
        Audience = operation is Operation.AddMember or Operation.RemoveMember ? List : null,
        UpdateOnly = answer.UpdateOnly,
        Items = [.. Enumerable.Range(1, answer.Records).Select(id => Item(operation, id))],
    };

    private static BatchItem Item(Operation operation, int id) => operation switch
    {
        Operation.TrackEvent => Known(id) with
        {
            Event = new()
            {
                Id = EventId(id), Name = "visited", OccurredAt = DateTimeOffset.UnixEpoch,
                Properties = [new("page", FieldValue.Of("/home")), new("depth", FieldValue.Of(3))],
            },
        },
        Operation.RemoveMember or Operation.DeleteProfile => Known(id, $"{1000 + id}"),
        Operation.MergeProfiles => Changing(id, new IdentityChange { OtherKey = "person9@example.test" }, $"{1000 + id}"),
        _ => Person(id),
    };

    private static MarketoConnector Connect(HttpMessageHandler transport) => (MarketoConnector)new MarketoConnectorFactory().Create(new ConnectorContext
    {
        Settings = new DestinationSettings
        {
            Name = "marketo",
            BaseUrl = new Uri("https://123-abc-456.mktorest.com"),
            IdentityKey = "email",
            Values = new Dictionary<string, string> { ["folder_id"] = "1034", ["folder_type"] = "Program" },
            Secrets = new Dictionary<string, Func<string?>> { ["client_id"] = () => "id", ["client_secret"] = () => "secret" },
        },
        Transport = transport,
        Time = Clock.AtNoon(),
        Loggers = NullLoggerFactory.Instance,
    })(OpenGate.Instance);
}
