using IntegrationHub.Identity;

namespace Hub.Tests.Identity;

/// <summary>Keys, claims, decisions and patterns by themselves: how they are read, compared and put in order.</summary>
public sealed class When_keys_are_written_down
{
    private static readonly PersonKey _a = new(KeyKind.CrmId, "a");
    private static readonly PersonKey _b = new(KeyKind.CrmId, "b");
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [TestCase("external_id:a", KeyKind.ExternalId, "a")]
    [TestCase("crm_id:a:b", KeyKind.CrmId, "a:b")]
    [TestCase("email:Kim@X.test", KeyKind.Email, "Kim@X.test", Description = "as it was written, which is in its normal form already")]
    [TestCase("phone:+4930", KeyKind.Phone, "+4930")]
    [TestCase("account_id:7", KeyKind.AccountId, "7")]
    [TestCase("anonymous_id:7", KeyKind.AnonymousId, "7")]
    [TestCase("device_id:7", KeyKind.DeviceId, "7")]
    public void Should_be_read_as_they_were_written(string text, KeyKind kind, string value)
    {
        Assert.That(PersonKey.Read(text), Is.EqualTo(new PersonKey(kind, value)));
        Assert.That(PersonKey.Read(text).ToString(), Is.EqualTo(text));
        Assert.That(PersonKey.Words[(int)kind], Is.EqualTo(PersonKey.WordOf(kind)));
    }

    [TestCase("")]
    [TestCase(":a")]
    [TestCase("a")]
    [TestCase("fax:7")]
    public void Should_be_none_of_a_kind_that_nobody_knows(string text)
    {
        Assert.That((PersonKey.ReadOrNull(text), PersonKey.Parse(text)), Is.EqualTo((null as PersonKey?, null as PersonKey?)));
        Assert.That(() => PersonKey.Read(text), Throws.InstanceOf<FormatException>().With.Message.Contains("no key"));
    }

    [TestCase("email: Kim@X.test ", "email:kim@x.test")]
    [TestCase("crm_id: Kim ", "crm_id:Kim")]
    public void Should_be_brought_into_the_normal_form_of_their_kind(string text, string key) => Assert.That(PersonKey.Parse(text)!.Value.ToString(), Is.EqualTo(key));

    [Test]
    public void Should_be_in_one_order()
    {
        Assert.That((_a < _b, _b < _a, _a < new PersonKey(_a.Kind, "a")), Is.EqualTo((true, false, false)));
        Assert.That((_a > _b, _b > _a, _a > new PersonKey(_a.Kind, "a")), Is.EqualTo((false, true, false)));
        Assert.That((_a <= _b, _b <= _a, _a <= new PersonKey(_a.Kind, "a")), Is.EqualTo((true, false, true)));
        Assert.That((_a >= _b, _b >= _a, _a >= new PersonKey(_a.Kind, "a")), Is.EqualTo((false, true, true)));
        Assert.That(new PersonKey(KeyKind.ExternalId, "z"), Is.LessThan(_a), "the kind comes first");
    }

    [Test]
    public void Should_be_claimed_together_whatever_comes_first()
    {
        Assert.That(IdentityClaim.Of(_b, _a, 5), Is.EqualTo(IdentityClaim.Of(_a, _b, 5)));
        Assert.That(IdentityClaim.Of(_b, _a, 5), Is.EqualTo(new IdentityClaim(_a, _b, 5, 5)));
        Assert.That(new IdentityClaim(_a, _b, 3, 5).Join(new IdentityClaim(_a, _b, 4, 9)), Is.EqualTo(new IdentityClaim(_a, _b, 3, 9)));
        Assert.That(new IdentityClaim(_a, _b, 4, 9).Join(new IdentityClaim(_a, _b, 3, 5)), Is.EqualTo(new IdentityClaim(_a, _b, 3, 9)));
    }

    [TestCase(3, 5, true)]
    [TestCase(4, 4, true)]
    [TestCase(2, 5, false)]
    [TestCase(3, 6, false)]
    [TestCase(1, 9, false)]
    public void Should_be_covered_by_a_claim_of_more_days(int first, int last, bool covered) => Assert.That(new IdentityClaim(_a, _b, 3, 5).Covers(new IdentityClaim(_a, _b, first, last)), Is.EqualTo(covered));

