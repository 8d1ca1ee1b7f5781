namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>renames.yaml</c>: what audiences were called before.</summary>
internal static class RenamesFileParser
{
    /// <summary>The file.</summary>
    public const string File = "renames.yaml";

    private const string Audiences = "audiences";

    /// <summary>What keeps its name, and why that is so is said to whoever would rename it.</summary>
    private static readonly string[] _named = ["destinations", "sources"];

    /// <summary>The present key of an audience by each former one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="audiences">Keys of the audiences that there are.</param>
    public static IReadOnlyDictionary<string, string> Parse(ConfigurationFile file, string[] audiences)
    {
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] others = [.. _named.Where(file.Root.Has)];
        foreach (var other in others)
        {
            file.Root.Fail(other, $"{other} keep their names: what waits for one, what it holds and what was agreed to stand under it.", "Take the section out. To call one otherwise add the new one beside it, move audiences over one by one, and remove the old one when nothing waits for it.");
        }

        if (file.Root.Section(Audiences, required: others.Length == 0) is { } section)
        {
            foreach (var former in section.Keys)
            {
                if (section.Text(former, required: true) is not { } present)
                {
                    continue;
                }

                if (!ConfigurationNames.IsName(former, isFile: true))
                {
                    section.Fail(former, $"{former} was no audience's key.", $"Name the file as it was called, without its extension. {ConfigurationNames.Rule}");
                }
                else if (audiences.Contains(former))
                {
                    section.Fail(former, $"There is an audience {former} still.", $"Rename audiences/{former}.yaml to audiences/{present}.yaml, or take the line out.");
                }
                else if (!audiences.Contains(present))
                {
                    section.Fail(former, $"There is no audience {present}.", $"{Spelling.Hint(present, audiences)}Name the audience as its file is called now, also where it had several names. Known: {string.Join(", ", audiences)}.");
                }
                else
                {
                    aliases[former] = present;
                }
            }
        }

        if (others.Length == 0)
        {
            file.Root.RejectUnknownKeys();
        }

        return aliases;
    }

    /// <summary>The same of files that are in force, or were checked; empty where they say nothing that can be read.</summary>
    public static IReadOnlyDictionary<string, string> Read(ConfigurationFiles files) =>
        files.Has(File) && new ConfigurationFolder(files, []).Read(File) is { } file ? Parse(file, files.NamesIn(Audiences)) : new Dictionary<string, string>();
}
