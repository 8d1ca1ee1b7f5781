using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Identity;

namespace Hub.Tests.Consent;

/// <summary>What allows for a time allows no longer than the first of its grants; a sign of the same moment is not overridden.</summary>
public sealed class When_purposes_decide_together
{
    private static readonly DateTimeOffset _now = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    [TestCase(null, null, null)]
    [TestCase(10, null, 10)]
    [TestCase(null, 10, 10)]
    [TestCase(10, 20, 10)]
    [TestCase(20, 10, 10)]
    [TestCase(10, 10, 10)]
    public void Should_allow_until_the_first_grant_ends(int? first, int? second, int? until)
    {
        var policy = new ConsentPolicy(new ConsentRules("v1", [Asked("mail"), Asked("share")]));
        var states = StoredConsent.Write([KeyValuePair.Create("mail", Granted(first)), KeyValuePair.Create("share", Granted(second))]);

        var decision = policy.Decide(["mail", "share"], states, _now);

        Assert.That((decision.Allowed, decision.Purpose, decision.ValidUntil), Is.EqualTo((true, "share", until is { } days ? _now.AddDays(days) : (DateTimeOffset?)null)));
    }

    [TestCase(Suppression.Erased, "erased")]
    [TestCase(Suppression.Deleted, "suppressed")]
    public void Should_say_of_whom_was_erased_that_they_were(string reason, string code) =>
        Assert.That(new ConsentPolicy(new ConsentRules("v1", [Asked("mail")])).Decide(["mail"], $$$"""{"suppression:{{{reason}}}":{"s":"denied","t":1,"src":"x"}}""", _now).Code, Is.EqualTo(code));

    [TestCase(-1, false)]
    [TestCase(0, false)]
    [TestCase(1, true)]
    public void Should_override_a_signal_only_by_what_was_said_later(int minutes, bool allowed)
    {
        var policy = new ConsentPolicy(new ConsentRules("v1", [Asked("mail")]) { Gpc = new ConsentSignal(["mail"], null, IsOverridable: true) });
        var states = StoredConsent.Write(
            [KeyValuePair.Create("mail", new PurposeConsent("granted", _now.AddMinutes(minutes), "form")), KeyValuePair.Create("signal:gpc", new PurposeConsent("denied", _now, "gpc"))]);

        Assert.That(policy.Decide(["mail"], states, _now.AddDays(1)).Allowed, Is.EqualTo(allowed));
    }

    [TestCase(false, false)]
    [TestCase(true, true)]
    public void Should_know_that_grants_end_when_one_rule_of_one_purpose_says_so(bool ends, bool known)
    {
        var rules = new[] { new RegionalRule("here", ["DE"], true, false, false) { Expires = ends ? new GrantLife(1, 0) : null }, new RegionalRule("elsewhere", null, true, false, false) };

        Assert.That(new ConsentPolicy(new ConsentRules("v1", [Asked("mail"), new ConsentPurpose("share", null, null, null) { Rules = rules }])).GrantsEnd, Is.EqualTo(known));
    }

    [Test]
    public void Should_ask_for_the_place_when_one_rule_of_one_purpose_is_regional()
    {
        var rules = new[] { new RegionalRule("everybody_else", null, true, false, true), new RegionalRule("here", ["DE"], false, false, false) };
        var policy = new ConsentPolicy(new ConsentRules("v1", [Asked("mail"), new ConsentPurpose("share", null, null, null) { Rules = [rules[1], rules[0]] }]));

        Assert.That(policy.Decide(["share"], StoredConsent.Write([], new StoredPlace("FR", null)), _now).Rule, Is.EqualTo("everybody_else"));
    }

    [Test]
    public void Should_ask_for_the_place_when_every_rule_is_regional()
    {
        var rules = new[] { new RegionalRule("here", ["DE"], true, false, true) };
        var policy = new ConsentPolicy(new ConsentRules("v1", [new ConsentPurpose("share", null, null, null) { Rules = rules }]));

        Assert.That(policy.Decide(["share"], StoredConsent.Write([], new StoredPlace("DE", null)), _now), Is.EqualTo(new ConsentDecision(true, "share", "here", null)));
        Assert.That(policy.Decide(["share"], StoredConsent.Nothing, _now), Is.EqualTo(new ConsentDecision(false, "share", null, "no_rule")), "nobody knows that it holds");
    }

