using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace Connectors.Tests.HubSpot;

public sealed class When_HubSpot_keeps_another_value
{
    private static IEnumerable<TestCaseData> Normal =>
    [
        new(FieldValue.Of(" Ann@Example.TEST "), "ann@example.test"),
        new(FieldValue.Of("+49 (30) 123-456"), "+4930123456"),
        new(FieldValue.Of("030 123456"), "+49 30 123456"),
        new(FieldValue.Of(2.0m), "2"),
        new(FieldValue.Of(2.50m), "2.5"),
        new(FieldValue.Of("2.0"), "2"),
        new(FieldValue.Of(true), "true"),
        new(FieldValue.Of(new DateOnly(1990, 1, 1)), "1990-01-01"),
        new(FieldValue.Of(new DateOnly(1990, 1, 1)), "631152000000"),
        new(FieldValue.Of("1990-01-01"), "631152000000"),
        new(FieldValue.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, 123, TimeSpan.Zero)), "2026-01-01T00:00:00Z"),
        new(FieldValue.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), "1767225600000"),
        new(FieldValue.Of("b;a"), "a;b"),
        new(FieldValue.Of(";b"), "a;b"),
        new(FieldValue.Of("Zoë  Ŝmith"), "Zoë Ŝmith"),
        new(FieldValue.Of(""), ""),
        new(FieldValue.Null, ""),
        new(FieldValue.Null, null),
    ];

    private static IEnumerable<TestCaseData> Others =>
    [
        new(FieldValue.Of("subscriber"), "lead"),
        new(FieldValue.Of("subscriber"), ""),
        new(FieldValue.Of("a;b"), "a;b;c"),
        new(FieldValue.Of(2m), "3"),
        new(FieldValue.Of(2m), ""),
        new(FieldValue.Of(true), "false"),
        new(FieldValue.Of(new DateOnly(1990, 1, 1)), "1989-12-31"),
        new(FieldValue.Of("+4930123456"), "+4930123457"),
        new(FieldValue.Null, "lead"),
    ];

    [TestCaseSource(nameof(Normal))]
    public void Should_take_its_normal_forms_for_what_was_sent(FieldValue sent, string? told) => Assert.That(Find(sent, told), Is.Null);

    [TestCaseSource(nameof(Others))]
    public void Should_see_another_value(FieldValue sent, string? told) => Assert.That(Find(sent, told), Is.EqualTo("tier"));

    [Test]
    public void Should_not_judge_what_it_does_not_tell()
        => Assert.That(HubSpotKeptValues.Find([new Field("tier", FieldValue.Of("gold"))], new ContactRow("501", 1, new Dictionary<string, string?>())), Is.Null);

    [Test]
    public async Task Should_tell_that_a_stage_did_not_move_back()
    {
        await using var account = await HubSpotAccount.StartAsync();
        var connector = account.Connect();
        await account.CreateAsync(connector, account.Person("a", ("firstname", "Ann"), ("lifecyclestage", "lead")));

        var outcome = await HubSpotAccount.DeliverAsync(connector, Operation.UpsertProfile, account.Person("a", ("lifecyclestage", "subscriber")));

        Assert.That((outcome[0].Outcome, outcome[0].Code), Is.EqualTo((Outcome.Rejected, "hubspot_kept_lifecyclestage")));
    }

    [Test]
    public async Task Should_make_the_person_a_member_all_the_same_and_say_what_was_left_out()
    {
        await using var account = await HubSpotAccount.StartAsync();
        var connector = account.Connect();
        var list = (await connector.EnsureAudienceAsync(new AudienceRequest("spring", "Spring"), CancellationToken.None)).Target!;
        await account.CreateAsync(connector, account.Person("a", ("firstname", "Ann"), ("lifecyclestage", "lead")));

        var receipt = await connector.DeliverAsync(
            new Batch { Operation = Operation.AddMember, Audience = list, Items = [account.Person("a", ("lifecyclestage", "subscriber"))] }, CancellationToken.None);

        Assert.That((receipt.Outcomes[0].Outcome, receipt.Outcomes[0].Code), Is.EqualTo((Outcome.Delivered, "hubspot_kept_lifecyclestage")));
        Assert.That(account.HubSpot.People().Single().Memberships, Does.Contain(list.RemoteRef));
    }

    private static string? Find(FieldValue sent, string? told)
        => HubSpotKeptValues.Find([new Field("tier", sent)], new ContactRow("501", 1, new Dictionary<string, string?> { ["tier"] = told }));
}
