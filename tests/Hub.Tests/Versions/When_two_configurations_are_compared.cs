using Hub.Tests.Configuration;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>What a change of the files means, as those read it who agree to it.</summary>
public sealed class When_two_configurations_are_compared
{
    private const string Braze = "destinations/braze.yaml";
    private const string Mapping = "mappings/braze.yaml";

    [Test]
    public void Should_find_nothing_in_the_same()
    {
        var comparison = Compare(_ => { });
        Assert.That((comparison.Changes, comparison.Privacy, comparison.Breaking), Is.EqualTo((Array.Empty<ConfigurationChange>(), Array.Empty<ConfigurationFinding>(), Array.Empty<ConfigurationFinding>())));
    }

    /// <summary>Somebody who only tidies up wakes nobody.</summary>
    [Test]
    public void Should_find_no_value_in_a_comment()
    {
        var comparison = Compare(files => files.Write("consent.yaml", files.Read("consent.yaml") + "\n# tidied\n"));
        Assert.That(comparison.Changes, Is.EqualTo(new[] { new ConfigurationChange("consent.yaml", "", "changed", null, null) }));
        Assert.That(comparison.Privacy, Is.Empty);
    }

    [Test]
    public void Should_name_a_value_by_the_field_that_it_is_of_wherever_it_stands_in_the_list()
    {
        var comparison = Compare(files => files
            .Replace(Mapping, "fields:\n", "fields:\n  - from: occupation\n    to: job\n    type: text\n    classification: personal\n")
            .Replace(Mapping, "formats: [MM/dd/yyyy, M/d/yyyy]", "formats: [yyyy-MM-dd]"));
        Assert.That(comparison.Changes.Select(change => (change.Key, change.Kind, change.Before, change.After)), Is.EquivalentTo(new[]
        {
            ("fields.dob.formats", "changed", "MM/dd/yyyy, M/d/yyyy", "yyyy-MM-dd"),
            ("fields.job.classification", "added", null, "personal"), ("fields.job.from", "added", null, "occupation"), ("fields.job.to", "added", null, "job"), ("fields.job.type", "added", (string?)null, "text"),
        }));
    }

    [TestCase("braze.job", "leaves_anew", "mappings/braze.yaml", "fields:\n", "fields:\n  - from: occupation\n    to: job\n    type: text\n    classification: personal\n", TestName = "{m}(a second field of what it has)")]
    [TestCase("braze", "purpose_dropped", Braze, "purposes: [email_marketing]", "purposes: []", TestName = "{m}(a purpose less)")]
    [TestCase("braze.product_viewed", "event_wider", Braze, "price: price }", "price: price, quantity: quantity }", TestName = "{m}(an event with more)")]
    [TestCase("consent.yaml", "consent_rules", "consent.yaml", "purposes:", "x: 1\npurposes:", TestName = "{m}(other rules of consent)")]
    public void Should_ask_about_what_may_newly_leave(string subject, string code, string file, string old, string text)
    {
        var comparison = Compare(files => files.Replace(file, old, text), mayBeWrong: true);
        Assert.That(comparison.Privacy.Select(finding => (finding.Subject, finding.Code)), Has.Member((subject, code)));
    }

    /// <summary>From nothing to everything: a destination that is new, and an audience that goes there.</summary>
    [Test]
    public void Should_ask_about_every_field_of_a_new_destination_and_who_goes_there()
    {
        using var files = new ConfigurationFixture();
        var (after, texts) = (files.LoadWell(), ConfigurationFiles.ReadFolder(files.Folder));
        var before = after with
        {
            Destinations = after.Destinations.Where(destination => destination.Key != "braze").ToDictionary(),
            Audiences = after.Audiences.ToDictionary(audience => audience.Key, audience => audience.Value with { Destinations = [.. audience.Value.Destinations.Except(["braze"])] }),
        };
        var (fresh, gone) = (ConfigurationComparison.Of(before, texts, after, texts), ConfigurationComparison.Of(after, texts, before, texts));
        Assert.That(fresh.Privacy.Select(finding => (finding.Code, finding.Subject)), Has.Member(("destination_new", "braze")).And.Member(("leaves_anew", "braze.dob")).And.Member(("audience_new", "braze.customers")));
        Assert.That((gone.Privacy.Count, gone.Breaking.Single().Code), Is.EqualTo((0, "destination_removed")));
    }

