namespace Hub.Tests.Configuration;

public sealed class When_a_destination_gets_an_account
{
    private ConfigurationFixture _fixture = null!;

    [SetUp]
    public void Copy() => _fixture = new ConfigurationFixture();

    [TearDown]
    public void Delete() => _fixture.Dispose();

    [Test]
    public void Should_take_base_url_and_secrets()
    {
        var destination = _fixture
            .Override("Destinations:braze:BaseUrl", "https://rest.iad-01.braze.com/")
            .SetEnvironment("BRAZE_API_KEY", "canary-1")
            .LoadWell().Destinations["braze"];
        var settings = destination.ToSettings();

        Assert.Multiple(() =>
        {
            Assert.That(destination.UsesSandbox, Is.False);
            Assert.That((settings.Name, settings.BaseUrl, settings.IdentityKey), Is.EqualTo(("braze", new Uri("https://rest.iad-01.braze.com"), "external_id")));
            Assert.That(settings.Secrets["api_key"](), Is.EqualTo("canary-1"));
        });
    }

    [Test]
    public void Should_read_a_rotated_secret_without_loading_again()
    {
        var file = Path.Combine(_fixture.Folder, "token");
        File.WriteAllText(file, "first\n");
        var settings = _fixture
            .Replace("destinations/hubspot.yaml", "{ env: HUBSPOT_ACCESS_TOKEN }", "{ file: token }")
            .LoadWell().Destinations["hubspot"].ToSettings();
        var first = settings.Secrets["access_token"]();
        File.WriteAllText(file, "second\n");
        var second = settings.Secrets["access_token"]();
        File.Delete(file);

        Assert.That((first, second, settings.Secrets["access_token"]()), Is.EqualTo(("first", "second", (string?)null)));
    }

    [Test]
    public void Should_take_the_default_base_url_when_only_the_credential_is_set()
    {
        var destination = _fixture.SetEnvironment("HUBSPOT_ACCESS_TOKEN", "canary").LoadWell().Destinations["hubspot"];

        Assert.That((destination.UsesSandbox, destination.BaseUrl), Is.EqualTo((false, new Uri("https://api.hubapi.com"))));
    }

    [Test]
    public void Should_miss_a_base_url_that_only_the_account_knows()
    {
        var error = _fixture.SetEnvironment("BRAZE_API_KEY", "canary").LoadBadly();

        Assert.Multiple(() =>
        {
            Assert.That((error.File, error.Line), Is.EqualTo(("destinations/braze.yaml", _fixture.LineOf("destinations/braze.yaml", "credentials:"))));
            Assert.That(error.Fix, Does.Contain("Hub__Destinations__braze__BaseUrl"));
        });
    }

    [Test]
    public void Should_miss_the_second_half_of_a_credential()
    {
        var error = _fixture
            .Override("Destinations:marketo:BaseUrl", "https://123-ABC-456.mktorest.com")
            .SetEnvironment("MARKETO_CLIENT_ID", "canary")
            .LoadBadly();

        Assert.Multiple(() =>
        {
            Assert.That((error.File, error.Line), Is.EqualTo(("destinations/marketo.yaml", _fixture.LineOf("destinations/marketo.yaml", "client_secret:"))));
            Assert.That(error.Problem, Does.Contain("environment variable MARKETO_CLIENT_SECRET"));
            Assert.That(error.ToString(), Does.Not.Contain("canary"));
        });
    }

    [Test]
    public void Should_miss_credentials_for_a_base_url()
    {
        var error = _fixture.Replace("destinations/braze.yaml", "# base_url: ", "base_url: ").LoadBadly();

        Assert.That(error.Problem, Does.Contain("BRAZE_API_KEY"));
    }

    [TestCase("Destinations:braze:BaseUrl")]
    [TestCase("destinations:BRAZE:base_url")]
    public void Should_let_the_environment_win_over_the_file(string key)
    {
        var configuration = _fixture
            .Replace("destinations/braze.yaml", "# base_url: ", "base_url: ")
            .SetEnvironment("BRAZE_API_KEY", "canary")
            .Override(key, "http://sandbox:8081/braze")
            .LoadWell();

        Assert.That(configuration.Destinations["braze"].BaseUrl, Is.EqualTo(new Uri("http://sandbox:8081/braze")));
    }

    [Test]
    public void Should_override_the_other_keys_too()
    {
        var marketo = _fixture
            .Override("Destinations:marketo:AudienceNamePattern", "eu {key}")
            .Override("Destinations:marketo:Settings:folder_id", "7")
            .Override("Destinations:marketo:Credentials:client_id:Env", "OTHER_ID")
            .LoadWell().Destinations["marketo"];

        Assert.That(
            (marketo.AudienceNamePattern, marketo.Settings["folder_id"], marketo.Credentials["client_id"].EnvironmentVariable),
            Is.EqualTo(("eu {key}", "7", "OTHER_ID")));
    }

    [Test]
    public void Should_take_an_empty_override_as_none() =>
        Assert.That(_fixture.Override("Destinations:braze:BaseUrl", "").LoadWell().Destinations["braze"].UsesSandbox);

    [TestCase("Destinations:braz:BaseUrl", "x", "Did you mean braze?")]
    [TestCase("Destinations:braze:BaseUlr", "x", "Did you mean BaseUrl?")]
    [TestCase("Destinations:marketo:Settings:folder", "x", "folder_id")]
    [TestCase("Destinations:marketo:Credentials:client:Env", "x", "client_id")]
    [TestCase("Destinations:braze:BaseUrl", "ftp://x", "https://api.example.com")]
    [TestCase("Destinations:braze:Mapping", "braize", "Did you mean braze?")]
    [TestCase("Destinations:hubspot:IdentityKey", "vid", "to: vid")]
    public void Should_report_an_override_that_means_nothing(string key, string value, string fix)
    {
        var result = _fixture.Override(key, value).Load();

        Assert.That(result.Errors.Select(static e => e.Fix), Has.Some.Contains(fix));
    }

    [Test]
    public void Should_give_the_sandbox_its_own_address_and_secrets()
    {
        var settings = _fixture.LoadWell().Destinations["marketo"].ToSettings(
            new Uri("http://127.0.0.1:5001"), new Dictionary<string, string> { ["client_id"] = "a", ["client_secret"] = "b" });

        Assert.That(
            (settings.BaseUrl, settings.Values["folder_id"], settings.Secrets["client_id"](), settings.Secrets["client_secret"]()),
            Is.EqualTo((new Uri("http://127.0.0.1:5001"), "1001", "a", "b")));
    }

    [Test]
    public void Should_represent_an_audience_by_id_or_name()
    {
        var configuration = _fixture
            .Replace("destinations/hubspot.yaml", "mapping: hubspot", "mapping: hubspot\naudiences:\n  customers: { id: \"123\" }")
            .Replace("destinations/marketo.yaml", "mapping: marketo", "mapping: marketo\naudiences:\n  customers: { name: Shop }")
            .LoadWell();
        var customers = configuration.Audiences["customers"];

        Assert.Multiple(() =>
        {
            Assert.That(configuration.Destinations["hubspot"].RequestFor(customers).RemoteId, Is.EqualTo("123"));
            Assert.That(configuration.Destinations["marketo"].RequestFor(customers).RemoteName, Is.EqualTo("Shop"));
        });
    }
}
