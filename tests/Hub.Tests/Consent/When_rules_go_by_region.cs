using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Identity;

namespace Hub.Tests.Consent;

/// <summary>The first rule that holds where a person lives decides; as long as that is not known, the strictest that may.</summary>
public sealed class When_rules_go_by_region
{
    private const string Purpose = "email_marketing";
    private static readonly DateTimeOffset _now = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    private static ConsentPolicy Policy => new(new ConsentRules("v1",
    [
        new ConsentPurpose(Purpose, null, null, null)
        {
            Rules =
            [
                new RegionalRule("eu_opt_in", ["AT", "DE"], true, false, false) { Region = "EU", Basis = "consent", Expires = new GrantLife(24, 0), NeedsEvidence = true },
                new RegionalRule("us_opt_out", ["US-CA"], true, false, true) { Region = "US_OPT_OUT", Basis = "legitimate_interest" },
                new RegionalRule("elsewhere", null, true, false, true),
            ],
        },
    ]));

    [TestCase("DE", null, false, "eu_opt_in", "consent_unknown")]
    [TestCase("de", null, false, "eu_opt_in", "consent_unknown")]
    [TestCase("US", "CA", true, "us_opt_out", null)]
    [TestCase("US", "us-ca", true, "us_opt_out", null)]
    [TestCase("US", "NY", true, "elsewhere", null)]
    [TestCase("FR", null, true, "elsewhere", null)]
    [TestCase("US", null, true, "elsewhere", null, Description = "us_opt_out may hold, and says no worse")]
    [TestCase(null, null, false, "eu_opt_in", "consent_unknown", Description = "nothing known: the strictest")]
    [TestCase("Deutschland", null, false, "eu_opt_in", "consent_unknown", Description = "no code is not known")]
    public void Should_decide_by_where_the_person_lives(string? country, string? state, bool allowed, string rule, string? code)
    {
        var decision = Decide(new StoredPlace(country, state));
        Assert.That((decision.Allowed, decision.Rule, decision.Code), Is.EqualTo((allowed, rule, code)));
    }

    [Test]
    public void Should_say_on_what_ground_and_until_when()
    {
        var decision = Decide(new StoredPlace("AT", null), Granted(_now.AddMonths(-23), evidence: true));
        Assert.That((decision.Allowed, decision.Basis, decision.Region, decision.ValidUntil), Is.EqualTo((true, "consent", "EU", _now.AddMonths(1))));
    }

