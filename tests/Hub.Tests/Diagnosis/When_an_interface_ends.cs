using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Notices;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>What vendors announce and what they say beside answers is told in time, once per day of an end, and more urgently as it comes near.</summary>
public sealed class When_an_interface_ends
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Uri _page = new("https://vendor.example.test/end");

    [TestCase(91, null)]
    [TestCase(89, AlertSeverity.Low)]
    [TestCase(30, AlertSeverity.Medium)]
    [TestCase(7, AlertSeverity.High)]
    [TestCase(-20, AlertSeverity.High)]
    public void Should_be_told_of_what_is_announced_the_more_urgently_the_nearer_it_is(int days, string? severity)
    {
        var verdicts = Explain([], Announced(days));
        var alarm = AlertRules.Of(verdicts, _now).SingleOrDefault();
        Assert.That(alarm?.Severity, Is.EqualTo(severity));
        Assert.That(alarm?.Cause, Is.EqualTo(severity is null ? null : $"destination:acme:vendor_deprecation:announced {Day(days):yyyy-MM-dd}"));
        Assert.That(verdicts.Select(verdict => verdict.Sentence), Is.All.StartsWith($"acme: The old paths end. The day {(days < 0 ? "was" : "is")} {Day(days):yyyy-MM-dd}, and the hub calls POST /a, POST /b, POST /c, POST /d and 1 more. Upgrade."));
    }

    [Test]
    public void Should_make_no_alarm_of_an_end_without_a_day_but_show_it()
    {
        var announced = Announced(1) with { EndsOn = null };
        Assert.That(Explain([], announced), Is.Empty);
        Assert.That(EndingJson.Of("acme", [announced], []).Single(), Has.Property("At").Null.And.Property("Kind").EqualTo("announced").And.Property("Operations").Count.EqualTo(5));
    }

    [TestCase(60, AlertSeverity.Low)]
    [TestCase(3, AlertSeverity.High)]
    public void Should_be_told_once_of_all_that_ends_on_a_day(int days, string severity)
    {
        var at = _now.AddDays(days);
        StoredNotice[] said = [Said("POST /a", NoticeKind.Sunset, at), Said("POST /b", NoticeKind.Sunset, at.AddHours(1)), Said("POST /a", NoticeKind.Deprecation, null), Said("POST /b", NoticeKind.Deprecation, null)];
        var alarm = AlertRules.Of(Explain(said), _now).Single();
        Assert.That((alarm.Severity, alarm.Sentence.Contains("POST /a, POST /b ends on", StringComparison.Ordinal)), Is.EqualTo((severity, true)), "that it should not be called any more is no news then");
    }

    [Test]
    public void Should_be_low_where_no_end_is_named()
    {
        var alarms = AlertRules.Of(Explain([Said("POST /a", NoticeKind.Deprecation, _now.AddYears(-1)), Said("POST /b", NoticeKind.Warning, null) with { Code = "4711" }]), _now);
        Assert.That(alarms.Select(alarm => (alarm.Severity, alarm.Cause)), Is.EqualTo(new[]
        {
            (AlertSeverity.Low, "destination:acme:vendor_deprecation:deprecation"), (AlertSeverity.Low, "destination:acme:vendor_deprecation:warning 4711"),
        }));
        Assert.That(alarms[0].Sentence, Does.StartWith("acme: the vendor says with its answers that POST /a should not be called any more, since 2025-03-01, and names no day of its end. Install"));
        Assert.That(alarms[1].Sentence, Does.StartWith("acme: the vendor warns with the code 4711 in its answers to POST /b."));
        Assert.That(AlertRules.Late(alarms), Is.Empty, "it makes nothing late");
    }

    [Test]
    public void Should_tell_nothing_of_a_destination_that_is_gone() => Assert.That(Explain([Said("POST /a", NoticeKind.Warning, null) with { Destination = "former" }]), Is.Empty);

    [Test]
    public void Should_show_what_ends_first_in_front_and_the_same_words_once()
    {
        var shown = EndingJson.Of("acme", [Announced(90)], [Said("POST /a", NoticeKind.Sunset, _now.AddDays(9)), Said("POST /b", NoticeKind.Sunset, _now.AddDays(9)), Said("GET /c", NoticeKind.Deprecation, null), Said("GET /c", NoticeKind.Deprecation, null) with { Destination = "other" }]);
        Assert.That(shown.Select(ending => (ending.Kind, ending.Operations.Count, ending.Count)), Is.EqualTo(new[] { ("sunset", 2, 14L), ("announced", 5, 0L), ("deprecation", 1, 7L) }));
    }

    private static Verdict[] Explain(StoredNotice[] said, params Retirement[] announced) =>
        [.. EndingDiagnoser.Explain(new Situation(_now) { Notices = said }, new Dictionary<string, IReadOnlyList<Retirement>> { ["acme"] = announced })];

    private static Retirement Announced(int days) => new("The old paths end.", "Upgrade.", _page, new DateOnly(2026, 2, 1))
    {
        EndsOn = Day(days), Endpoints = [.. "abcde".Select(letter => new VendorEndpoint("POST", $"/{letter}", "v1", _page))],
    };

    private static DateOnly Day(int days) => DateOnly.FromDateTime(_now.UtcDateTime).AddDays(days);

    private static StoredNotice Said(string operation, string kind, DateTimeOffset? at) => new("acme", operation, kind, "", _now.AddDays(-2), _now, 7) { At = at };
}