    [TestCase("1970-01-01T00:00:00Z", 0)]
    [TestCase("1970-01-01T23:59:59Z", 0)]
    [TestCase("1969-12-31T23:59:59Z", -1)]
    [TestCase("2026-03-01T00:30:00+01:00", 20_512)]
    public void Should_count_days_in_utc(string at, int day) => Assert.That(IdentityClaim.DayOf(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(day));

    [Test]
    public void Should_be_decided_about_whatever_comes_first()
    {
        Assert.That(IdentityDecision.Of(IdentityVerdict.Merge, _b, _a, _noon), Is.EqualTo(new IdentityDecision(IdentityVerdict.Merge, _a, _b, _noon)));
        Assert.That(IdentityDecision.Of(IdentityVerdict.Merge, _a, _b, _noon), Is.EqualTo(new IdentityDecision(IdentityVerdict.Merge, _a, _b, _noon)));
        Assert.That(IdentityDecision.Read("unmerge", "crm_id:a", "crm_id:b", _noon), Is.EqualTo(new IdentityDecision(IdentityVerdict.Unmerge, _a, _b, _noon)));
        Assert.That(new[] { IdentityDecision.Read("marry", "crm_id:a", "crm_id:b", _noon), IdentityDecision.Read("merge", "fax:a", "crm_id:b", _noon), IdentityDecision.Read("merge", "crm_id:a", "fax:b", _noon) }, Has.All.Null);
    }

    [TestCase(IdentityVerdict.Merge, 1, IdentityVerdict.Unmerge, 0, true, Description = "the later")]
    [TestCase(IdentityVerdict.Unmerge, 0, IdentityVerdict.Merge, 1, false)]
    [TestCase(IdentityVerdict.Unmerge, 0, IdentityVerdict.Merge, 0, true, Description = "of two at once the one that joins less")]
    [TestCase(IdentityVerdict.Merge, 0, IdentityVerdict.Unmerge, 0, false)]
    [TestCase(IdentityVerdict.Block, 0, IdentityVerdict.Unblock, 0, true)]
    [TestCase(IdentityVerdict.Unblock, 0, IdentityVerdict.Block, 0, false)]
    [TestCase(IdentityVerdict.Merge, 0, IdentityVerdict.Merge, 0, false)]
    public void Should_beat_another_decision(IdentityVerdict one, int minute, IdentityVerdict other, int otherMinute, bool beats) =>
        Assert.That(new IdentityDecision(one, _a, _b, _noon.AddMinutes(minute)).Beats(new IdentityDecision(other, _a, _b, _noon.AddMinutes(otherMinute))), Is.EqualTo(beats));

    [TestCase("email:noreply@*", "noreply@x.test", true)]
    [TestCase("email:noreply@*", "NoReply@x.test", true)]
    [TestCase("email:noreply@*", "reply@x.test", false)]
    [TestCase("crm_id:test\\*", "test\\1", true)]
    [TestCase("crm_id:test\\*", "test1", false)]
    [TestCase("crm_id:test*", "TEST1", false)]
    public void Should_look_like_a_pattern(string pattern, string value, bool matches)
    {
        var parsed = KeyPattern.Parse(pattern)!;
        Assert.That(parsed.Matches(PersonKey.Of(parsed.Kind, value)!.Value), Is.EqualTo(matches));
        Assert.That(parsed.Matches(new PersonKey(KeyKind.DeviceId, value)), Is.False, "another kind");
        Assert.That(parsed.ToString(), Is.EqualTo(pattern));
    }

    [TestCase("email:*")]
    [TestCase("email:**")]
    [TestCase("email")]
    [TestCase("fax:7")]
    public void Should_block_nobody_by_a_pattern_that_is_none_or_everybody(string pattern) => Assert.That(KeyPattern.Parse(pattern), Is.Null);

    [Test]
    public void Should_come_in_the_order_in_which_they_tell_people()
    {
        var rules = IdentityRules.Default;
        KeyKind[] kinds = [.. Enum.GetValues<KeyKind>().OrderBy(rules.PrecedenceOf)];
        Assert.That(kinds, Is.EqualTo(new[] { KeyKind.ExternalId, KeyKind.CrmId, KeyKind.Email, KeyKind.Phone, KeyKind.DeviceId, KeyKind.AnonymousId, KeyKind.AccountId }));
        Assert.That(Enum.GetValues<KeyKind>().Where(kind => !rules.TellsPeople(kind)), Is.EqualTo(new[] { KeyKind.AccountId }));
        Assert.That((rules.PrecedenceOf(KeyKind.ExternalId), rules.PrecedenceOf(KeyKind.AccountId)), Is.EqualTo((int.MinValue, int.MaxValue)));
        Assert.That(rules.Compare(_b, new PersonKey(KeyKind.Email, "a")), Is.Negative);
        Assert.That(rules.Compare(_a, _b), Is.Negative);
        Assert.That(rules.Keys[KeyKind.Email], Is.EqualTo(new KeyRule(3, 5, 180)));
    }

    [Test]
    public void Should_be_composed_unless_half_a_letter_stands_in_them()
    {
        Assert.That(new[] { "u\u0308", "plain", "\U0001F600 u\u0308", "u\u0308 \U0001F600" }.Select(ComposedText.Of), Is.EqualTo(new[] { "\u00FC", "plain", "\U0001F600 \u00FC", "\u00FC \U0001F600" }));
        foreach (var broken in new[] { "\uD83D u\u0308", "u\u0308 \uD83D", "\uDE00 u\u0308", "\uD83D\uD83D u\u0308", "\U0001F600\U0001F600\uDE00 u\u0308", "u\u0308\uDE00", "\uD83D" })
        {
            Assert.That(ComposedText.Of(broken), Is.EqualTo(broken), "it has no such form and stays");
        }
    }
}
