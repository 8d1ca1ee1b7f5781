using System.Globalization;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace IntegrationHub.Hub.Configuration;

/// <summary>
/// A YAML mapping that is read key by key. Every mistake goes to the list of errors with its line, and reading goes on; the keys that
/// were asked for are the known ones.
/// </summary>
/// <param name="file">Path of the file for errors.</param>
/// <param name="path">Where the section stands in the file, for errors; empty for the root.</param>
/// <param name="node">The mapping.</param>
/// <param name="errors">Where mistakes go.</param>
internal sealed class YamlSection(string file, string path, YamlMappingNode node, ICollection<ConfigurationError> errors)
{
    private readonly List<string> _known = [];
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _entries = node.Children
        .Where(static c => c.Key is YamlScalarNode)
        .ToDictionary(static c => ((YamlScalarNode)c.Key).Value ?? "", static c => (c.Key, c.Value), StringComparer.Ordinal);

    /// <summary>Path of the file.</summary>
    public string File => file;

    /// <summary>Line where the section begins.</summary>
    public int Line => LineOf(node);

    /// <summary>Keys in the order of the file.</summary>
    public IReadOnlyList<string> Keys => [.. node.Children.Keys.OfType<YamlScalarNode>().Select(static k => k.Value ?? "")];

    /// <summary>Line of a key, or of the section when the key is not there.</summary>
    public int LineOfKey(string key) => _entries.TryGetValue(key, out var entry) ? LineOf(entry.Key) : Line;

    /// <summary>True when the key is there.</summary>
    public bool Has(string key) => _entries.ContainsKey(key);

    /// <summary>True when keys and values stand under the key.</summary>
    public bool HasSection(string key) => _entries.TryGetValue(key, out var entry) && entry.Value is YamlMappingNode;

    /// <summary>Reports a mistake at a key.</summary>
    public void Fail(string key, string problem, string fix) => Fail(LineOfKey(key), problem, fix);

    /// <summary>Reports a mistake at a line.</summary>
    public void Fail(int line, string problem, string fix) => errors.Add(new ConfigurationError(file, line, problem, fix));

    /// <summary>The text of a key, or null when it is absent or wrong.</summary>
    public string? Text(string key, bool required = false)
    {
        if (Find(key, required, "a text") is not { } value)
        {
            return null;
        }

        if (value is YamlScalarNode { Value: { Length: > 0 } text })
        {
            return text;
        }

        Fail(key, $"{PathOf(key)} has no text.", required ? "Write a text." : "Write a text or remove the key.");
        return null;
    }

    /// <summary>The texts of a list, empty when it is absent or wrong.</summary>
    public IReadOnlyList<string> Texts(string key, bool required = false)
    {
        if (Find(key, required, "a list of texts") is not { } value)
        {
            return [];
        }

        if (value is not YamlSequenceNode list)
        {
            Fail(key, $"{PathOf(key)} is not a list.", $"Write {key}: [a, b].");
            return [];
        }

        var texts = new List<string>();
        foreach (var item in list)
        {
            if (item is YamlScalarNode { Value: { Length: > 0 } text })
            {
                texts.Add(text);
            }
            else
            {
                Fail(LineOf(item), $"{PathOf(key)} holds something that is not a text.", "Write a text.");
            }
        }

        if (texts.Count == 0 && required)
        {
            Fail(key, $"{PathOf(key)} is empty.", "Write at least one text.");
        }

        return texts;
    }

    /// <summary>The text of a key, or the texts of its list; empty when it is absent or wrong.</summary>
    public IReadOnlyList<string> TextOrTexts(string key, bool required = false) =>
        _entries.TryGetValue(key, out var entry) && entry.Value is YamlSequenceNode ? Texts(key, required) : Text(key, required) is { } text ? [text] : [];