    [TestCase("DE", "AT-9", null, Description = "the state of another country")]
    [TestCase("US", "US-", null)]
    [TestCase("DE", "DE", "DE-DE", Description = "no state, but a code")]
    [TestCase("US", "-CA", null)]
    [TestCase("US", "?", null)]
    [TestCase("US", "usca", null)]
    [TestCase("US", "us-ca", "US-CA")]
    [TestCase("FR", "ara", "FR-ARA")]
    [TestCase("FR", "aura", null)]
    public void Should_know_a_state_by_its_code_alone(string country, string state, string? known) =>
        Assert.That(Place.Of(new StoredPlace(country, state)), Is.EqualTo(new Place(country, known)));

    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(false, false)]
    public void Should_take_a_no_from_a_destination_that_is_named_twice(bool one, bool other) =>
        Assert.That(DestinationWord.MayGo(new Dictionary<string, bool> { ["Braze"] = one, ["braze"] = other, [DestinationWord.Others] = true }, "braze"), Is.False);

    [Test]
    public void Should_let_a_destination_be_the_only_one()
    {
        var said = new Dictionary<string, bool> { [DestinationWord.Others] = false, ["braze"] = true };
        Assert.That((DestinationWord.MayGo(said, "braze"), DestinationWord.MayGo(said, "hubspot")), Is.EqualTo((true, false)));
    }

    [Test]
    public void Should_take_any_name_for_a_destination_as_long_as_there_is_none()
    {
        var none = new ConsentAuthority(new ConsentRules("v1", []), []);
        var one = new ConsentAuthority(new ConsentRules("v1", []), ["braze"]);
        Assert.That((none.IsDestination("Acme"), one.IsDestination("Braze"), one.IsDestination("Acme")), Is.EqualTo((true, true, false)));
    }

    [TestCase("Braze", "shop", "can only deny")]
    [TestCase("form", "vendor:braze", "can only deny")]
    [TestCase("form", "shop", "when shop states it; give it the right in consent.yaml under sources")]
    public void Should_say_what_to_do_about_a_grant_that_does_not_count(string source, string producer, string fix) =>
        Assert.That(new ConsentAuthority(new ConsentRules("v1", []), ["braze"]).Fix(source, producer), Does.Contain(fix));

    [TestCase(false, false, Description = "without a grant nothing goes out")]
    [TestCase(true, null, Description = "whatever the vendor holds may stay")]
    public void Should_never_tell_a_vendor_of_a_grant_that_has_ended_as_one(bool unknownMay, bool? told)
    {
        var policy = new ConsentPolicy(new ConsentRules("v1", [new ConsentPurpose("mail", new ConsentRule("in", true), new ConsentRule("out", false), new ConsentRule("unknown", unknownMay))]));
        var kept = new ConsentRepresentation(new ConsentSection("mail", new Dictionary<string, TopicSection>()));
        var states = StoredConsent.Write([KeyValuePair.Create("mail", Granted(10))]);

        Assert.Multiple(() =>
        {
            Assert.That(kept.For(states, "a@example.test", null, purpose => policy.Decide([purpose], states, _now))!.MarketingEmail, Is.True);
            Assert.That(kept.For(states, "a@example.test", null, purpose => policy.Decide([purpose], states, _now.AddDays(10)))?.MarketingEmail, Is.EqualTo(told));
        });
    }

    private static ConsentPurpose Asked(string name) => new(name, new ConsentRule("in", true), new ConsentRule("out", false), new ConsentRule("unknown", false));

    private static PurposeConsent Granted(int? days) => new("granted", _now, "form") { ExpiresAt = days is { } end ? _now.AddDays(end) : null };
}
