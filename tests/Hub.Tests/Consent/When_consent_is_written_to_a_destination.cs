using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;

namespace Hub.Tests.Consent;

public sealed class When_consent_is_written_to_a_destination
{
    private static readonly ConsentRepresentation Kept = new(new ConsentSection(
        "email_marketing", new Dictionary<string, TopicSection> { ["news"] = new("topic-1", ConsentChannel.Email), ["texts"] = new("group-2", ConsentChannel.Sms) }));

    [Test]
    public void Should_say_of_each_purpose_what_the_person_said()
    {
        var change = Kept.For("""{"email_marketing":{"s":"denied","t":1700000000000,"src":"form"},"news":{"s":"granted","t":1800000000000,"src":"call"}}""", "a@example.test", null)!;
        Assert.Multiple(() =>
        {
            Assert.That(change.MarketingEmail, Is.False);
            Assert.That(change.Topics, Is.EqualTo(new[] { new TopicConsent("topic-1", true) }), "what nothing is known of is left alone");
            Assert.That((change.DecidedAt.ToUnixTimeMilliseconds(), change.Source), Is.EqualTo((1800000000000, "call")), "the latest decision");
            Assert.That(change.Email, Is.EqualTo("a@example.test"));
        });
    }

    [Test]
    public void Should_leave_the_global_state_alone_when_only_a_topic_is_known() =>
        Assert.That(Kept.For("""{"texts":{"s":"denied","t":1,"src":"x"}}""", null, "+4912345")!.MarketingEmail, Is.Null);

    [TestCase("{}")]
    [TestCase("""{"partner_sharing":{"s":"granted","t":1,"src":"x"}}""")]
    public void Should_say_nothing_when_nothing_is_known(string states) => Assert.That(Kept.For(states, "a@example.test", null), Is.Null);
}