    /// <summary>A number within bounds, or null when it is absent or wrong.</summary>
    public double? Number(string key, double min, double max)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min
            && number <= max)
        {
            return number;
        }

        var range = double.IsPositiveInfinity(max)
            ? string.Create(CultureInfo.InvariantCulture, $"of {min} or more")
            : string.Create(CultureInfo.InvariantCulture, $"from {min} to {max}");
        Fail(key, $"{PathOf(key)} is not a number {range}.", $"Write a number {range}.");
        return null;
    }

    /// <summary>A truth value, false when it is absent or wrong.</summary>
    public bool Flag(string key)
    {
        var text = Text(key);
        if (text is not (null or "true" or "false"))
        {
            Fail(key, $"{PathOf(key)} is neither true nor false.", "Write true or false.");
        }

        return text == "true";
    }

    /// <summary>One of the names of an enumeration in snake_case; null when it is absent or wrong.</summary>
    public T? Choice<T>(string key, bool required = false)
        where T : struct, Enum => Text(key, required) is { } text ? ParseChoice<T>(LineOfKey(key), PathOf(key), text) : null;

    /// <summary>A list of names of an enumeration in snake_case.</summary>
    public IReadOnlyList<T> Choices<T>(string key)
        where T : struct, Enum => [.. Texts(key).Select(text => ParseChoice<T>(LineOfKey(key), PathOf(key), text)).OfType<T>()];

    /// <summary>The section below a key, or null when it is absent or wrong.</summary>
    public YamlSection? Section(string key, bool required = false)
    {
        if (Find(key, required, "a section") is not { } value)
        {
            return null;
        }

        if (value is YamlMappingNode mapping)
        {
            return new YamlSection(file, PathOf(key), mapping, errors);
        }

        Fail(key, $"{PathOf(key)} is not a section.", "Write keys and values below it, indented.");
        return null;
    }

    /// <summary>The sections of a list, empty when it is absent or wrong.</summary>
    public IReadOnlyList<YamlSection> Sections(string key, bool required = false)
    {
        if (Find(key, required, "a list of sections") is not { } value)
        {
            return [];
        }

        if (value is not YamlSequenceNode { Children.Count: > 0 } list)
        {
            Fail(key, $"{PathOf(key)} is not a list of sections.", "Begin every section with a hyphen.");
            return [];
        }

        var sections = new List<YamlSection>();
        foreach (var item in list)
        {
            if (item is YamlMappingNode mapping)
            {
                sections.Add(new YamlSection(file, PathOf(key), mapping, errors));
            }
            else
            {
                Fail(LineOf(item), $"{PathOf(key)} holds something that is not a section.", "Write keys and values.");
            }
        }

        return sections;
    }

    /// <summary>Reports every key that was never asked for.</summary>
    public void RejectUnknownKeys()
    {
        foreach (var (key, _) in node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!_known.Contains(name))
            {
                Fail(LineOf(key), $"{PathOf(name)} is not a known key.", $"{Spelling.Hint(name, _known)}Known keys: {string.Join(", ", _known)}.");
            }
        }
    }

    /// <summary>The path of a key in the file, for errors.</summary>
    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>The snake_case names of an enumeration.</summary>
    public static IReadOnlyList<string> NamesOf<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(SnakeCase)];

    private YamlNode? Find(string key, bool required, string what)
    {
        _known.Add(key);
        if (_entries.TryGetValue(key, out var entry))
        {
            return entry.Value;
        }

        if (required)
        {
            Fail(Line, $"{PathOf(key)} is missing.", $"Add {key} with {what}.");
        }

        return null;
    }

    private T? ParseChoice<T>(int line, string where, string text)
        where T : struct, Enum
    {
        var names = NamesOf<T>();
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == text)
            {
                return Enum.GetValues<T>()[i];
            }
        }

        Fail(line, $"{where} cannot be {text}.", $"{Spelling.Hint(text, names)}Write one of: {string.Join(", ", names)}.");
        return null;
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            text.Append(char.IsUpper(c) && text.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private static int LineOf(YamlNode at) => (int)at.Start.Line;
}
