using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Demo;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Mapping;

namespace Hub.Tests.Configuration;

public sealed class When_the_sample_configuration_is_loaded
{
    private static readonly string Data = Path.Combine(ConfigurationLoader.SampleFolder, "..", "data");

    private HubConfiguration _configuration = null!;

    [OneTimeSetUp]
    public void Load()
    {
        using var fixture = new ConfigurationFixture();
        _configuration = fixture.LoadWell();
    }

    [Test]
    public void Should_name_the_destinations_of_the_demo() =>
        Assert.That(_configuration.Destinations.Keys.Order(), Is.EqualTo(new[] { "braze", "hubspot", "marketo" }));

    [TestCase("braze", "external_id", "api_key:BRAZE_API_KEY")]
    [TestCase("hubspot", "hub_external_id", "access_token:HUBSPOT_ACCESS_TOKEN")]
    [TestCase("marketo", "hubExternalId", "client_id:MARKETO_CLIENT_ID client_secret:MARKETO_CLIENT_SECRET")]
    public void Should_use_sandboxes_until_credentials_are_set(string name, string identityKey, string credentials)
    {
        var destination = _configuration.Destinations[name];

        Assert.Multiple(() =>
        {
            Assert.That((destination.UsesSandbox, destination.BaseUrl, destination.IdentityKey), Is.EqualTo((true, (Uri?)null, identityKey)));
            Assert.That(string.Join(' ', destination.Credentials.Select(static c => $"{c.Key}:{c.Value.EnvironmentVariable}")), Is.EqualTo(credentials));
        });
    }

    [TestCase("braze", "audience_customers")]
    [TestCase("hubspot", "Customers (IntegrationHub)")]
    [TestCase("marketo", "Customers (IntegrationHub)")]
    public void Should_name_the_audience_at_the_vendor(string destination, string expected) =>
        Assert.That(
            _configuration.Destinations[destination].RequestFor(_configuration.Audiences["customers"]),
            Is.EqualTo(new AudienceRequest("customers", expected)));

    [Test]
    public void Should_stop_mass_removals_of_the_audience() =>
        Assert.That(_configuration.Audiences["customers"].Guardrail, Is.EqualTo(new AudienceGuardrail(0.2, null)));

    [TestCase("{}", true, "existing_customer", null)]
    [TestCase("""{"email_marketing":{"s":"granted"}}""", true, "email_opt_in", null)]
    [TestCase("""{"email_marketing":{"s":"denied"}}""", false, "email_opt_out", "consent_denied")]
    public void Should_decide_email_marketing(string states, bool allowed, string rule, string? code) =>
        Assert.That(
            new ConsentPolicy(_configuration.Consent).Decide(_configuration.Destinations["braze"].Purposes, states, DateTimeOffset.UnixEpoch),
            Is.EqualTo(new ConsentDecision(allowed, "email_marketing", rule, code)));

    [Test]
    public void Should_not_share_with_partners_without_being_asked() =>
        Assert.That(new ConsentPolicy(_configuration.Consent).Decide(["partner_sharing"], "{}", DateTimeOffset.UnixEpoch).Code, Is.EqualTo("consent_unknown"));

