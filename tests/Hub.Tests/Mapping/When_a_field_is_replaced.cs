using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Tests.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Hub.Tests.Mapping;

/// <summary>A vendor's field that another one replaces is written beside it until a day.</summary>
public sealed class When_a_field_is_replaced
{
    private const string HubSpot = "mappings/hubspot.yaml";
    private static readonly DateTimeOffset _lastMoment = new(2027, 3, 31, 23, 59, 59, TimeSpan.Zero);

    [Test]
    public void Should_be_written_to_the_end_of_its_last_day_and_change_nobody_then()
    {
        var file = Mappings.File(false, Mappings.Identity, Mappings.Field("plan", "tier", MappedType.Text), Mappings.Field("plan", "plan_old", MappedType.Text) with { Until = new DateOnly(2027, 3, 31) });
        var (before, after) = (Map("gold", _lastMoment), Map("gold", _lastMoment.AddSeconds(1)));
        Assert.Multiple(() =>
        {
            Assert.That(before.Fields.Select(field => field.Name), Is.EqualTo(new[] { "tier", "plan_old" }));
            Assert.That(after.Fields.Select(field => field.Name), Is.EqualTo(new[] { "tier" }));
            Assert.That(after.ContentHash, Is.EqualTo(before.ContentHash), "nobody is told anew because a day has passed");
            Assert.That(Map("blue", _lastMoment.AddSeconds(1)).ContentHash, Is.Not.EqualTo(after.ContentHash));
        });

        MappedRecord Map(string plan, DateTimeOffset at) =>
            DestinationMapping.Compile(file, Mappings.Connector(), "id", FieldPolicy.OfMappingAlone, at: at).Map(new ProfileView("1", null, null, $$"""{"plan":"{{plan}}"}"""));
    }

    [Test]
    public void Should_end_with_the_day_while_a_hub_runs()
    {
        using var folder = new Configuration.ConfigurationFixture();
        var configuration = folder.Replace(HubSpot, "  - from: occupation\n", "  - { from: occupation, to: job_old, type: text, until: 2027-03-31 }\n  - from: occupation\n").LoadWell();
        var clock = new FakeTimeProvider(_lastMoment);
        var hubspot = configuration.Destinations["hubspot"];
        var rules = new DestinationRules(hubspot, configuration, Configuration.ConfigurationFixture.Connectors.Single(factory => factory.Descriptor.Name == "hubspot").Descriptor, clock);
        var (version, written) = (rules.PlanVersion, Written());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((rules.PlanVersion, Written()), Is.EqualTo((version, written - 1)));
        Assert.That(rules.MappedFields.Select(field => field.To), Does.Contain("occupation").And.Not.Contains("job_old"));

        int Written() => rules.Mapping.Map(new ProfileView("1", "a@example.test", null, """{"occupation":"baker"}""")).Fields.Count;
    }

    [Test]
    public void Should_be_said_once_it_is_over()
    {
        using var folder = new Configuration.ConfigurationFixture();
        var configuration = folder.Replace(HubSpot, "  - from: occupation\n", "  - { from: occupation, to: job_old, type: text, until: 2027-03-31 }\n  - from: occupation\n").LoadWell();
        Assert.That(MappingWarnings.Of(configuration, _lastMoment.AddDays(-31)), Is.Empty);
        Assert.That(MappingWarnings.Of(configuration, _lastMoment.AddDays(-30)), Has.One.StartsWith("mappings/hubspot.yaml: job_old is written for the last time on 2027-03-31; after that occupation alone holds it."));
        Assert.That(MappingWarnings.Of(configuration, _lastMoment), Has.Count.EqualTo(1), "on its last day too");
        Assert.That(MappingWarnings.Of(configuration, _lastMoment.AddSeconds(1)), Has.Some.StartsWith("mappings/hubspot.yaml: job_old is written no more since the end of 2027-03-31"));
    }

    [TestCase("", "until: 2027-03-31", "job_old is written until the end of 2027-03-31, UTC, beside occupation. Nobody is told anew")]
    [TestCase("until: 2027-03-31", "until: 2027-06-30", "job_old is written until the end of 2027-06-30, UTC, and not of 2027-03-31, beside occupation.")]
    [TestCase("until: 2027-03-31", "", "job_old, which was to end on 2027-03-31, is written for good.")]
    [TestCase("until: 2027-03-31", null, "job_old, which was to be written until 2027-03-31, is written no more at once")]
    [TestCase("until: 2027-03-31", "until: 2027-03-31", null)]
    public void Should_be_told_by_a_plan_that_changes_its_window(string before, string? after, string? told)
    {
        using var first = new Configuration.ConfigurationFixture();
        using var second = new Configuration.ConfigurationFixture();
        var windows = MigrationWindows.Changed(With(first, before), With(second, after));
        Assert.That(windows, told is null ? Is.Empty : Has.One.StartsWith($"mappings/hubspot.yaml: {told}"));

        static HubConfiguration With(Configuration.ConfigurationFixture folder, string? until) => (until is null
            ? folder
            : folder.Replace(HubSpot, "  - from: occupation\n", $"  - {{ from: occupation, to: job_old, type: text{(until.Length == 0 ? "" : $", {until}")} }}\n  - from: occupation\n")).LoadWell();
    }

