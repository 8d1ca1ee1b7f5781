using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Tests.Identity;

/// <summary>The law of identity, rule by rule.</summary>
public sealed class When_people_are_told_by_their_keys
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly List<IdentityClaim> _claims = [];
    private readonly List<IdentityDecision> _decisions = [];

    [SetUp]
    public void Forget()
    {
        _claims.Clear();
        _decisions.Clear();
    }

    [Test]
    public void Should_hold_what_one_person_claims()
    {
        State("external_id:c1", "email:kim@x.test");
        State("email:kim@x.test", "anonymous_id:a1");
        Assert.That(PersonOf("anonymous_id:a1"), Is.EqualTo("external_id:c1"), "by the address");
        Assert.That(Resolve().ByFirstKey[Key("external_id:c1")], Has.Exactly(3).Items);
    }

    [Test]
    public void Should_contest_what_two_people_claim()
    {
        State("external_id:c1", "email:kim@x.test");
        State("external_id:c2", "email:kim@x.test");
        State("email:kim@x.test", "anonymous_id:a1");
        Assert.That(Stand("email:kim@x.test").State, Is.EqualTo(KeyState.Contested));
        Assert.That(Stand("email:kim@x.test").Candidates, Is.EqualTo(new[] { Key("external_id:c1"), Key("external_id:c2") }));
        Assert.That(PersonOf("anonymous_id:a1"), Is.EqualTo("anonymous_id:a1"), "a contested key joins nobody");
    }

    [Test]
    public void Should_free_an_address_that_nobody_used_so_long()
    {
        State(0, "external_id:c1", "email:kim@x.test");
        State(180, "external_id:c2", "email:kim@x.test");
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c2"));
        State(1, "external_id:c1", "email:kim@x.test");
        Assert.That(Stand("email:kim@x.test").State, Is.EqualTo(KeyState.Contested), "179 days");
    }

    [Test]
    public void Should_group_keys_of_nobody_and_let_the_group_join_the_only_one()
    {
        State("anonymous_id:a1", "device_id:d1");
        State("email:kim@x.test", "anonymous_id:a1");
        Assert.That(PersonOf("device_id:d1"), Is.EqualTo("email:kim@x.test"), "the first key by precedence names somebody anonymous");
        State("external_id:c1", "device_id:d1");
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c1"));
    }

    [Test]
    public void Should_leave_a_group_alone_that_was_stated_with_two_people()
    {
        State("external_id:c1", "device_id:d1");
        State("external_id:c2", "device_id:d2");
        State("email:kim@x.test", "device_id:d1");
        State("email:kim@x.test", "device_id:d2");
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("email:kim@x.test"));
    }

    [Test]
    public void Should_keep_the_most_recent_keys_of_which_a_person_has_few()
    {
        State(1, "external_id:c1", "crm_id:s1");
        State(2, "external_id:c1", "crm_id:s2");
        Assert.That((Stand("crm_id:s1").State, PersonOf("crm_id:s2")), Is.EqualTo((KeyState.Contested, "external_id:c1")));
        State(2, "external_id:c1", "crm_id:s1");
        Assert.That((Stand("crm_id:s1").State, Stand("crm_id:s2").State), Is.EqualTo((KeyState.Contested, KeyState.Contested)), "which of the two would be a guess");
    }

    [Test]
    public void Should_let_nobody_join_by_a_blocked_key()
    {
        var rules = IdentityRules.Default with { Blocked = [KeyPattern.Parse("email:noreply@*")!] };
        State("external_id:c1", "email:noreply@shop.test");
        State("email:noreply@shop.test", "anonymous_id:a1");
        Assert.That(Resolve(rules).Keys[Key("email:noreply@shop.test")].State, Is.EqualTo(KeyState.Blocked));
        Assert.That(Resolve(rules).Keys[Key("anonymous_id:a1")].Person, Is.EqualTo(Key("anonymous_id:a1")));
    }

    [Test]
    public void Should_block_what_more_people_had_than_share_an_address()
    {
        for (var person = 1; person <= 6; person++)
        {
            Assert.That(person == 1 || Stand("email:office@x.test").State == (person == 2 ? KeyState.Held : KeyState.Contested));
            State($"external_id:c{person}", "email:office@x.test");
        }

        Assert.That(Stand("email:office@x.test").State, Is.EqualTo(KeyState.Blocked));
        Decide(IdentityVerdict.Unblock, "email:office@x.test");
        Assert.That(Stand("email:office@x.test").State, Is.EqualTo(KeyState.Contested));
    }

    [Test]
    public void Should_contest_all_of_more_keys_than_a_person_has_that_were_stated_the_same_day()
    {
        string[] addresses = [.. Enumerable.Range(1, 6).Select(i => $"email:kim{i}@x.test")];
        foreach (var address in addresses)
        {
            State("external_id:c1", address);
        }

        Assert.That(addresses.Select(address => Stand(address).State), Is.All.EqualTo(KeyState.Contested), "which of them would be a guess");
    }

    [TestCase(200, KeyState.Held)]
    [TestCase(201, KeyState.Blocked)]
    public void Should_block_what_was_stated_with_too_many_keys_to_walk_through(int keys, KeyState state)
    {
        for (var visitor = 1; visitor <= keys; visitor++)
        {
            State("device_id:kiosk", $"anonymous_id:a{visitor}");
        }

        Assert.That(Resolve(IdentityRules.Default with { Keys = IdentityRules.Default.Keys.ToDictionary(rule => rule.Key, rule => rule.Value with { PerPerson = 1000 }) }).Keys[Key("device_id:kiosk")].State, Is.EqualTo(state));
    }

    [Test]
    public void Should_not_take_an_account_for_a_person()
    {
        State("external_id:c1", "account_id:acme");
        State("external_id:c2", "account_id:acme");
        State("account_id:acme", "anonymous_id:a1");
        Assert.That(Resolve().Keys, Is.Empty, "a group, by which nobody is told");
    }

    [Test]
    public void Should_follow_the_newest_decision_about_two_keys()
    {
        State("external_id:c1", "email:kim@x.test");
        State("external_id:c2", "email:kim@x.test");
        Decide(IdentityVerdict.Merge, "external_id:c2", "external_id:c1");
        Assert.That((PersonOf("external_id:c2"), PersonOf("email:kim@x.test")), Is.EqualTo(("external_id:c1", "external_id:c1")));
        Decide(IdentityVerdict.Unmerge, "external_id:c1", "external_id:c2");
        Assert.That(PersonOf("external_id:c2"), Is.EqualTo("external_id:c2"));
        Decide(IdentityVerdict.Assign, "external_id:c2", "email:kim@x.test");
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c2"));
        Decide(IdentityVerdict.Block, "email:kim@x.test");
        Assert.That(Stand("email:kim@x.test").State, Is.EqualTo(KeyState.Blocked));
    }

    [Test]
    public void Should_split_a_key_off_that_is_not_the_persons()
    {
        State("external_id:c1", "email:kim@x.test");
        Decide(IdentityVerdict.Unmerge, "external_id:c1", "email:kim@x.test");
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("email:kim@x.test"));
    }

    [Test]
    public void Should_heed_no_decision_about_keys_that_tell_nobody()
    {
        State("external_id:c1", "email:kim@x.test");
        Decide(IdentityVerdict.Assign, "external_id:c1", "device_id:d1");
        Decide(IdentityVerdict.Unblock, "anonymous_id:a1");
        var rules = IdentityRules.Default with { Keys = new Dictionary<KeyKind, KeyRule> { [KeyKind.Email] = new(3, 5) } };
        Assert.That(Resolve(rules).Keys.Keys, Is.EquivalentTo(new[] { Key("external_id:c1"), Key("email:kim@x.test") }));
    }

    [Test]
    public void Should_assign_a_key_to_whom_it_was_assigned_last()
    {
        Decide(IdentityVerdict.Assign, "external_id:c2", "email:kim@x.test");
        Decide(IdentityVerdict.Assign, "external_id:c1", "email:kim@x.test");
        var same = _decisions.ConvertAll(decision => decision with { At = _noon });
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c1"), "the later");
        _decisions.Reverse();
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c1"), "whatever comes first");
        _decisions[1] = _decisions[1] with { At = _noon.AddDays(1) };
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c2"));
        foreach (var order in new[] { same, [.. Enumerable.Reverse(same)] })
        {
            _decisions.Clear();
            _decisions.AddRange(order);
            Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c1"), "of two at once the key that sorts first");
        }
    }

    [Test]
    public void Should_count_every_key_of_a_person_before_an_address_is_free()
    {
        State(0, "external_id:c1", "crm_id:s1");
        State(0, "external_id:c1", "email:kim@x.test");
        State(100, "crm_id:s1", "email:kim@x.test");
        State(250, "external_id:c2", "email:kim@x.test");
        Assert.That(Stand("email:kim@x.test").State, Is.EqualTo(KeyState.Contested), "150 days since c1 used it last, by another key");
        _claims.Clear();
        State(0, "external_id:c1", "email:kim@x.test");
        State(0, "external_id:c2", "crm_id:s2");
        State(150, "external_id:c2", "email:kim@x.test");
        State(300, "crm_id:s2", "email:kim@x.test");
        Assert.That(Stand("email:kim@x.test").State, Is.EqualTo(KeyState.Contested), "c2 used it 150 days after c1 first");
    }

    [Test]
    public void Should_count_the_whole_time_of_every_key_before_an_address_is_free()
    {
        State(0, "external_id:c1", "crm_id:s1");
        State(50, "crm_id:s1", "email:kim@x.test");
        State(100, "crm_id:s1", "email:kim@x.test");
        State(60, "external_id:c1", "email:kim@x.test");
        State(250, "external_id:c2", "email:kim@x.test");
        Assert.That(Stand("email:kim@x.test").State, Is.EqualTo(KeyState.Contested), "150 days since c1 used it last");
    }

    [Test]
    public void Should_be_whose_somebody_said_whoever_claims_the_key_alone()
    {
        State("external_id:c1", "email:kim@x.test");
        Decide(IdentityVerdict.Assign, "external_id:c2", "email:kim@x.test");
        Assert.That(PersonOf("email:kim@x.test"), Is.EqualTo("external_id:c2"));
    }

    [Test]
    public void Should_ask_kinds_of_one_precedence_in_their_order()
    {
        var rules = IdentityRules.Default with { Keys = new Dictionary<KeyKind, KeyRule> { [KeyKind.Phone] = new(3, 5), [KeyKind.Email] = new(3, 5) } };
        foreach (var person in new[] { "1", "2" })
        {
            State($"external_id:c{person}", $"email:kim{person}@x.test");
            State($"email:kim{person}@x.test", "phone:+4930901820");
        }

        Assert.That(Resolve(rules).Keys[Key("phone:+4930901820")].Candidates, Is.EqualTo(new[] { Key("external_id:c1"), Key("external_id:c2") }), "addresses tell whose a phone is");
    }

    [Test]
    public void Should_keep_the_most_recent_of_many_whatever_their_order()
    {
        foreach (var i in Enumerable.Range(1, 6))
        {
            State(10 - i, "external_id:c1", $"email:kim{i}@x.test");
        }

        Assert.That(Enumerable.Range(1, 6).Where(i => Stand($"email:kim{i}@x.test").State != KeyState.Held), Is.EqualTo(new[] { 6 }));
    }

    [Test]
    public void Should_name_nobody_known_by_the_key_that_tells_people_first()
    {
        State("anonymous_id:a1", "device_id:d1");
        Assert.That(PersonOf("anonymous_id:a1"), Is.EqualTo("device_id:d1"), "by precedence, and not by the order of kinds");
    }

    [TestCase(200, KeyState.Held)]
    [TestCase(201, KeyState.Blocked)]
    public void Should_block_it_whichever_of_the_keys_sorts_first(int keys, KeyState state)
    {
        for (var i = 1; i <= keys; i++)
        {
            State("crm_id:shared", $"anonymous_id:a{i}");
        }

        Assert.That(Stand("crm_id:shared").State, Is.EqualTo(state));
    }

    private static PersonKey Key(string text) => PersonKey.Parse(text)!.Value;

    private void State(params string[] keys) => State(0, keys);

    private void State(int day, params string[] keys) => _claims.Add(IdentityClaim.Of(Key(keys[0]), Key(keys[1]), day));

    private void Decide(IdentityVerdict verdict, string one, string? other = null) =>
        _decisions.Add(IdentityDecision.Of(verdict, Key(one), Key(other ?? one), _noon.AddMinutes(_decisions.Count)));

    private People Resolve(IdentityRules? rules = null) => IdentityLaw.Resolve([], _claims, _decisions, rules ?? IdentityRules.Default);

    private ResolvedKey Stand(string key) => Resolve().Keys[Key(key)];

    private string? PersonOf(string key) => Stand(key).Person?.ToString();
}
