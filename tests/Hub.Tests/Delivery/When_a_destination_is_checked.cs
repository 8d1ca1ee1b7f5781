using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;

namespace IntegrationHub.Hub.Tests.Delivery;

public sealed class When_a_destination_is_checked
{
    private AcmeConnector _connector = null!;

    [SetUp]
    public void Connect() => _connector = new AcmeConnector();

    [Test]
    public async Task Should_look_at_every_mapped_field()
    {
        IReadOnlyList<FieldUse> looked = [];
        _connector.Inspect = fields =>
        {
            looked = fields;
            return [];
        };
        Assert.That(await CheckAsync(), Has.Property("Ok").True.And.Property("FieldsInspected").EqualTo(2).And.Property("Findings").Empty);
        Assert.That(looked, Is.EqualTo(new[] { new FieldUse("id", FieldKind.Text), new FieldUse("town", FieldKind.Text) }));
    }

    [TestCase(DestinationTrouble.Unauthorized, "credentials")]
    [TestCase(DestinationTrouble.Misconfigured, "permissions")]
    [TestCase(DestinationTrouble.Throttled, "quota")]
    [TestCase(DestinationTrouble.Unavailable, "connection")]
    public async Task Should_fail_on_trouble_with_the_vendor_and_look_no_further(DestinationTrouble trouble, string what)
    {
        _connector.Check = new DestinationCondition(trouble, "code");
        _connector.Inspect = _ => throw new InvalidOperationException("not to be asked");
        await ShouldFindAsync(what, "code");
    }

    [Test]
    public async Task Should_fail_on_trouble_that_comes_while_fields_are_looked_at()
    {
        _connector.Inspect = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "http_503"));
        await ShouldFindAsync("connection", "http_503");
    }

    [Test]
    public async Task Should_fail_on_a_field_that_is_not_as_it_should_be()
    {
        _connector.Inspect = _ => [new FieldFinding("town", "field_missing", "There is none.", "Create it.")];
        await ShouldFindAsync("field", "field_missing");
    }

    private Task<CheckJson> CheckAsync() => DestinationCheck.RunAsync(Acme.Destination(_connector), CancellationToken.None);

    private async Task ShouldFindAsync(string what, string code)
    {
        var check = await CheckAsync();
        Assert.That(check.Ok, Is.False);
        Assert.That(check.Findings.Select(finding => (finding.Check, finding.Code, finding.Fix.Length > 0)), Is.EqualTo(new[] { (what, code, true) }));
    }
}