    [Test]
    public void Should_say_what_stops_and_what_is_another_thing_since()
    {
        var comparison = Compare(files => files
            .Replace(Mapping, "    to: dob\n    type: date\n    # Month first: 04/08/1966 is April 8th.\n    formats: [MM/dd/yyyy, M/d/yyyy]", "    to: birthday\n    type: text")
            .Replace(Braze, "  product_viewed:\n    name: product_viewed", "  product_seen:\n    name: product_viewed"));
        Assert.That(comparison.Breaking.Select(finding => (finding.Code, finding.Subject)), Is.EquivalentTo(new[] { ("field_stops", "braze.dob"), ("event_stops", "braze.product_viewed") }));
        Assert.That(comparison.Privacy.Select(finding => finding.Subject), Is.EquivalentTo(new[] { "braze.birthday", "braze.product_seen" }));
    }

    /// <summary>Canaries have addresses, and whoever is told of alerts has one.</summary>
    [Test]
    public void Should_show_no_value_that_may_be_somebodys()
    {
        var changes = ConfigurationComparison.ChangesOf(
            new Dictionary<string, string> { ["canaries.yaml"] = "canaries:\n  one: { email: a@example.org }\n", ["alerts.yaml"] = "to: b@example.org\n" },
            new Dictionary<string, string> { ["canaries.yaml"] = "canaries:\n  one: { email: c@example.org }\n", ["alerts.yaml"] = "to: d@example.org\n" }).ToList();
        Assert.That(changes, Has.Count.EqualTo(2).And.All.Property("Before").Null.And.All.Property("After").Null);
    }

    [Test]
    public void Should_ask_when_a_hash_becomes_the_value()
    {
        var comparison = Compare(files => files.Replace(Mapping, "    transforms: [trim, title_case]", "    transforms: [trim]"), before => before.Replace(Mapping, "    transforms: [trim, title_case]", "    transforms: [trim, hash]"), mayBeWrong: true);
        Assert.That(comparison.Privacy.Select(finding => finding.Code), Has.Member("hash_dropped"));
    }