    [TestCase("braze", "11000", "email=jon24@adventure-works.com first_name=Jon last_name=Yang phone=+12025550147 dob=1966-04-08 gender=M salutation=Mr. annual_income=90000 total_children=2 marital_status=married education=Bachelors occupation=Professional home_owner=true")]
    [TestCase("hubspot", "11000", "email=jon24@adventure-works.com firstname=Jon lastname=Yang salutation=Mr. phone=202-555-0147 date_of_birth=1966-04-08 annual_income=90000 total_children=2 marital_status=married gender=male education=Bachelors occupation=Professional home_owner=true")]
    [TestCase("marketo", "11000", "email=jon24@adventure-works.com firstName=Jon lastName=Yang salutation=Mr. phone=202-555-0147 dateOfBirth=1966-04-08 annualIncome=90000 totalChildren=2 maritalStatus=married gender=male educationLevel=Bachelors occupation=Professional homeOwner=true")]
    public async Task Should_turn_an_untidy_row_into_the_vendors_fields(string destination, string key, string expected)
    {
        var row = await FirstCustomer("11000,MR.,JON,YANG,04/08/1966,M,M,jon24@adventure-works.com,\"$90,000 \",2,Bachelors,Professional,Y");
        var record = Compile(destination).Map(new ProfileView(row.Member.ExternalId, row.Member.Email, "202-555-0147", row.Member.AttributesJson!));

        Assert.Multiple(() =>
        {
            Assert.That(record.Rejection, Is.Null);
            Assert.That(record.Key, Is.EqualTo(key));
            Assert.That(string.Join(' ', record.Fields.Select(static f => $"{f.Name}={f.Value}")), Is.EqualTo(expected));
        });
    }

    [TestCase("braze", 18148, 0, 14023)]
    [TestCase("hubspot", 18148, 0, 0)]
    [TestCase("marketo", 18109, 39, 0)]
    public async Task Should_account_for_every_customer(string destination, int mapped, int notAscii, int withoutPhone)
    {
        var mapping = Compile(destination);
        var phones = await ContactFileReader.ReadPhonesAsync(Open("phones.csv"), "phones.csv", CancellationToken.None)
            .ToDictionaryAsync(static p => p.Email, static p => p.Phone);
        var reader = new SnapshotReader(_configuration.Audiences["customers"]);
        var rows = await reader.ReadAsync(Open("customers.csv"), SnapshotFormat.Csv, "customers.csv", CancellationToken.None).ToListAsync();
        var records = rows
            .Select(static r => r.Member)
            .Select(m => mapping.Map(new ProfileView(m.ExternalId, m.Email, phones[m.Email!], m.AttributesJson!)))
            .ToList();

        Assert.Multiple(() =>
        {
            Assert.That(rows.Count(static r => r.Reject is not null), Is.Zero);
            Assert.That(records.Count(static r => r.Rejection is null), Is.EqualTo(mapped));
            Assert.That(records.Count(static r => r.Rejection?.Code == "email_not_ascii"), Is.EqualTo(notAscii));
            Assert.That(records.Count(static r => r.Dropped.Count > 0), Is.EqualTo(withoutPhone));
            Assert.That(records.Where(static r => r.Rejection is null).Select(static r => r.ContentHash).Distinct().Count(), Is.EqualTo(mapped));
        });
    }

    [Test]
    public async Task Should_read_the_contact_preferences()
    {
        var rows = await ContactFileReader.ReadPreferencesAsync(Open("email_promotion.csv"), "email_promotion.csv", CancellationToken.None).ToListAsync();

        Assert.Multiple(() =>
        {
            Assert.That(rows, Has.Count.EqualTo(2057));
            Assert.That(rows.All(static r => r.Reject is null));
            Assert.That(rows.Count(static r => r.Consents.All(static c => c.Status == "denied")), Is.EqualTo(1131));
            Assert.That(rows.Count(static r => r.Consents.All(static c => c.Status == "granted")), Is.EqualTo(401));
        });
    }

    private static FileStream Open(string name) => File.OpenRead(Path.Combine(Data, name));

    private DestinationMapping Compile(string name)
    {
        var destination = _configuration.Destinations[name];
        var connector = ConfigurationFixture.Connectors.Single(c => c.Descriptor.Name == destination.Connector).Descriptor;
        return DestinationMapping.Compile(_configuration.Mappings[destination.Mapping], connector, destination.IdentityKey, FieldPolicy.For(_configuration, destination));
    }

    private async Task<SnapshotRow> FirstCustomer(string row)
    {
        const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner";
        var bytes = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"\uFEFF{Header}\r\n{row}\r\n"));
        return await new SnapshotReader(_configuration.Audiences["customers"]).ReadAsync(bytes, SnapshotFormat.Csv, "customers.csv", CancellationToken.None).SingleAsync();
    }
}
