using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Runs;

public sealed class When_somebody_asks_who_was_rejected
{
    private static readonly RunRecord Record = new(
        7, LedgerOutcome.Rejected, "integer_malformed", DateTimeOffset.UnixEpoch, "c-canary-77", "canary@example.test", null, """{"city":"Bonn","age":"canary"}""");

    [Test]
    public async Task Should_name_person_field_and_fix_and_no_value()
    {
        await using var destination = Acme.Destination(new AcmeConnector(), extra: [Acme.Dropped("age", MappedType.Integer) with { OnError = ErrorRule.Reject }]);
        var shown = RecordJson.From(Record, destination);

        Assert.Multiple(() =>
        {
            Assert.That((shown.ProfileId, shown.Key, shown.Field, shown.Code), Is.EqualTo((7L, "c…77", "age", "integer_malformed")));
            Assert.That(shown.Fix, Is.EqualTo(MappingFailures.FixOf("integer_malformed")).And.Not.Null);
            Assert.That(shown.ToString(), Does.Not.Contain("canary"));
        });
    }

    [Test]
    public async Task Should_name_no_field_of_somebody_who_changed_since()
    {
        await using var destination = Acme.Destination(new AcmeConnector());
        Assert.That(RecordJson.From(Record, destination).Field, Is.Null);
    }

    [Test]
    public void Should_name_line_and_column_of_a_row_that_was_not_read()
    {
        var shown = RecordJson.From(new SnapshotReject(12, "Mail", "key_too_long", "The field is longer than 320 characters.") { ExternalIds = ["c-canary-78"] });
        Assert.That((shown.Line, shown.Key, shown.Field, shown.Code, shown.Fix), Is.EqualTo((12L, "c…78", "Mail", "key_too_long", "The field is longer than 320 characters.")));
    }

    [Test]
    public void Should_have_a_fix_for_every_reason_of_the_mapping() =>
        Assert.That(Enum.GetValues<MappingFailure>().Where(failure => failure != MappingFailure.None).Select(failure => MappingFailures.FixOf(MappingFailures.CodeOf(failure))), Has.None.Null);
}
