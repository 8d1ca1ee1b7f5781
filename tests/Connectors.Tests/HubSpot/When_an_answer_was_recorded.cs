using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;

namespace Connectors.Tests.HubSpot;

/// <summary>What the connector makes of answers that are not the sandbox's: those of HubSpot's pages, and those that other integrators recorded.</summary>
public sealed class When_an_answer_was_recorded
{
    private static IEnumerable<RecordedAnswer> Answers => RecordedAnswer.All();

    [TestCaseSource(nameof(Answers))]
    public async Task Should_give_each_record_the_class_that_it_has(RecordedAnswer recorded)
    {
        using var hubspot = new RecordedHubSpot(recorded);
        var connector = hubspot.Connect();

        var classes = await ClassesAsync(connector, hubspot, recorded);

        Assert.That(classes, Has.Length.EqualTo(recorded.Is.Length));
        Assert.Multiple(() =>
        {
            for (var person = 0; person < classes.Length; person++)
            {
                Assert.That(classes[person].Intersect(recorded.Is[person]), Is.Not.Empty,
                    $"Record {person} is {string.Join('|', classes[person])}, and should be {string.Join('|', recorded.Is[person])}.");
            }
        });
    }

    [Test]
    public void Should_know_an_answer_of_every_endpoint()
    {
        var known = Answers.SelectMany(static answer => answer.Places).Select(static place => place
            .Replace("{{email:0}}", "{subscriberIdString}", StringComparison.Ordinal)
            .Replace(RecordedHubSpot.ListId, "{listId}", StringComparison.Ordinal)
            .Replace("name/VIP", "name/{name}", StringComparison.Ordinal));

        Assert.That(
            HubSpotDescriptor.Instance.Endpoints.Except([HubSpotApiVersion.ListEventDefinitions]).Select(static endpoint => $"{endpoint.Method} {endpoint.Path}"), Is.SubsetOf(known),
            "Endpoints without a documented answer; that of the definitions of events is in When_event_definitions_are_inspected.");
    }

    [Test]
    public void Should_say_where_each_answer_comes_from() => Assert.That(Answers.Select(static answer => (string?)answer.Line["page"]), Has.All.StartsWith("https://"));

    private static async Task<string[][]> ClassesAsync(HubSpotConnector connector, RecordedHubSpot hubspot, RecordedAnswer recorded)
    {
        var audience = new AudienceTarget("vip", RecordedHubSpot.ListId);
        try
        {
            switch (recorded.Operation)
            {
                case "check":
                    return [Of(await connector.CheckAsync(default))];
                case "inspect":
                    return [(await connector.InspectAsync([], default)).Count == 0 ? ["success"] : ["fail"]];
                case "ensure":
                    return [Of((await connector.EnsureAudienceAsync(new AudienceRequest("vip", "VIP", recorded.ListId), default)).Condition)];
                case "read":
                    string[] keys = [.. Enumerable.Range(0, recorded.People).Select(hubspot.Key)];
                    var profiles = await connector.ReadProfilesAsync(keys, [], default);
                    return [.. keys.Select(key => new[] { profiles.Any(profile => profile.Key == key) ? "found" : "none" })];
                case "changes":
                    var changed = await connector.ReadChangedProfilesAsync(DateTimeOffset.UnixEpoch, ["firstname"], null, default);
                    return [.. Enumerable.Range(0, recorded.People).Select(person => new[] { changed.Profiles.Any(profile => profile.RemoteId == RecordedHubSpot.RemoteId(person)) ? "found" : "none" })];
                case "list":
                    await foreach (var page in connector.ListMembersAsync(audience, default))
                    {
                        if (page.Count > 0)
                        {
                            return [["found"]];
                        }
                    }

                    return [["none"]];
                case "lookup":
                    return [(await connector.LookUpMembersAsync(audience, [new RemoteMember(RecordedHubSpot.RemoteId(0), hubspot.Key(0))], default)).Count > 0 ? ["found"] : ["none"]];
                default:
                    var receipt = await connector.DeliverAsync(BatchOf(hubspot, recorded, audience), default);
                    return [.. receipt.Outcomes.OrderBy(static outcome => outcome.RecordId).Select(outcome => Of(receipt.Condition, outcome.Outcome))];
            }
        }
        catch (DestinationException trouble)
        {
            return [.. recorded.Is.Select(_ => Of(trouble.Condition))];
        }
    }

    private static Batch BatchOf(RecordedHubSpot hubspot, RecordedAnswer recorded, AudienceTarget audience)
    {
        var operation = Enum.TryParse<Operation>(recorded.Operation, out var named) ? named : Operation.SetConsent;
        return new Batch
        {
            Operation = operation,
            Audience = operation is Operation.AddMember or Operation.RemoveMember ? audience : null,
            UpdateOnly = recorded.UpdateOnly,
            Items = [.. Enumerable.Range(0, recorded.People).Select(person => Item(hubspot, recorded, operation, person))],
        };
    }

    private static BatchItem Item(RecordedHubSpot hubspot, RecordedAnswer recorded, Operation operation, int person)
    {
        var fields = operation is Operation.UpsertProfile or Operation.AddMember
            ? recorded.Fields.Append(new("firstname", "Ada")).Concat(recorded.Key == "email" ? [] : [new("email", RecordedHubSpot.Email(person))])
            : [];
        return new BatchItem
        {
            RecordId = person,
            Key = hubspot.Key(person),
            RemoteId = operation is Operation.RemoveMember ? RecordedHubSpot.RemoteId(person) : null,
            Fields = [.. fields.Select(static field => new Field(field.Key, FieldValue.Of(field.Value)))],
            Event = operation == Operation.TrackEvent ? new Behavior { Id = new Guid(person, 1, 1, new byte[8]), Name = "pe1_seen", OccurredAt = DateTimeOffset.UnixEpoch } : null,
            Identity = operation == Operation.MergeProfiles ? new IdentityChange { OtherKey = hubspot.Key(person + 1) } : null,
            Consent = operation != Operation.SetConsent ? null : new ConsentChange
            {
                Email = RecordedHubSpot.Email(person),
                MarketingEmail = recorded.Operation == "opt-out" ? false : null,
                Topics = recorded.Operation == "opt-out" ? [] : [new TopicConsent("39644612", recorded.Operation == "grant")],
                DecidedAt = DateTimeOffset.UnixEpoch,
            },
        };
    }

    private static string[] Of(DestinationCondition? condition) => Of(condition, condition is null ? Outcome.Delivered : Outcome.NotSent);

    /// <summary>The classes that an outcome belongs to; a destination that a person must mend refuses as well.</summary>
    private static string[] Of(DestinationCondition? condition, Outcome outcome) => outcome switch
    {
        Outcome.Rejected => ["abort", "fail"],
        Outcome.Ambiguous => ["ambiguous", "fail"],
        Outcome.RetryLater => ["retry", "fail"],
        Outcome.Delivered or Outcome.Unchanged => ["success"],
        _ => condition?.Trouble switch
        {
            null => ["fail"],
            DestinationTrouble.Throttled => ["throttled", "fail"],
            DestinationTrouble.Unauthorized => ["auth", "abort", "fail"],
            DestinationTrouble.Misconfigured => ["halt", "abort", "fail"],
            _ => ["unavailable", "retry", "fail"],
        },
    };
}
