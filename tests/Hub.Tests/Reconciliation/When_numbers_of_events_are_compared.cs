using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>A difference within the stated tolerance is none; that a vendor counts more is none either, since others may tell it of events.</summary>
public sealed class When_numbers_of_events_are_compared
{
    [TestCase(1_000, 1_000, 0, null, null)]
    [TestCase(1_000, 999, 0, null, null)]
    [TestCase(1_000, 998, 0, null, FindingCause.NotAccounted)]
    [TestCase(10, 9, 0, null, FindingCause.NotAccounted)]
    [TestCase(10, 20, 0, null, null)]
    [TestCase(1_000, 1_000, 1_000, 980, null)]
    [TestCase(1_000, 1_000, 1_000, 979, FindingCause.FewerThere)]
    [TestCase(1_000, 1_000, 1_000, 5_000, null)]
    [TestCase(1, 1, 1, 0, FindingCause.FewerThere)]
    public void Should_be_a_finding_beyond_the_tolerance(long owed, long accounted, long happened, int? told, string? cause) => Assert.That(
        EventTolerance.CauseOf(new EventVolume("x", default, default, owed, accounted, 0, 0, happened, told)), Is.EqualTo(cause));
}
