using Hub.Tests.Configuration;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>A version holds what the hub reads of a folder, and nothing else.</summary>
public sealed class When_files_become_a_version
{
    private ConfigurationFixture _folder = null!;

    [SetUp]
    public void Copy_the_samples() => _folder = new ConfigurationFixture();

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public void Should_say_the_same_as_the_folder()
    {
        var read = ConfigurationFiles.ReadFolder(_folder.Folder);
        var stored = ConfigurationFiles.Of(read.Texts.ToDictionary());
        Assert.That(stored.ContentHash, Is.EqualTo(read.ContentHash));
        Assert.That(Load(stored).Configuration!.Version, Is.EqualTo(_folder.LoadWell().Version));
    }

    [Test]
    public void Should_be_another_one_when_a_letter_is()
    {
        var before = ConfigurationFiles.ReadFolder(_folder.Folder).ContentHash;
        Assert.That(ConfigurationFiles.ReadFolder(_folder.Folder).ContentHash, Is.EqualTo(before));
        _folder.Write("consent.yaml", _folder.Read("consent.yaml") + "#");
        Assert.That(ConfigurationFiles.ReadFolder(_folder.Folder).ContentHash, Is.Not.EqualTo(before));
    }

    [Test]
    public void Should_not_tell_where_one_file_ends_by_what_stands_in_it() => Assert.That(
        ConfigurationFiles.Of(new Dictionary<string, string> { ["consent.yaml"] = "a\n", ["facts.yaml"] = "b" }).ContentHash,
        Is.Not.EqualTo(ConfigurationFiles.Of(new Dictionary<string, string> { ["consent.yaml"] = "a\n10 facts.yaml 1\nb" }).ContentHash));

    [Test]
    public void Should_leave_out_what_is_not_the_hubs()
    {
        _folder.Write("docker-compose.yaml", "services: {}").Write("destinations/notes.txt", "x");
        Assert.That(ConfigurationFiles.ReadFolder(_folder.Folder).Texts.Keys, Has.No.Member("docker-compose.yaml").And.No.Member("destinations/notes.txt"));
        Assert.That(
            ConfigurationFiles.Of(new[] { "../consent.yaml", "destinations/../../x.yaml", "destinations/a\\b.yaml", "other/x.yaml", "/etc/passwd", "destinations/.yaml/x", "c:/consent.yaml" }.ToDictionary(path => path, _ => "x")).Texts,
            Is.Empty, "nobody writes beside the folder with 'config pull'");
    }

    [Test]
    public void Should_be_refused_when_it_is_no_configuration_by_its_size()
    {
        var large = ConfigurationFiles.Of(new Dictionary<string, string> { ["consent.yaml"] = new('#', ConfigurationFiles.MostBytes + 1) });
        Assert.That(Load(large).Errors.Single().Problem, Does.Contain("larger than 4 MiB"));
        var many = ConfigurationFiles.Of(Enumerable.Range(0, ConfigurationFiles.MostFiles + 1).ToDictionary(i => $"mappings/m{i}.yaml", _ => "x: 1"));
        Assert.That(Load(many).Configuration, Is.Null);
    }

    [TestCase("-----BEGIN EC PRIVATE KEY-----")]
    [TestCase("# token: pat-na1-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f")]
    [TestCase("url: https://user:pa55word@rest.example.com")]
    [TestCase("# hub_0123456789ab_0123456789abcdefghijklmnopqrstuv")]
    [TestCase("# eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc")]
    public void Should_be_refused_with_a_secret_in_it_even_in_a_comment(string line)
    {
        _folder.Write("destinations/braze.yaml", _folder.Read("destinations/braze.yaml") + line + "\n");
        var error = _folder.Load().Errors.First(found => found.Problem == "There is a secret in the file.");
        Assert.That((error.File, error.Line), Is.EqualTo(("destinations/braze.yaml", _folder.LineOf("destinations/braze.yaml", line))));
        Assert.That(error.ToString(), Does.Not.Contain(line), "it is not said once more");
    }

    [Test]
    public void Should_take_references_and_addresses_for_what_they_are()
    {
        _folder.Write("destinations/braze.yaml", _folder.Read("destinations/braze.yaml") + "# https://${USER}:${PASSWORD}@host and https://host:8080/a@b, pat-na1, hub_key\n");
        _folder.LoadWell();
    }

    [Test]
    public void Should_be_refused_when_it_is_no_text() => Assert.That(
        Load(ConfigurationFiles.Of(new Dictionary<string, string> { ["consent.yaml"] = "a: \0" })).Errors.Select(error => error.Problem), Has.Member("The file is no text."));

    private static ConfigurationResult Load(ConfigurationFiles files) => new ConfigurationLoader(ConfigurationFixture.Connectors, new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build().GetSection("Hub"), _ => null).Load(files, "config");
}
