using System.Security.Cryptography;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace IntegrationHub.Hub.Configuration;

/// <summary>The files of a configuration, parsed as YAML.</summary>
/// <param name="files">The files.</param>
/// <param name="errors">Where mistakes go.</param>
internal sealed class ConfigurationFolder(ConfigurationFiles files, ICollection<ConfigurationError> errors)
{
    private const string Extension = ".yaml";

    private readonly SortedDictionary<string, string> _versions = new(StringComparer.Ordinal);

    /// <summary>Hash of every file that was read so far.</summary>
    public string Version => HashOf(string.Join('\n', _versions.Select(file => $"{file.Key} {file.Value}")));

    /// <summary>True when there is such a file.</summary>
    public bool Has(string relative) => files.Has(relative);

    /// <summary>Names that the files of a sub-folder give, in their order.</summary>
    public string[] NamesIn(string subfolder) => files.NamesIn(subfolder);

    /// <summary>Parses every <c>*.yaml</c> of a sub-folder, in the order of their names.</summary>
    /// <param name="subfolder">The sub-folder.</param>
    /// <param name="isNeeded">False when it may be missing.</param>
    public IReadOnlyList<ConfigurationFile> ReadAll(string subfolder, bool isNeeded = true)
    {
        if (!files.HasFolder(subfolder))
        {
            if (!isNeeded)
            {
                return [];
            }

            errors.Add(new ConfigurationError(subfolder, 0, "The folder is missing.", $"Create it with one {Extension} file each."));
            return [];
        }

        var parsed = new List<ConfigurationFile>();
        foreach (var relative in files.In(subfolder))
        {
            if (Path.GetExtension(relative) == ".yml")
            {
                errors.Add(new ConfigurationError(relative, 0, "The file would not be read.", $"Rename it to {Path.GetFileName(Path.ChangeExtension(relative, Extension))}."));
            }
            else if (Path.GetExtension(relative) == Extension && Read(relative) is { } file)
            {
                parsed.Add(file);
            }
        }

        return parsed;
    }

    /// <summary>Parses one file, or reports why not and returns null.</summary>
    public ConfigurationFile? Read(string relative)
    {
        if (!files.Texts.TryGetValue(relative, out var text))
        {
            errors.Add(new ConfigurationError(relative, 0, "The file cannot be read.", "Create it and let the hub's user read it."));
            return null;
        }

        try
        {
            var file = Parse(relative, text, errors);
            if (file is not null)
            {
                _versions[relative] = file.Version;
            }

            return file;
        }
        catch (YamlException e)
        {
            errors.Add(new ConfigurationError(relative, (int)e.Start.Line, $"The file is not valid YAML: {Sentence(e)}", "Check indentation, colons and quotes there, and that no key stands twice."));
            return null;
        }
    }

    /// <summary>Parses the text of a file, or reports why not and returns null.</summary>
    /// <exception cref="YamlException">It is no YAML.</exception>
    public static ConfigurationFile? Parse(string relative, string text, ICollection<ConfigurationError> errors)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        if (yaml.Documents is [{ RootNode: YamlMappingNode root }])
        {
            return new ConfigurationFile(Path.GetFileNameWithoutExtension(relative), HashOf(text), new YamlSection(relative, "", root, errors)) { Text = text };
        }

        errors.Add(new ConfigurationError(relative, 1, "The file is not one section of keys and values.", "Write keys and values."));
        return null;
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));

    private static string Sentence(YamlException e) => $"{(e.InnerException?.Message ?? e.Message).TrimEnd('.')}.";
}

/// <summary>A parsed file.</summary>
/// <param name="Name">Name without folder and extension.</param>
/// <param name="Version">Hash of the text.</param>
/// <param name="Root">The keys and values.</param>
internal sealed record ConfigurationFile(string Name, string Version, YamlSection Root)
{
    /// <summary>The text itself.</summary>
    public string Text { get; init; } = "";
}
