using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Marketo;
using IntegrationHub.Hub.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Hub.Tests.Configuration;

/// <summary>A copy of the sample configuration that a test may spoil.</summary>
internal sealed class ConfigurationFixture : IDisposable
{
    private readonly Dictionary<string, string?> _overrides = [];
    private readonly Dictionary<string, string> _environment = [];

    public ConfigurationFixture()
    {
        Folder = Directory.CreateTempSubdirectory("hub-config-").FullName;
        foreach (var file in Directory.EnumerateFiles(ConfigurationLoader.SampleFolder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Folder, Path.GetRelativePath(ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public static IReadOnlyList<IConnectorFactory> Connectors { get; } =
        [.. new ServiceCollection().AddBraze().AddHubSpot().AddMarketo().BuildServiceProvider().GetServices<IConnectorFactory>()];

    public string Folder { get; }

    public ConfigurationFixture Override(string key, string value)
    {
        _overrides[$"Hub:{key}"] = value;
        return this;
    }

    public ConfigurationFixture SetEnvironment(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    /// <summary>Replaces a text that must be there.</summary>
    public ConfigurationFixture Replace(string file, string old, string replacement)
    {
        var text = Read(file);
        Assert.That(text, Does.Contain(old), $"The sample {file} has changed; adapt the test.");
        return Write(file, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    public ConfigurationFixture Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, file))!);
        File.WriteAllText(Path.Combine(Folder, file), text);
        return this;
    }

    public ConfigurationFixture Delete(string file)
    {
        File.Delete(Path.Combine(Folder, file));
        return this;
    }

    public string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    /// <summary>Line of the first occurrence of a text, from 1.</summary>
    public int LineOf(string file, string text) => Read(file).Split('\n').TakeWhile(line => !line.Contains(text, StringComparison.Ordinal)).Count() + 1;

    public ConfigurationResult Load()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(_overrides).Build().GetSection("Hub");
        return new ConfigurationLoader(Connectors, section, name => _environment.GetValueOrDefault(name)).Load(Folder);
    }

    /// <summary>Loads and expects no error.</summary>
    public HubConfiguration LoadWell()
    {
        var result = Load();
        Assert.That(result.Errors, Is.Empty);
        return result.Configuration!;
    }

    /// <summary>Loads and expects one error.</summary>
    public ConfigurationError LoadBadly()
    {
        var result = Load();
        Assert.That(result.Configuration, Is.Null);
        Assert.That(result.Errors, Has.Count.EqualTo(1), string.Join('\n', result.Errors));
        return result.Errors[0];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
