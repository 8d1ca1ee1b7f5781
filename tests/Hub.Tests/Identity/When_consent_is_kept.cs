using System.Text;
using System.Text.Json;
using IntegrationHub.Identity;

namespace Hub.Tests.Identity;

/// <summary>The one form in which consent is kept, written and read; a text that nobody wrote says no rather than yes.</summary>
public sealed class When_consent_is_kept
{
    private const string Full = """{"":{"c":"US","st":"CA"},"mail":{"s":"granted","t":1700000000123,"src":"form","x":1800000000456,"e":true},"sms":{"s":"denied","t":1600000000000,"src":"call"}}""";

    private static readonly DateTimeOffset _decided = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
    private static readonly DateTimeOffset _ends = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_456);

    [Test]
    public void Should_be_read_as_it_was_written()
    {
        PurposeConsent mail = new("granted", _decided, "form") { ExpiresAt = _ends, HasEvidence = true };
        PurposeConsent sms = new("denied", DateTimeOffset.FromUnixTimeMilliseconds(1_600_000_000_000), "call");
        Assert.That(StoredConsent.Write([new("mail", mail), new("sms", sms)], new StoredPlace("US", "CA")), Is.EqualTo(Full));
        var read = StoredConsent.Read(Full);
        Assert.That(read.Keys, Is.EqualTo(new[] { "mail", "sms" }), "the place is no purpose");
        Assert.That((read["mail"], read["sms"]), Is.EqualTo((mail, sms)));
        Assert.That((mail.IsGranted, sms.IsGranted, (mail with { Status = "GRANTED" }).IsGranted), Is.EqualTo((true, false, false)));
    }

    [Test]
    public void Should_be_nothing_of_somebody_of_whom_nothing_is_known()
    {
        Assert.That(StoredConsent.Write([]), Is.EqualTo(StoredConsent.Nothing));
        Assert.That(StoredConsent.Read(StoredConsent.Nothing), Is.Empty);
        Assert.That(StoredConsent.Write([], new StoredPlace("AT", null)), Is.EqualTo("""{"":{"c":"AT"}}"""));
        Assert.That(StoredConsent.Write([], new StoredPlace(null, "CA")), Is.EqualTo("""{"":{"st":"CA"}}"""));
        Assert.That(Find("{}", "mail"), Is.Null);
    }

    [TestCase("""{"mail":{"s":"granted","t":5,"src":"x"}}""", "US", """{"":{"c":"US"},"mail":{"s":"granted","t":5,"src":"x"}}""")]
    [TestCase("""{"":{"c":"US"},"mail":{"s":"granted","t":5,"src":"x"}}""", "US", """{"":{"c":"US"},"mail":{"s":"granted","t":5,"src":"x"}}""")]
    [TestCase("""{"":{"c":"US"},"mail":{"s":"granted","t":5,"src":"x"}}""", "AT", """{"":{"c":"AT"},"mail":{"s":"granted","t":5,"src":"x"}}""")]
    [TestCase("""{"":{"c":"US"},"mail":{"s":"granted","t":5,"src":"x"}}""", null, """{"mail":{"s":"granted","t":5,"src":"x"}}""")]
    [TestCase("{}", "US", """{"":{"c":"US"}}""")]
    [TestCase("{}", null, "{}")]
    public void Should_follow_a_person_who_moves(string stored, string? country, string expected) =>
        Assert.That(StoredConsent.WithPlace(stored, country is null ? default : new StoredPlace(country, null)), Is.EqualTo(expected));

    [Test]
    public void Should_stay_as_a_later_version_wrote_it_for_whoever_does_not_move()
    {
        const string Later = """{"":{"c":"US","zip":"94016"},"mail":{"s":"granted","t":5,"src":"x","by":"phone"}}""";
        Assert.That(StoredConsent.WithPlace(Later, new StoredPlace("US", null)), Is.EqualTo(Later));
    }

    [Test]
    public void Should_gain_a_state_in_the_order_of_purposes_and_keep_the_place()
    {
        PurposeConsent state = new("denied", DateTimeOffset.FromUnixTimeMilliseconds(7), "y");
        Assert.That(StoredConsent.With("""{"":{"c":"US"},"mail":{"s":"granted","t":5,"src":"x"}}""", "ads", state), Is.EqualTo("""{"":{"c":"US"},"ads":{"s":"denied","t":7,"src":"y"},"mail":{"s":"granted","t":5,"src":"x"}}"""));
        Assert.That(StoredConsent.With("""{"mail":{"s":"granted","t":5,"src":"x"}}""", "mail", state), Is.EqualTo("""{"mail":{"s":"denied","t":7,"src":"y"}}"""));
        Assert.That(StoredConsent.With(StoredConsent.Nothing, "mail", state), Is.EqualTo("""{"mail":{"s":"denied","t":7,"src":"y"}}"""));
    }

    [TestCase("""{"s":"granted","t":5,"src":"x"}""", DecidedStatus.Granted)]
    [TestCase("""{"s":"denied","t":5,"src":"x"}""", DecidedStatus.Denied)]
    [TestCase("""{"s":"expired","t":5,"src":"x"}""", DecidedStatus.Expired)]
    [TestCase("""{"s":"perhaps","t":5,"src":"x"}""", DecidedStatus.Denied)]
    [TestCase("""{"s":true,"t":5}""", DecidedStatus.Denied)]
    [TestCase("""{"t":5}""", DecidedStatus.Denied)]
    [TestCase("\"granted\"", DecidedStatus.Denied)]
    [TestCase("[\"granted\"]", DecidedStatus.Denied)]
    public void Should_say_no_where_no_yes_is_written(string state, DecidedStatus expected)
    {
        var stored = $$$"""{"before":{"s":"granted","t":1},"mail":{{{state}}},"sms":{"s":"granted","t":9}}""";
        Assert.That(Find(stored, "mail")!.Value.Status, Is.EqualTo(expected));
        Assert.That(Find(stored, "sms")!.Value, Is.EqualTo(new StoredDecision(DecidedStatus.Granted, DateTimeOffset.FromUnixTimeMilliseconds(9), null, false)), "what stands behind is read all the same");
        Assert.That((StoredConsent.Read(stored)["mail"].IsGranted, StoredConsent.Read(stored)["sms"].IsGranted), Is.EqualTo((expected == DecidedStatus.Granted, true)));
    }

    [TestCase("""{"s":"granted","t":"5","x":"6","e":"true","src":7}""", false)]
    [TestCase("""{"s":"granted","t":1.5,"x":1e30,"e":false,"src":null}""", false)]
    [TestCase("""{"s":"granted","t":{"at":5},"x":[6],"e":[true],"src":{"s":"denied"}}""", false)]
    [TestCase("""{"later":{"s":"denied","t":5,"x":6,"e":true,"src":"y"},"s":"granted"}""", false)]
    [TestCase("""{"s":"granted","e":true}""", true)]
    public void Should_take_nothing_of_another_kind_for_a_time_or_for_evidence(string state, bool evidence)
    {
        var stored = $$"""{"mail":{{state}}}""";
        Assert.That(Find(stored, "mail"), Is.EqualTo(new StoredDecision(DecidedStatus.Granted, DateTimeOffset.UnixEpoch, null, evidence)));
        Assert.That(StoredConsent.Read(stored)["mail"], Is.EqualTo(new PurposeConsent("granted", DateTimeOffset.UnixEpoch, "") { HasEvidence = evidence }));
    }

    [Test]
    public void Should_find_all_of_one_decision() =>
        Assert.That((Find(Full, "mail"), Find(Full, "sms")!.Value.Status, Find(Full, "post")), Is.EqualTo((new StoredDecision(DecidedStatus.Granted, _decided, _ends, true) as StoredDecision?, DecidedStatus.Denied, null as StoredDecision?)));

    [TestCase("""{"suppression:hard_bounce":{"s":"denied"},"mail":{"s":"denied"},"suppression:complaint":{"s":"denied"}}""", "hard_bounce complaint")]
    [TestCase("""{"suppression:hard_bounce":{"s":"granted"},"suppression:complaint":{"s":"expired"}}""", "")]
    [TestCase("""{"suppression:hard_bounce":"yes"}""", "hard_bounce")]
    [TestCase("""{"suppression:hard_bounce":["yes"],"suppression:complaint":{"s":"denied"}}""", "hard_bounce complaint")]
    [TestCase("""{"not_suppression:hard_bounce":{"s":"denied"}}""", "")]
    [TestCase("{}", "")]
    public void Should_name_the_reasons_to_leave_somebody_alone(string stored, string reasons) => Assert.That(string.Join(' ', StoredConsent.FindSuppressions(Encoding.UTF8.GetBytes(stored))), Is.EqualTo(reasons));

    [TestCase(Full, "US", "CA")]
    [TestCase("""{"":{"st":"CA","c":"US"}}""", "US", "CA")]
    [TestCase("""{"":{"c":"AT"},"mail":{"c":"DE"}}""", "AT", null)]
    [TestCase("""{"":{"c":["AT"],"st":{"c":"DE"},"z":"x"}}""", null, null)]
    [TestCase("""{"":{"z":"x","c":"AT"}}""", "AT", null)]
    [TestCase("""{"":{"z":["x"],"c":"AT"}}""", "AT", null)]
    [TestCase("""{"":{}}""", null, null)]
    [TestCase("""{"":"AT","mail":{"c":"DE"}}""", null, null)]
    [TestCase("""{"mail":{"c":"DE"},"":{"c":"AT"}}""", null, null)]
    [TestCase("{}", null, null)]
    public void Should_tell_where_somebody_lives(string stored, string? country, string? state) => Assert.That(StoredConsent.PlaceOf(Encoding.UTF8.GetBytes(stored)), Is.EqualTo(new StoredPlace(country, state)));

    [TestCase("[]")]
    [TestCase("7")]
    [TestCase("")]
    [TestCase("null")]
    public void Should_not_be_read_where_it_is_no_object(string stored)
    {
        Assert.That(() => StoredConsent.Read(stored), Throws.InstanceOf<JsonException>().With.Message.Not.Empty);
        Assert.That(() => Find(stored, "mail"), Throws.InstanceOf<JsonException>());
        Assert.That(() => StoredConsent.FindSuppressions(Encoding.UTF8.GetBytes(stored)), Throws.InstanceOf<JsonException>());
        Assert.That(() => StoredConsent.PlaceOf(Encoding.UTF8.GetBytes(stored)), Throws.InstanceOf<JsonException>());
    }

    [Test]
    public void Should_know_an_erased_person_and_a_grant_that_ends()
    {
        var erased = StoredConsent.With("{}", Suppression.PurposeOf(Suppression.Erased), Suppression.OfErased);
        Assert.That(erased, Is.EqualTo("""{"suppression:erased":{"s":"denied","t":0,"src":"erasure"}}"""));
        Assert.That((StoredConsent.IsErased(erased), StoredConsent.IsErased(Full), StoredConsent.HasEnds(Full), StoredConsent.HasEnds(erased)), Is.EqualTo((true, false, true, false)));
        Assert.That(Suppression.OfMerged, Is.EqualTo(new PurposeConsent("denied", DateTimeOffset.UnixEpoch, "identity")));
    }

    [TestCase("hard_bounce", "email", true)]
    [TestCase("hard_bounce", "EMAIL", true)]
    [TestCase("hard_bounce", "sms", false)]
    [TestCase("invalid_phone", "sms", true)]
    [TestCase("invalid_phone", "Email", false)]
    [TestCase("complaint", "sms", true)]
    [TestCase("hard_bounce", null, true)]
    [TestCase("invalid_phone", null, true)]
    public void Should_concern_the_channel_that_the_reason_is_about(string reason, string? channel, bool concerns) => Assert.That(Suppression.Concerns(reason, channel), Is.EqualTo(concerns));

    [TestCase("suppression:hard_bounce", true)]
    [TestCase("suppression:hard_bounces", false)]
    [TestCase("suppression:invalid_phone", false)]
    [TestCase("hard_bounce", false)]
    [TestCase("suppressing:hard_bounce", false)]
    public void Should_end_with_the_address_that_bounced(string purpose, bool ends) => Assert.That(Suppression.IsOfAddressAlone(purpose), Is.EqualTo(ends));

    [TestCase("""{"country":" US ","state":"CA"}""", "US", "CA")]
    [TestCase("""{"country":"US","state":7}""", "US", null)]
    [TestCase("""{"country":"US","state":" "}""", "US", null)]
    [TestCase("""{"country":"","state":"CA"}""", null, null)]
    [TestCase("""{"country":null,"state":"CA"}""", null, null)]
    [TestCase("""{"state":"CA"}""", null, null)]
    [TestCase("""{"city":"country"}""", null, null)]
    public void Should_take_the_place_from_the_attributes(string attributes, string? country, string? state) => Assert.That(StoredPlace.Of(attributes), Is.EqualTo(new StoredPlace(country, state)));

    [TestCase(64, true)]
    [TestCase(65, false)]
    public void Should_take_no_novel_for_a_country(int length, bool taken)
    {
        var text = new string('x', length);
        Assert.That(StoredPlace.Of($$"""{"country":"{{text}}"}""").Country, Is.EqualTo(taken ? text : null));
    }

    private static StoredDecision? Find(string stored, string purpose) => StoredConsent.Find(Encoding.UTF8.GetBytes(stored), Encoding.UTF8.GetBytes(purpose));
}
