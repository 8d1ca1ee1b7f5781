using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

/// <summary>Marketo compares text keys without case: they are sent as the company spells them, and compared folded.</summary>
public sealed class When_keys_differ_in_case_alone
{
    private static readonly BatchItem Upper = Person(1) with { Key = "c-kx7Q" };
    private static readonly BatchItem Lower = Person(2) with { Key = "c-kx7q" };

    [TestCase(Operation.UpsertProfile)]
    [TestCase(Operation.AddMember)]
    public async Task Should_send_one_and_refuse_the_other(Operation operation)
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "created")).Rows(Row(501, "added"));
        var receipt = await marketo.Connect("hubExternalId").DeliverAsync(Of(operation, Upper, Lower), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501", "2 Rejected key_collision" }));
        Assert.That(marketo.Sent[1], Does.Contain("c-kx7Q").And.Not.Contain("c-kx7q"), "As the company spells it.");
    }

    [Test]
    public async Task Should_find_people_however_the_vendor_spells_them()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":501,"hubExternalId":"C-KX7Q"}""").Rows(Row(501, "removed"));
        var receipt = await marketo.Connect("hubExternalId").DeliverAsync(Of(Operation.RemoveMember, Upper with { Fields = [] }), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #501" }));
    }

    [Test]
    public async Task Should_answer_look_ups_under_the_key_that_was_asked_for()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":501,"hubExternalId":"C-KX7Q"}""").Rows(Row(501, "memberof")).Rows("""{"id":501,"hubExternalId":"C-KX7Q"}""");
        var connector = marketo.Connect("hubExternalId");
        Assert.That(await connector.LookUpMembersAsync(Audience, [new(null, "c-kx7Q")], default), Is.EqualTo(new[] { new RemoteMember("501", "c-kx7Q") }));
        Assert.That((await connector.ReadProfilesAsync(["c-kx7Q"], [], default)).Single().Key, Is.EqualTo("c-kx7Q"));
    }

    [TestCase("hubExternalId", "C-Kx7Q")]
    [TestCase("email", "ann@example.test")]
    public async Task Should_list_members_as_the_vendor_spells_them_and_addresses_in_lower_case(string identityKey, string key)
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":501,"hubExternalId":"C-Kx7Q","email":"Ann@Example.test"}""");
        await foreach (var page in marketo.Connect(identityKey).ListMembersAsync(Audience, default))
        {
            Assert.That(page, Is.EqualTo(new[] { new RemoteMember("501", key) }));
        }
    }
}
