using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;

namespace Hub.Tests.Consent;

public sealed class When_consent_is_decided
{
    private const string Marketing = "email_marketing";
    private const string Partners = "partner_sharing";
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Made anew for each test, so that each sees how a policy is made.</summary>
    private static ConsentPolicy Policy => new(new ConsentRules("v1",
    [
        new ConsentPurpose(Marketing, new ConsentRule("opt_in", true), new ConsentRule("opt_out", false), new ConsentRule("existing_customer", true)),
        new ConsentPurpose(Partners, new ConsentRule("partner_in", true), new ConsentRule("partner_out", false), new ConsentRule("never_asked", false)),
        new ConsentPurpose("no_rules", null, null, null),
    ]));

    [TestCase("""{"email_marketing":{"s":"granted","t":1700000000000,"src":"x"}}""", true, "opt_in", null)]
    [TestCase("""{"email_marketing":{"s":"denied","t":1700000000000,"src":"x"}}""", false, "opt_out", "consent_denied")]
    [TestCase("{}", true, "existing_customer", null)]
    [TestCase("""{"partner_sharing":{"s":"denied","t":1,"src":"x"}}""", true, "existing_customer", null)]
    [TestCase("""{"other":{"s":"denied"},"email_marketing":{"src":"s","s":"granted"}}""", true, "opt_in", null)]
    [TestCase("""{"other":{"email_marketing":{"s":"denied"}}}""", true, "existing_customer", null)]
    [TestCase("""{"email_market\u0069ng":{"s":"denied"}}""", false, "opt_out", "consent_denied")]
    public void Should_follow_the_rule_of_the_state(string states, bool allowed, string rule, string? code) =>
        Assert.That(Policy.Decide([Marketing], states, Now), Is.EqualTo(new ConsentDecision(allowed, Marketing, rule, code)));

    [Test]
    public void Should_say_that_nothing_is_known() =>
        Assert.That(Policy.Decide([Partners], "{}", Now), Is.EqualTo(new ConsentDecision(false, Partners, "never_asked", "consent_unknown")));

    [TestCase("""{"email_marketing":{"s":"maybe"}}""")]
    [TestCase("""{"email_marketing":{"s":true}}""")]
    [TestCase("""{"email_marketing":{"s":null}}""")]
    [TestCase("""{"email_marketing":{"t":1}}""")]
    [TestCase("""{"email_marketing":{}}""")]
    [TestCase("""{"email_marketing":"granted"}""")]
    [TestCase("""{"email_marketing":null}""")]
    [TestCase("""{"email_marketing":["granted"]}""")]
    [TestCase("""{"email_marketing":{"x":{"s":"granted"}}}""")]
    public void Should_read_a_state_that_it_does_not_know_as_denied(string states) =>
        Assert.That(Policy.Decide([Marketing], states, Now), Is.EqualTo(new ConsentDecision(false, Marketing, "opt_out", "consent_denied")));

    /// <summary>What is about an address or a number is in the way of what goes there, and of whatever may; what is about the person is in the way of everything.</summary>
    [TestCase("hard_bounce", "email", false)]
    [TestCase("hard_bounce", "Email", false)]
    [TestCase("hard_bounce", "sms", true)]
    [TestCase("hard_bounce", null, false)]
    [TestCase("invalid_phone", "email", true)]
    [TestCase("invalid_phone", "sms", false)]
    [TestCase("invalid_phone", null, false)]
    [TestCase("complaint", "sms", false)]
    public void Should_heed_a_reason_by_the_channel_that_it_is_about(string reason, string? channel, bool allowed)
    {
        var policy = new ConsentPolicy(new ConsentRules("v1", [new ConsentPurpose(Marketing, new ConsentRule("in", true), new ConsentRule("out", false), new ConsentRule("unknown", true)) { Channel = channel }]));
        var decision = policy.Decide([Marketing], $$$"""{"suppression:{{{reason}}}":{"s":"denied","t":1,"src":"vendor:acme"}}""", Now);
        Assert.That((decision.Allowed, decision.Rule), Is.EqualTo((allowed, allowed ? "unknown" : reason)));
    }

    [Test]
    public void Should_find_the_reason_that_is_in_the_way_behind_one_that_is_not()
    {
        var policy = new ConsentPolicy(new ConsentRules("v1", [new ConsentPurpose(Marketing, new ConsentRule("in", true), new ConsentRule("out", false), new ConsentRule("unknown", true)) { Channel = "sms" }]));
        Assert.That(policy.Decide([Marketing], """{"suppression:hard_bounce":{"s":"denied"},"suppression:legal_hold":{"s":"denied"}}""", Now).Rule, Is.EqualTo("legal_hold"));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("""{"email_marketing":{"s":"granted" """)]
    [TestCase("not json")]
    public void Should_forbid_when_the_states_cannot_be_read(string states)
    {
        var decision = Policy.Decide([Marketing], states, Now);

        Assert.That((decision.Allowed, decision.Code), Is.EqualTo((false, "consent_unreadable")));
    }

    [TestCase("""{"email_marketing":{"s":"granted"},"suppression:complaint":{"s":"granted"},"suppression:hard_bounce":{"s":"denied"}}""", "hard_bounce")]
    [TestCase("""{"suppression:canary":{"s":"denied"}}""", "canary", Description = "of whom nothing else is known, where unknown is allowed")]
    [TestCase("""{"email_marketing":{"s":"granted"},"suppression:complaint":"?"}""", "complaint")]
    public void Should_leave_alone_whoever_there_is_a_reason_for_whatever_they_agreed_to(string states, string reason) =>
        Assert.That(Policy.Decide([Marketing], states, Now), Is.EqualTo(new ConsentDecision(false, Marketing, reason, "suppressed")));

    [Test]
    public void Should_send_again_when_the_last_reason_is_gone() =>
        Assert.That(Policy.Decide([Marketing], """{"email_marketing":{"s":"granted"},"suppression:complaint":{"s":"granted"}}""", Now).Allowed, Is.True);

    [Test]
    public void Should_forbid_without_a_rule()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Policy.Decide(["no_rules"], "{}", Now), Is.EqualTo(new ConsentDecision(false, "no_rules", null, "no_rule")));
            Assert.That(Policy.Decide(["no_rules"], """{"no_rules":{"s":"granted"}}""", Now), Is.EqualTo(new ConsentDecision(false, "no_rules", null, "no_rule")));
            Assert.That(Policy.Decide(["unheard_of"], "{}", Now), Is.EqualTo(new ConsentDecision(false, "unheard_of", null, "no_rule")));
            Assert.That(Policy.Decide([], "{}", Now), Is.EqualTo(new ConsentDecision(false, null, null, "no_rule")));
        });
    }

    [Test]
    public void Should_need_every_purpose_of_the_destination()
    {
        const string OnlyMarketing = """{"email_marketing":{"s":"granted"},"partner_sharing":{"s":"denied"}}""";
        const string Both = """{"email_marketing":{"s":"granted"},"partner_sharing":{"s":"granted"}}""";

        Assert.Multiple(() =>
        {
            Assert.That(Policy.Decide([Marketing, Partners], OnlyMarketing, Now), Is.EqualTo(new ConsentDecision(false, Partners, "partner_out", "consent_denied")));
            Assert.That(Policy.Decide([Partners, Marketing], OnlyMarketing, Now).Allowed, Is.False);
            Assert.That(Policy.Decide([Marketing, Partners], Both, Now).Allowed, Is.True);
        });
    }
}
