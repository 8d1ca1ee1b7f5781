using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.HubSpot;

namespace Connectors.Tests.HubSpot;

public sealed class When_fields_are_inspected
{
    private HubSpotAccount _account = null!;

    [SetUp]
    public async Task StartAsync() => _account = await HubSpotAccount.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [TestCase("firstname", FieldKind.Text, null)]
    [TestCase("firstname", FieldKind.Instant, null)]
    [TestCase("annual_income", FieldKind.Number, null)]
    [TestCase("annual_income", FieldKind.Null, null)]
    [TestCase("annual_income", FieldKind.Text, "field_type_differs")]
    [TestCase("date_of_birth", FieldKind.Date, null)]
    [TestCase("date_of_birth", FieldKind.Instant, "field_type_differs")]
    [TestCase("last_seen", FieldKind.Instant, null)]
    [TestCase("last_seen", FieldKind.Date, "field_type_differs")]
    [TestCase("home_owner", FieldKind.Boolean, null)]
    [TestCase("home_owner", FieldKind.Number, "field_type_differs")]
    [TestCase("tier", FieldKind.Text, null)]
    [TestCase("tier", FieldKind.Boolean, "field_type_differs")]
    [TestCase("score", FieldKind.Number, "field_read_only")]
    [TestCase("hs_object_id", FieldKind.Text, "field_read_only")]
    [TestCase("shoe_size", FieldKind.Number, "field_missing")]
    public async Task Should_hold_a_field_against_the_property(string name, FieldKind kind, string? code)
    {
        _account.HubSpot.AddProperty(new HubSpotProperty { Name = "last_seen", Type = HubSpotType.Instant });
        _account.HubSpot.AddProperty(new HubSpotProperty { Name = "tier", Type = HubSpotType.Enumeration, Options = ["gold"] });
        _account.HubSpot.AddProperty(new HubSpotProperty { Name = "score", Type = HubSpotType.Number, IsCalculated = true });

        var findings = await _account.Connect().InspectAsync([new FieldUse(name, kind)], CancellationToken.None);

        Assert.That(findings.Select(static finding => finding.Code), Is.EqualTo(code is null ? [] : new[] { code }));
        Assert.That(findings, Has.All.Matches<FieldFinding>(finding => finding!.Name == name && finding.Problem != "" && finding.Fix != ""));
    }

    /// <summary>Elsewhere what is to be added would take the place of what is there.</summary>
    [TestCase("roles", true, null)]
    [TestCase("roles", false, null)]
    [TestCase("tier", true, "field_type_differs")]
    [TestCase("firstname", true, "field_type_differs")]
    [TestCase("firstname", false, null)]
    public async Task Should_want_multiple_checkboxes_where_choices_are_added(string name, bool isAddedTo, string? code)
    {
        _account.HubSpot.AddProperty(new HubSpotProperty { Name = "roles", Type = HubSpotType.Enumeration, Options = ["a"], TakesSeveral = true });
        _account.HubSpot.AddProperty(new HubSpotProperty { Name = "tier", Type = HubSpotType.Enumeration, Options = ["a"] });
        var findings = await _account.Connect().InspectAsync([new FieldUse(name, FieldKind.Text) { IsAddedTo = isAddedTo }], CancellationToken.None);
        Assert.That(findings.Select(static finding => (finding.Name, finding.Code)), Is.EqualTo(code is null ? [] : new[] { (name, code) }));
    }

    [TestCase("hub_external_id", null)]
    [TestCase("email", null)]
    [TestCase("phone", "field_not_unique")]
    [TestCase("loyalty_id", "field_missing")]
    public async Task Should_want_a_unique_identity_property(string identityKey, string? code)
    {
        var findings = await _account.Connect(identityKey).InspectAsync([], CancellationToken.None);

        Assert.That(findings.Select(static finding => (finding.Name, finding.Code)), Is.EqualTo(code is null ? [] : new[] { (identityKey, code) }));
        Assert.That(findings, Has.All.Matches<FieldFinding>(finding => finding!.Problem.Contains(identityKey) && finding.Fix.Contains("unique values") && finding.Fix.Contains("identity_key")));
        Assert.That(_account.HubSpot.People(), Is.Empty);
    }

    [Test]
    public async Task Should_list_the_properties_with_what_may_be_written()
    {
        _account.HubSpot.AddProperty(new HubSpotProperty { Name = "score", Type = HubSpotType.Number, IsCalculated = true });
        var fields = await _account.Connect().ListFieldsAsync(CancellationToken.None);
        Assert.That(fields, Is.SupersetOf(new[] { new VendorField("firstname", "string"), new VendorField("date_of_birth", "date"), new VendorField("score", "number") { IsReadOnly = true } }));
        Assert.That(fields.Select(static field => field.Name), Is.Unique);
    }

    [Test]
    public async Task Should_say_when_it_cannot_tell()
    {
        _account.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 403 });

        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _account.Connect().InspectAsync([], CancellationToken.None));

        Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Misconfigured));
    }
}
