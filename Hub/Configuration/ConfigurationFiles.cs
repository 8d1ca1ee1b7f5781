using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Configuration;

/// <summary>The files that make a configuration, wherever they come from: a folder, or a version in the database. Paths stand below the folder, with <c>/</c>.</summary>
internal sealed class ConfigurationFiles
{
    /// <summary>Most files of a configuration.</summary>
    public const int MostFiles = 2_000;

    /// <summary>Bytes: most that all files of a configuration hold together. A thousand times the sample's; what is larger is no configuration.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    private const string Extension = ".yaml";

    /// <summary>Files that stand beside the folders; what else is there is not the hub's.</summary>
    private static readonly string[] _beside = ["alerts.yaml", "approvals.yaml", "canaries.yaml", "consent.yaml", "facts.yaml", "identity.yaml", "ownership.yaml", "policy.yaml", RenamesFileParser.File, "schedules.yaml", "slo.yaml"];

    private static readonly string[] _folders = ["audiences", "destinations", "mappings", "sources"];

    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    private long _bytes;

    private ConfigurationFiles()
    {
    }

    /// <summary>Text of each file that is read, by its path.</summary>
    public IReadOnlyDictionary<string, string> Texts => _texts;

    /// <summary>True when there is more than a configuration may hold; then not all of it was read.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>SHA-256 over paths and texts, in hex: equal contents have equal hashes, on whatever machine.</summary>
    public string ContentHash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var (path, text) in _texts)
            {
                // The lengths keep one file's end from being read as the next one's begin.
                hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{path.Length} {path} {text.Length}\n")));
                hash.AppendData(Encoding.UTF8.GetBytes(text));
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Reads a folder, which exists.</summary>
    public static ConfigurationFiles ReadFolder(string folder)
    {
        var files = new ConfigurationFiles();
        foreach (var name in _beside.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            files.Read(folder, name);
        }

        foreach (var sub in _folders.Where(sub => Directory.Exists(Path.Combine(folder, sub))))
        {
            files._found.Add(sub);
            foreach (var name in Directory.EnumerateFiles(Path.Combine(folder, sub)).Select(Path.GetFileName).Order(StringComparer.Ordinal))
            {
                files.Read(folder, $"{sub}/{name}");
            }
        }

        return files;
    }

    /// <summary>The files of a version, or of a caller.</summary>
    /// <param name="texts">Text by path. What is no file of a configuration is left out, as it is in a folder.</param>
    public static ConfigurationFiles Of(IReadOnlyDictionary<string, string> texts)
    {
        var files = new ConfigurationFiles();
        files._found.UnionWith(_folders); // an empty one leaves no trace
        foreach (var (path, text) in texts.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var parts = path.Split('/');
            var isOurs = parts switch
            {
                [var beside] => _beside.Contains(beside),
                [var sub, var name] => _folders.Contains(sub) && Path.GetExtension(name) == Extension && name.AsSpan().IndexOfAny('\\', ':') < 0,
                _ => false,
            };
            if (isOurs)
            {
                files.Keep(path, text);
            }
        }

        return files;
    }

    /// <summary>True when there is such a file, whether or not it can be read.</summary>
    public bool Has(string path) => _texts.ContainsKey(path) || _unread.Contains(path);

    /// <summary>True when there is such a sub-folder.</summary>
    public bool HasFolder(string subfolder) => _found.Contains(subfolder);

    /// <summary>Paths of the files of a sub-folder, in their order.</summary>
    public IEnumerable<string> In(string subfolder) => _texts.Keys.Concat(_unread).Where(path => path.StartsWith(subfolder + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>Names that the files of a sub-folder give, in their order.</summary>
    public string[] NamesIn(string subfolder) => [.. In(subfolder).Where(path => Path.GetExtension(path) == Extension).Select(static path => Path.GetFileNameWithoutExtension(path))];

    private void Read(string folder, string path)
    {
        if (Path.GetExtension(path) is not (Extension or ".yml"))
        {
            return;
        }

        if (IsTooLarge || path.EndsWith(".yml", StringComparison.Ordinal))
        {
            _unread.Add(path);
            return;
        }

        try
        {
            var file = new FileInfo(Path.Combine(folder, path));
            if (file.Length > MostBytes)
            {
                IsTooLarge = true;
                _unread.Add(path);
                return;
            }

            Keep(path, File.ReadAllText(file.FullName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unread.Add(path);
        }
    }

    private void Keep(string path, string text)
    {
        _texts[path] = text;
        _bytes += Encoding.UTF8.GetByteCount(text);
        IsTooLarge |= _texts.Count > MostFiles || _bytes > MostBytes;
    }
}