    [Test]
    public void Should_be_said_of_each_mapping_by_its_name()
    {
        var last = new DateOnly(2027, 3, 31);
        FieldMapping[] fields =
        [
            Mappings.Field("plan", "old", MappedType.Text) with { Until = last }, Mappings.Field("plan", "tier", MappedType.Text), Mappings.Field("city", "level", MappedType.Text) with { Beside = ["plan"] },
            Mappings.Field("plan", "stage", MappedType.Text) with { Owner = FieldOwner.Vendor }, Mappings.Field("zip", "zip_old", MappedType.Text) with { Until = last },
        ];
        var hub = Hub(("b", fields), ("a", fields));
        Assert.That(MappingWarnings.Of(hub, _lastMoment), Is.EqualTo(new[]
        {
            "mappings/a.yaml: old is written for the last time on 2027-03-31; after that tier, level alone holds it. Let whatever reads old at the vendor read that by then (lists, workflows, reports), or write a later day.",
            "mappings/b.yaml: old is written for the last time on 2027-03-31; after that tier, level alone holds it. Let whatever reads old at the vendor read that by then (lists, workflows, reports), or write a later day.",
            "mappings/a.yaml: zip_old ends on 2027-03-31, and no other field is made of zip, so that the vendor would hear of it no more. Map it to the field that replaces it, or remove until.",
            "mappings/b.yaml: zip_old ends on 2027-03-31, and no other field is made of zip, so that the vendor would hear of it no more. Map it to the field that replaces it, or remove until.",
        }));
        Assert.That(MappingWarnings.Of(hub, _lastMoment.AddSeconds(1)).Take(4).Select(warning => warning.Split(" since")[0]), Is.EqualTo(new[]
        {
            "mappings/a.yaml: old is written no more", "mappings/a.yaml: zip_old is written no more", "mappings/b.yaml: old is written no more", "mappings/b.yaml: zip_old is written no more",
        }));
    }

    [Test]
    public void Should_be_told_by_a_plan_of_each_mapping_by_its_name()
    {
        FieldMapping Until(string from, string to, int month) => Mappings.Field(from, to, MappedType.Text) with { Until = new DateOnly(2027, month, 1) };
        var tier = Mappings.Field("plan", "tier", MappedType.Text);
        FieldMapping[] before = [Until("plan", "old", 3), tier, Until("zip", "gone", 4), Mappings.Field("street", "road", MappedType.Text)];
        FieldMapping[] after = [Until("plan", "old", 6), tier, Until("city", "town", 5)];
        Assert.That(MigrationWindows.Changed(Hub(("b", before), ("a", before), ("c", before)), Hub(("b", after), ("a", after))), Is.EqualTo(new[]
        {
            "mappings/a.yaml: old is written until the end of 2027-06-01, UTC, and not of 2027-03-01, beside tier.",
            "mappings/a.yaml: town is written until the end of 2027-05-01, UTC, and no other field holds the same then. Nobody is told anew when it ends, and the vendor keeps what it has there.",
            "mappings/b.yaml: old is written until the end of 2027-06-01, UTC, and not of 2027-03-01, beside tier.",
            "mappings/b.yaml: town is written until the end of 2027-05-01, UTC, and no other field holds the same then. Nobody is told anew when it ends, and the vendor keeps what it has there.",
            "mappings/a.yaml: gone, which was to be written until 2027-04-01, is written no more at once; the vendor keeps what it has there.",
            "mappings/b.yaml: gone, which was to be written until 2027-04-01, is written no more at once; the vendor keeps what it has there.",
        }), "a field without a last day and a mapping that is gone end no window");
    }

    [Test]
    public void Should_be_said_when_nothing_replaces_it()
    {
        using var folder = new Configuration.ConfigurationFixture();
        var configuration = folder.Replace(HubSpot, "    to: occupation\n", "    to: occupation\n    until: 2027-03-31\n").LoadWell();
        Assert.That(MappingWarnings.Of(configuration, _lastMoment), Has.Some.StartsWith("mappings/hubspot.yaml: occupation ends on 2027-03-31, and no other field is made of occupation"));
    }

    private static HubConfiguration Hub(params (string Name, FieldMapping[] Fields)[] mappings) => Acme.Hub() with
    {
        Mappings = mappings.ToDictionary(mapping => mapping.Name, mapping => Mappings.File(false, mapping.Fields) with { Name = mapping.Name }),
    };
}
