using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Canaries;

/// <summary>Verdicts and alarms of the last trips.</summary>
public sealed class When_a_canary_is_told_of
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, CanaryConfiguration> _known = new()
    {
        ["anna"] = new()
        {
            Name = "anna", ExternalId = "canary-1", Email = "anna@birds.example", Attributes = new Dictionary<string, string>(), Stamp = "last_name", Consents = new Dictionary<string, string>(), Audience = "birds",
            Destinations = ["acme", "other"], Every = TimeSpan.FromHours(1), ShownWithin = TimeSpan.FromMinutes(15), ExpectedThere = [],
        },
    };

    [Test]
    public void Should_be_critical_where_more_is_shown_than_policy_allows_and_high_where_less_is()
    {
        var verdicts = Explain(Trip("acme", CanaryState.Leaked, [new(CanaryFinding.NotAllowed, "notes"), new(CanaryFinding.Different, "last_name")]), Trip("other", CanaryState.Missing, [new(CanaryFinding.NotThere, "person")]));
        var alarms = AlertRules.Of(verdicts, _now);
        Assert.That(alarms.Select(alarm => (alarm.Cause, alarm.Severity, alarm.Runbook)), Is.EqualTo(new[]
        {
            ("destination:acme:canary_leak:anna", AlertSeverity.Critical, "canaries"), ("destination:other:canary_missing:anna", AlertSeverity.High, "canaries"),
        }));
        Assert.That(alarms[0].Sentence, Does.Contain("not_allowed (notes)").And.Not.Contain("last_name"), "what is missing is not the leak");
        Assert.That(alarms[1].Sentence, Does.Contain("not_there (person)").And.Contain("canary anna"));
        Assert.That(verdicts.Select(verdict => (verdict.Kind, verdict.Action)), Is.All.EqualTo(("canary", "canaries show anna")));
    }

    [Test]
    public void Should_be_over_when_the_last_trip_went_well_and_when_she_travels_no_more()
    {
        Assert.That(Explain(Trip("acme", CanaryState.Fine, [])), Is.Empty);
        Assert.That(Explain(Trip("elsewhere", CanaryState.Leaked, [new(CanaryFinding.NotAllowed, "notes")])), Is.Empty);
        Assert.That(CanaryDiagnoser.Explain(new Situation(_now) { Canaries = [Trip("acme", CanaryState.Leaked, [])] }, new Dictionary<string, CanaryConfiguration>()), Is.Empty);
    }

    [Test]
    public void Should_be_no_cause_beside_a_trouble_that_is_known_and_explain_no_delay()
    {
        var dead = new Verdict(DiagnosisCode.Unauthorized, "No access.") { Kind = "backlog", Subject = "live", Destination = "acme", Lane = "live", Since = _now };
        var missing = Explain(Trip("acme", CanaryState.Missing, [new(CanaryFinding.Unreadable, "http_401")]));
        Assert.That(AlertRules.Of([dead, .. missing], _now).Select(alarm => alarm.Code), Is.EqualTo(new[] { DiagnosisCode.Unauthorized }));
        Assert.That(AlertRules.Of([dead, .. Explain(Trip("acme", CanaryState.Leaked, [new(CanaryFinding.NotAllowed, "notes")]))], _now).Select(alarm => alarm.Code), Has.Member(DiagnosisCode.CanaryLeak), "a leak is one whatever else is wrong");
        Assert.That(AlertRules.Late(AlertRules.Of(missing, _now)), Is.Empty);
    }

    private static Verdict[] Explain(params CanaryTrip[] trips) => [.. CanaryDiagnoser.Explain(new Situation(_now) { Canaries = trips }, _known)];

    private static CanaryTrip Trip(string destination, string state, IReadOnlyList<CanaryFinding> findings) =>
        new("anna", destination, _now.AddMinutes(-20), "Trip 1", _now.AddMinutes(-5)) { State = state, Findings = findings, LookedAt = _now, Looks = 4 };
}
