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

    [Test]
    public async Task Should_keep_two_calls_for_one_of_them_apart()
    {
        var first = new TaskCompletionSource<HttpResponseMessage>();
        using var marketo = new ScriptedMarketo().Answer(() => first.Task).Rows(Row(501, "updated")).Rows(Row(502, "created"));
        var connector = marketo.Connect("hubExternalId");
        var upsert = connector.DeliverAsync(Of(Operation.UpsertProfile, Upper), default);
        await Until.TrueAsync(() => marketo.Sent.Count == 2);
        var consent = connector.DeliverAsync(Of(Operation.SetConsent, Deciding(3, marketing: false) with { Key = "c-kx7q" }), default);
        Assert.That(marketo.Sent, Has.Count.EqualTo(2), "The opt-out waits for the upsert of the same person.");
        first.SetResult(Json("""{"success":true,"result":[{"id":501,"status":"created"}]}"""));
        Assert.That((await upsert).Told(), Is.EqualTo(new[] { "1 Delivered #501" }));
        Assert.That((await consent).Told(), Is.EqualTo(new[] { "3 Delivered #501" }));
        Assert.That(marketo.Sent, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Should_not_hold_other_people_up_meanwhile()
    {
        var first = new TaskCompletionSource<HttpResponseMessage>();
        using var marketo = new ScriptedMarketo().Answer(() => first.Task).Rows(Row(502, "updated"));
        var connector = marketo.Connect();
        var upsert = connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);
        await Until.TrueAsync(() => marketo.Sent.Count == 2);
        Assert.That((await connector.DeliverAsync(Of(Operation.SetConsent, Deciding(2, marketing: false)), default)).Told(), Is.EqualTo(new[] { "2 Delivered #502" }));
        first.SetResult(Json("""{"success":true,"result":[{"id":501,"status":"created"}]}"""));
        await upsert;
    }
}
