using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Reconciliation;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>The value counts, not how a vendor spells it.</summary>
public sealed class When_a_field_is_compared
{
    private static readonly TestCaseData[] _cases =
    [
        new(FieldValue.Of("Ann"), "\"Ann\"", true),
        new(FieldValue.Of("Ann "), "\"Ann\"", true),
        new(FieldValue.Of("Ann"), "\"ann\"", false),
        new(FieldValue.Of("Ann@Example.test"), "\"ann@example.test\"", true),
        new(FieldValue.Of("Ann"), null, false),
        new(FieldValue.Of(90_000m), "90000", true),
        new(FieldValue.Of(90_000m), "\"90000.0\"", true),
        new(FieldValue.Of(90_000m), "\"90001\"", false),
        new(FieldValue.Of(90_000m), "null", false),
        new(FieldValue.Of(true), "true", true),
        new(FieldValue.Of(true), "\"true\"", true),
        new(FieldValue.Of(true), "\"false\"", false),
        new(FieldValue.Of(false), null, false),
        new(FieldValue.Of(new DateOnly(1966, 4, 8)), "\"1966-04-08\"", true),
        new(FieldValue.Of(new DateOnly(1966, 4, 8)), "\"1966-04-08T00:00:00Z\"", true),
        new(FieldValue.Of(new DateOnly(1966, 4, 8)), "\"1966-04-09\"", false),
        new(FieldValue.Of(new DateTimeOffset(2026, 11, 27, 6, 0, 0, 500, TimeSpan.Zero)), "\"2026-11-27T06:00:00Z\"", true),
        new(FieldValue.Of(new DateTimeOffset(2026, 11, 27, 6, 0, 0, TimeSpan.Zero)), "\"2026-11-27T07:00:00+01:00\"", true),
        new(FieldValue.Of(new DateTimeOffset(2026, 11, 27, 6, 0, 0, TimeSpan.Zero)), "\"1795759200000\"", true),
        new(FieldValue.Of(new DateTimeOffset(2026, 11, 27, 6, 0, 0, TimeSpan.Zero)), "\"2026-11-27T06:01:00Z\"", false),
        new(FieldValue.Null, null, true),
        new(FieldValue.Null, "\"\"", true),
        new(FieldValue.Null, "\"x\"", false),
    ];

    [TestCaseSource(nameof(_cases))]
    public void Should_be_the_same_when_its_value_is(FieldValue written, string? told, bool isSame) => Assert.That(FieldComparison.IsSame(written, told), Is.EqualTo(isSame));
}