    /// <summary>A field leaves as far as policy lets it, whatever the mapping says.</summary>
    [TestCase("drop", "send", "leaves_anew", false)]
    [TestCase("drop", "hash", "leaves_anew", false)]
    [TestCase("hash", "send", "hash_dropped", false)]
    [TestCase("send", "drop", null, true)]
    [TestCase("send", "hash", null, false)]
    public void Should_go_by_what_policy_lets_leave(string before, string after, string? asks, bool stops)
    {
        var (old, oldTexts) = Loaded(before);
        var (next, nextTexts) = Loaded(after);
        var comparison = ConfigurationComparison.Of(old, oldTexts, next, nextTexts);
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Privacy.Select(finding => finding.Code).Distinct(), Is.EqualTo(asks is null ? [] : new[] { asks }));
            Assert.That(comparison.Privacy.Select(finding => finding.Subject).Distinct().Count(), Is.EqualTo(asks is null ? 0 : old.Destinations.Count), "each destination that has a line");
            Assert.That(comparison.Breaking.Select(finding => finding.Code).Distinct(), Is.EqualTo(stops ? new[] { "field_stops" } : []));
        });

        static (HubConfiguration Configuration, ConfigurationFiles Files) Loaded(string handling)
        {
            using var files = new ConfigurationFixture();
            files.Write("policy.yaml", files.Read("policy.yaml").Replace("gender: send", $"gender: {handling}", StringComparison.Ordinal));
            return (files.LoadWell(), ConfigurationFiles.ReadFolder(files.Folder));
        }
    }

    [Test]
    public void Should_ask_before_people_are_created_where_only_those_who_are_there_were_written()
    {
        using var files = new ConfigurationFixture();
        var (always, texts) = (files.LoadWell(), ConfigurationFiles.ReadFolder(files.Folder));
        var never = always with { Destinations = always.Destinations.ToDictionary(one => one.Key, one => one.Value with { Create = CreationRule.Never }) };
        Assert.That(ConfigurationComparison.Of(never, texts, always, texts).Privacy.Select(finding => finding.Code).Distinct(), Is.EqualTo(new[] { "creates_people" }));
        Assert.That(ConfigurationComparison.Of(always, texts, never, texts).Privacy, Is.Empty);
    }

    /// <summary>Only changing places takes over what a shadow stated; and only that newly leaves.</summary>
    [TestCase("new: { of: old }", "old: { of: new }", "cut_over:new", "")]
    [TestCase("new: { of: old }", null, "", "shadow_removed:new")]
    [TestCase(null, "new: { of: old }", "", "shadow_added:new")]
    [TestCase("new: { of: old }", "other: { of: old }", "", "shadow_added:other,shadow_removed:new")]
    [TestCase("new: { of: old }", "new: { of: crm }", "", "")]
    public void Should_say_what_becomes_of_shadows(string? before, string? after, string asks, string breaks)
    {
        using ConfigurationFixture old = new(), next = new();
        Write(old, before);
        Write(next, after);
        var comparison = ConfigurationComparison.Of(old.LoadWell(), ConfigurationFiles.ReadFolder(old.Folder), next.LoadWell(), ConfigurationFiles.ReadFolder(next.Folder));
        Assert.That(string.Join(',', comparison.Privacy.Select(finding => $"{finding.Code}:{finding.Subject}")), Is.EqualTo(asks));
        Assert.That(string.Join(',', comparison.Breaking.Select(finding => $"{finding.Code}:{finding.Subject}")), Is.EqualTo(breaks));

        static void Write(ConfigurationFixture files, string? shadows)
        {
            if (shadows is not null)
            {
                files.Write("ownership.yaml", $"shadows:\n  {shadows}\n");
            }
        }
    }

    /// <summary>Names are identities, so another name for the same is an end and a begin, and whoever only meant a name is told.</summary>
    [Test]
    public void Should_say_what_looks_like_another_name()
    {
        using ConfigurationFixture before = new(), after = new();
        var text = after.Read("audiences/customers.yaml");
        after.Delete("audiences/customers.yaml").Write("audiences/buyers.yaml", text + "\n# renamed\n");
        var breaking = ConfigurationComparison.Of(before.LoadWell(), ConfigurationFiles.ReadFolder(before.Folder), after.LoadWell(), ConfigurationFiles.ReadFolder(after.Folder)).Breaking;
        Assert.That(breaking.Select(finding => (finding.Code, finding.Subject)), Is.EqualTo(new[] { ("audience_removed", "customers"), ("rename_unsaid", "audiences/buyers") }));
        Assert.That(breaking[1].Text, Does.Contain("sends everybody again").And.Contain("renames.yaml: audiences: { customers: buyers }"));
        after.Write("audiences/buyers.yaml", text.Replace("owner: crm-team", "owner: shop-team", StringComparison.Ordinal));
        Assert.That(ConfigurationComparison.Of(before.LoadWell(), ConfigurationFiles.ReadFolder(before.Folder), after.LoadWell(), ConfigurationFiles.ReadFolder(after.Folder)).Breaking.Select(finding => finding.Code), Has.None.EqualTo("rename_unsaid"), "what holds something else is something else");
    }

    /// <summary>Said, it is a name and nothing else; what else is changed is told as it is anyhow.</summary>
    [Test]
    public void Should_tell_another_name_as_that_and_nothing_else()
    {
        using ConfigurationFixture before = new(), after = new();
        after.Write("audiences/buyers.yaml", after.Read("audiences/customers.yaml")).Delete("audiences/customers.yaml").Write("renames.yaml", "audiences: { customers: buyers }\n")
            .Replace("consent.yaml", "list:customers", "list:buyers");
        var comparison = Compared();
        Assert.That((comparison.Privacy, comparison.Breaking), Is.EqualTo((Array.Empty<ConfigurationFinding>(), Array.Empty<ConfigurationFinding>())));
        Assert.That(comparison.Renames.Single(), Does.StartWith("The audience customers is called buyers:").And.Contain("Nobody is added, sent or removed"));
        Assert.That(comparison.Changes, Is.EqualTo(new[] { new ConfigurationChange("audiences/buyers.yaml", "", "renamed", "audiences/customers.yaml", "audiences/buyers.yaml"), new ConfigurationChange("renames.yaml", "", "added", null, null) }));

        after.Replace("audiences/buyers.yaml", "destinations: [braze, hubspot, marketo]", "destinations: [braze, hubspot]").Replace("audiences/buyers.yaml", "max_removal_share: 0.2", "max_removal_share: 0.5");
        comparison = Compared();
        Assert.That(comparison.Breaking.Select(finding => (finding.Code, finding.Subject)), Is.EqualTo(new[] { ("audience_left", "marketo.buyers") }));
        Assert.That(comparison.Changes.Select(change => change.Key), Is.EqualTo(new[] { "", "destinations", "guardrail.max_removal_share", "" }));

        ConfigurationComparison Compared() => ConfigurationComparison.Of(before.LoadWell(), ConfigurationFiles.ReadFolder(before.Folder), after.LoadWell(), ConfigurationFiles.ReadFolder(after.Folder));
    }

    /// <summary>A source takes along what it owns, may grant, shadows and rules over.</summary>
    [Test]
    public void Should_tell_another_name_of_a_source_as_that_and_nothing_else()
    {
        using ConfigurationFixture before = Named("web"), after = Named("shop").Write("renames.yaml", "sources: { web: shop }\n");
        var comparison = ConfigurationComparison.Of(before.LoadWell(), ConfigurationFiles.ReadFolder(before.Folder), after.LoadWell(), ConfigurationFiles.ReadFolder(after.Folder));
        Assert.That((comparison.Privacy, comparison.Breaking), Is.EqualTo((Array.Empty<ConfigurationFinding>(), Array.Empty<ConfigurationFinding>())));
        Assert.That(comparison.Renames.Single(), Does.StartWith("The source web is called shop:").And.Contain("is not taken in twice"));
        Assert.That(comparison.Changes, Is.EqualTo(new[] { new ConfigurationChange("sources/shop.yaml", "", "renamed", "sources/web.yaml", "sources/shop.yaml"), new ConfigurationChange("renames.yaml", "", "added", null, null) }));
        after.Delete("renames.yaml");
        var unsaid = ConfigurationComparison.Of(before.LoadWell(), ConfigurationFiles.ReadFolder(before.Folder), after.LoadWell(), ConfigurationFiles.ReadFolder(after.Folder));
        Assert.That(unsaid.Breaking.Single(finding => finding.Code == "rename_unsaid").Text, Does.Contain("write in renames.yaml: sources: { web: shop }"));

        static ConfigurationFixture Named(string source) => new ConfigurationFixture().Write($"sources/{source}.yaml", "dialect: census\nsignature: { scheme: bearer, secret: { file: shop.secret } }\n")
            .Write("shop.secret", "a secret of the shop that is long enough")
            .Write("ownership.yaml", $"attributes:\n  gender: {{ system_of_record: {source} }}\nshadows: {{ cdp: {{ of: {source} }} }}\n")
            .Write("identity.yaml", $"sources: {{ {source}: authoritative }}\n")
            .Replace("consent.yaml", "  \"*\": { may: [deny] }", $"  {source}: {{ may: [grant, deny] }}\n  \"*\": {{ may: [deny] }}");
    }

    /// <summary>A former name that stands for something, or does no more, with nothing called otherwise.</summary>
    [Test]
    public void Should_tell_when_a_former_name_begins_and_ends_to_count()
    {
        var begins = Compare(files => files.Write("renames.yaml", "audiences: { clients: customers }\n"));
        Assert.That(begins.Renames.Single(), Does.StartWith("What is stated of clients counts for customers.").And.Contain("Nothing that stands under clients is taken over"));
        using ConfigurationFixture before = new(), after = new();
        before.Write("renames.yaml", "audiences: { clients: customers }\n");
        var ends = ConfigurationComparison.Of(before.LoadWell(), ConfigurationFiles.ReadFolder(before.Folder), after.LoadWell(), ConfigurationFiles.ReadFolder(after.Folder));
        Assert.That(ends.Renames.Single(), Does.StartWith("clients is nobody's name any more"));
    }

    private static ConfigurationComparison Compare(Action<ConfigurationFixture> change, Action<ConfigurationFixture>? make = null, bool mayBeWrong = false)
    {
        using ConfigurationFixture before = new(), after = new();
        var old = before.LoadWell();
        change(after);
        var next = mayBeWrong ? Changed(old, after) : after.LoadWell();
        make?.Invoke(before);
        return ConfigurationComparison.Of(old, ConfigurationFiles.ReadFolder(before.Folder), next, ConfigurationFiles.ReadFolder(after.Folder));
    }

    /// <summary>What the files say, where that is no whole configuration.</summary>
    private static HubConfiguration Changed(HubConfiguration old, ConfigurationFixture files) => files.Load().Configuration ?? old with
    {
        Destinations = old.Destinations.ToDictionary(destination => destination.Key, destination => destination.Value with { Purposes = files.Read($"destinations/{destination.Key}.yaml").Contains("purposes: []", StringComparison.Ordinal) ? [] : destination.Value.Purposes }),
    };
}