    [Test]
    public void Should_take_a_grant_that_has_ended_or_that_nothing_shows_for_none()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Decide(new StoredPlace("AT", null), Granted(_now.AddMonths(-24), evidence: true)).Code, Is.EqualTo("consent_expired"), "by the rule");
            Assert.That(Decide(new StoredPlace("AT", null), Granted(_now, evidence: true, end: _now)).Code, Is.EqualTo("consent_expired"), "by what the person was told");
            Assert.That(Decide(new StoredPlace("AT", null), Granted(_now, evidence: false)).Code, Is.EqualTo("consent_unproven"));
            Assert.That(Decide(new StoredPlace("FR", null), Granted(_now.AddMonths(-24), evidence: false)).Allowed, Is.True, "that rule asks for neither");
            Assert.That(Decide(new StoredPlace("FR", null), Granted(_now, evidence: false, end: _now)).Allowed, Is.True, "ended is unknown, and unknown is allowed there");
            Assert.That(Decide(new StoredPlace("FR", null), new PurposeConsent("denied", _now, "form") { ExpiresAt = _now }).Code, Is.EqualTo("consent_denied"), "a no has no end");
        });
    }

    [TestCase("US", "CA", false, true, false)]
    [TestCase("US", "NY", false, true, true)]
    [TestCase("US", null, false, true, false, Description = "the state is not known")]
    [TestCase(null, null, false, true, false, Description = "nothing is known")]
    [TestCase("US", "CA", true, true, true, Description = "a grant given later counts where it may")]
    [TestCase("US", "CA", true, false, false, Description = "and one given before does not")]
    public void Should_heed_the_signal_of_a_browser_where_it_counts(string? country, string? state, bool overridable, bool later, bool allowed)
    {
        var policy = new ConsentPolicy(new ConsentRules("v1", [new ConsentPurpose(Purpose, new ConsentRule("in", true), new ConsentRule("out", false), new ConsentRule("unknown", true))])
        {
            Gpc = new ConsentSignal([Purpose], ["US-CA"], overridable),
        });
        var states = StoredConsent.Write(
            [KeyValuePair.Create(Purpose, Granted(_now.AddDays(later ? 1 : -1), evidence: false)), KeyValuePair.Create("signal:gpc", new PurposeConsent("denied", _now, "gpc"))], new StoredPlace(country, state));

        var decision = policy.Decide([Purpose], states, _now.AddDays(2));

        Assert.That((decision.Allowed, decision.Code), Is.EqualTo((allowed, allowed ? null : "signal_gpc")));
    }

    [Test]
    public void Should_forbid_where_no_rule_holds() => Assert.That(
        new ConsentPolicy(new ConsentRules("v1", [new ConsentPurpose(Purpose, null, null, null) { Rules = [new RegionalRule("eu", ["DE"], true, true, true)] }]))
            .Decide([Purpose], StoredConsent.Write([], new StoredPlace("US", null)), _now),
        Is.EqualTo(new ConsentDecision(false, Purpose, null, "no_rule")));

    [TestCase("""{"country":"DE","state":"BY"}""", "DE", "BY")]
    [TestCase("""{"country":" ","state":"BY"}""", null, null)]
    [TestCase("""{"country":49}""", null, null)]
    [TestCase("""{"city":"country"}""", null, null)]
    public void Should_read_where_somebody_lives_from_attributes(string attributes, string? country, string? state) =>
        Assert.That(StoredPlace.Of(attributes), Is.EqualTo(new StoredPlace(country, state)));

    [TestCase("24mo", 24, 0)]
    [TestCase("2y", 24, 0)]
    [TestCase("730d", 0, 730)]
    [TestCase("0d", 0, 0)]
    [TestCase("mo", 0, 0)]
    [TestCase("24 months", 0, 0)]
    public void Should_read_for_how_long_a_grant_holds(string text, int months, int days) =>
        Assert.That((GrantLife.TryParse(text, out var life) ? life : default), Is.EqualTo(new GrantLife(months, days)));

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public bool Should_keep_what_was_written(byte country, bool granted, bool ends, bool evidence, ushort minute)
    {
        var place = (country % 3) switch { 0 => default, 1 => new StoredPlace("DE", null), _ => new StoredPlace("US", "CA") };
        var state = new PurposeConsent(granted ? "granted" : "denied", _now.AddMinutes(minute), "form") { ExpiresAt = ends ? _now.AddDays(minute) : null, HasEvidence = evidence };
        var written = StoredConsent.Write([KeyValuePair.Create(Purpose, state)], place);
        var utf8 = System.Text.Encoding.UTF8.GetBytes(written);
        return StoredConsent.Read(written).Single().Value == state
            && StoredConsent.PlaceOf(utf8) == place
            && StoredConsent.Find(utf8, System.Text.Encoding.UTF8.GetBytes(Purpose)) is { } found && found.HasEvidence == evidence && found.ExpiresAt == state.ExpiresAt && found.DecidedAt == state.DecidedAt
            && StoredConsent.WithPlace(StoredConsent.WithPlace(written, new StoredPlace("FR", null)), place) == written;
    }

    private static PurposeConsent Granted(DateTimeOffset at, bool evidence, DateTimeOffset? end = null) => new("granted", at, "form") { ExpiresAt = end, HasEvidence = evidence };

    private static ConsentDecision Decide(StoredPlace place, PurposeConsent? state = null) =>
        Policy.Decide([Purpose], StoredConsent.Write(state is { } known ? [KeyValuePair.Create(Purpose, known)] : [], place), _now);
}
