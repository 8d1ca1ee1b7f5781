using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;

namespace Hub.Tests.Consent;

public sealed class When_consent_is_written_to_a_destination
{
    private static readonly ConsentSection _written = new(
        "email_marketing", new Dictionary<string, TopicSection> { ["news"] = new("topic-1", ConsentChannel.Email), ["texts"] = new("group-2", ConsentChannel.Sms) });

    private static readonly Func<string, ConsentDecision> _decide = purpose => new ConsentDecision(true, purpose, "rule", null);
    private static readonly ConsentRepresentation Kept = new(_written);

    [Test]
    public void Should_say_of_each_purpose_what_the_person_said()
    {
        var change = Kept.For("""{"email_marketing":{"s":"denied","t":1700000000000,"src":"form"},"news":{"s":"granted","t":1800000000000,"src":"call"}}""", "a@example.test", null, _decide)!;
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
        Assert.That(Kept.For("""{"texts":{"s":"denied","t":1,"src":"x"}}""", null, "+4912345", _decide)!.MarketingEmail, Is.Null);

    [Test]
    public void Should_say_of_decisions_of_one_time_that_the_global_one_is_the_latest()
    {
        var change = Kept.For("""{"email_marketing":{"s":"denied","t":5,"src":"global"},"news":{"s":"granted","t":5,"src":"first"},"texts":{"s":"granted","t":4,"src":"older"}}""", null, null, _decide)!;
        Assert.That((change.DecidedAt.ToUnixTimeMilliseconds(), change.Source), Is.EqualTo((5, "global")));
    }

    [Test]
    public void Should_leave_the_global_state_alone_where_no_purpose_stands_for_it() =>
        Assert.That(new ConsentRepresentation(_written with { MarketingEmail = null }).For("""{"email_marketing":{"s":"denied","t":1,"src":"x"},"news":{"s":"granted","t":1,"src":"x"}}""", null, null, _decide)!.MarketingEmail, Is.Null);

    [Test]
    public void Should_name_each_purpose_that_is_kept_once()
    {
        Assert.That(_written.Purposes, Is.EquivalentTo(new[] { "news", "texts", "email_marketing" }));
        Assert.That((_written with { MarketingEmail = "news" }).Purposes, Is.EquivalentTo(new[] { "news", "texts" }));
        Assert.That((_written with { MarketingEmail = null }).Purposes, Is.EquivalentTo(new[] { "news", "texts" }));
    }

    [TestCase(ConsentChannel.Email, false)]
    [TestCase(ConsentChannel.Sms, true)]
    public void Should_need_a_phone_number_where_one_of_the_topics_is_about_text_messages(ConsentChannel channel, bool needed) => Assert.That(
        new ConsentRepresentation(new ConsentSection(null, new Dictionary<string, TopicSection> { ["news"] = new("topic-1", ConsentChannel.Email), ["other"] = new("topic-2", channel) })).HasTextMessages,
        Is.EqualTo(needed));

    [TestCase("{}")]
    [TestCase("""{"partner_sharing":{"s":"granted","t":1,"src":"x"}}""")]
    public void Should_say_nothing_when_nothing_is_known(string states) => Assert.That(Kept.For(states, "a@example.test", null, _decide), Is.Null);
}
