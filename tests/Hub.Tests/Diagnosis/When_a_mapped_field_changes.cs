using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Fields;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>What may let a delivery fail is told, as long as it is of use; all else that vendors change is not.</summary>
public sealed class When_a_mapped_field_changes
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly FieldShape _was = new(FieldState.There, "string", 255, false);

    private static IEnumerable<TestCaseData> Changes()
    {
        yield return Case("is gone", _was with { State = FieldState.Gone }, staysTold: true);
        yield return Case("is archived, what is written to it is dropped", _was with { State = FieldState.Archived }, staysTold: true);
        yield return Case("cannot be written any more", _was with { IsReadOnly = true }, staysTold: true);
        yield return Case("was of type string and is of type number", _was with { Type = "number" }, staysTold: false);
        yield return Case("took 255 characters and takes 100", _was with { Length = 100 }, staysTold: false);
        yield return Case(null, _was with { Length = 300 }, staysTold: false);
        yield return Case(null, _was with { Length = null }, staysTold: false);

        static TestCaseData Case(string? word, FieldShape shape, bool staysTold) => new TestCaseData(word, shape, staysTold).SetArgDisplayNames(word ?? $"{shape.Length}");
    }

    [TestCaseSource(nameof(Changes))]
    public void Should_be_told_when_it_may_do_harm(string? word, object shape, bool staysTold)
    {
        var version = new FieldVersion("acme", "town", _now.AddDays(-1), (FieldShape)shape, _was);
        Assert.That(Explain(version).Select(verdict => verdict.Sentence), word is null ? Is.Empty : Has.One.Contains($": town {word}."));
        Assert.That(Explain(version with { SeenAt = _now.AddDays(-15) }), Has.Length.EqualTo(staysTold ? 1 : 0));
        Assert.That(Explain(version with { Name = "unmapped" }), Is.Empty);
        Assert.That(Explain(version with { Destination = "former" }), Is.Empty);
    }

    [Test]
    public void Should_be_one_cause_for_a_destination_and_name_only_some()
    {
        string[] names = ["a", "b", "c", "d", "e", "f", "g"];
        var alarm = AlertRules.Of(Explain([.. names.Select(name => new FieldVersion("acme", name, _now, _was with { State = FieldState.Gone }, _was))]), _now).Single();
        Assert.That((alarm.Cause, alarm.Severity), Is.EqualTo(("destination:acme:vendor_drift:mapped fields", AlertSeverity.Medium)));
        Assert.That(alarm.Sentence, Does.Contain("e is gone; and 2 more. 'destinations check acme'"));
    }

    private static Verdict[] Explain(params FieldVersion[] versions) =>
        [.. FieldDiagnoser.Explain(new Situation(_now) { Fields = versions }, new Dictionary<string, IReadOnlySet<string>> { ["acme"] = new HashSet<string>(["town", "a", "b", "c", "d", "e", "f", "g"]) })];
}
