using IntegrationHub.Storage.Retention;

namespace Hub.Tests.Configuration;

/// <summary><c>facts.yaml</c>.</summary>
public sealed class When_event_types_are_described
{
    private const string Facts = "facts.yaml";

    [Test]
    public void Should_be_of_the_standard_class_where_nothing_is_said()
    {
        using var folder = new ConfigurationFixture();
        var some = folder.Write(Facts, "facts:\n  behavior_tracked: { owner: shop-team }\n").LoadWell().Facts;
        Assert.That(some.Values.Select(type => (type.Type, type.Owner, type.Retention, type.Slo)), Is.EqualTo(new[] { ("behavior_tracked", "shop-team", FactClass.Standard, (string?)null) }));
        Assert.That(folder.Delete(Facts).LoadWell().Facts, Is.Empty, "the file may be missing");
    }

    [Test]
    public void Should_know_the_sample()
    {
        using var folder = new ConfigurationFixture();
        var consent = folder.LoadWell().Facts["consent_updated"];
        Assert.That((consent.Owner, consent.Retention, consent.Slo), Is.EqualTo(("privacy-team", FactClass.Long, "live")));
    }

    [TestCase("facts:\n  behaviour_tracked: { retention: short }\n", 2, "There is no event type behaviour_tracked.", "behavior_tracked")]
    [TestCase("facts:\n  behavior_tracked: { retention: week }\n", 2, "facts.behavior_tracked.retention cannot be week.", "short, standard, long")]
    [TestCase("facts:\n  behavior_tracked:\n    retentoin: short\n", 3, "facts.behavior_tracked.retentoin is not a known key.", "retention")]
    [TestCase("facts:\n  behavior_tracked: { slo: Very Fast }\n", 2, "facts.behavior_tracked.slo is not a good name.", "")]
    [TestCase("types: {}\n", 1, "facts is missing.", "facts")]
    public void Should_say_what_is_wrong_and_where(string text, int line, string problem, string fix)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write(Facts, text).Load().Errors.First(e => e.File == Facts);
        Assert.That((error.Line, error.Problem), Is.EqualTo((line, problem)));
        Assert.That(error.Fix, Does.Contain(fix));
    }
}
