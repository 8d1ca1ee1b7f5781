namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>renames.yaml</c>: what audiences and sources were called before.</summary>
internal static class RenamesFileParser
{
    /// <summary>The file.</summary>
    public const string File = "renames.yaml";

    /// <summary>What keeps its name, and why that is so is said to whoever would rename it.</summary>
    private const string Destinations = "destinations";

    /// <summary>What a name is called in sentences, by the folder of its file.</summary>
    private static readonly (string Folder, string What, string Name)[] _renamed = [(FormerNames.OfAudiences, "audience", "key"), (FormerNames.OfSources, "source", "name")];

    /// <summary>The present names by the former ones.</summary>
    /// <param name="file">The file.</param>
    /// <param name="known">The names that there are in a folder.</param>
    public static FormerNames Parse(ConfigurationFile file, Func<string, string[]> known)
    {
        var keepsNames = file.Root.Has(Destinations);
        if (keepsNames)
        {
            file.Root.Fail(
                Destinations, $"{Destinations} keep their names: what waits for one, what it holds and what was agreed to stand under it.",
                "Take the section out. To call one otherwise add the new one beside it, move audiences over one by one, and remove the old one when nothing waits for it.");
        }

        var saysNothing = !keepsNames && !_renamed.Any(one => file.Root.Has(one.Folder));
        var names = _renamed.ToDictionary(one => one.Folder, one => Parse(file.Root.Section(one.Folder, required: saysNothing && one.Folder == FormerNames.OfAudiences), known(one.Folder), one.Folder, one.What, one.Name), StringComparer.Ordinal);
        if (!keepsNames)
        {
            file.Root.RejectUnknownKeys();
        }

        return new FormerNames(names[FormerNames.OfAudiences], names[FormerNames.OfSources]);
    }

    /// <summary>The same of files that are in force, or were checked; empty where they say nothing that can be read.</summary>
    public static FormerNames Read(ConfigurationFiles files) =>
        files.Has(File) && new ConfigurationFolder(files, []).Read(File) is { } file ? Parse(file, files.NamesIn) : FormerNames.None;

    private static Dictionary<string, string> Parse(YamlSection? section, string[] known, string folder, string what, string name)
    {
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var former in section?.Keys ?? [])
        {
            if (section!.Text(former, required: true) is not { } present)
            {
                continue;
            }

            if (!ConfigurationNames.IsName(former, isFile: true))
            {
                section.Fail(former, $"{former} was no {what}'s {name}.", $"Name the file as it was called, without its extension. {ConfigurationNames.Rule}");
            }
            else if (known.Contains(former))
            {
                var article = what == "audience" ? "an" : "a";
                section.Fail(former, $"There is {article} {what} {former} still.", $"Rename {folder}/{former}.yaml to {folder}/{present}.yaml, or take the line out.");
            }
            else if (!known.Contains(present))
            {
                section.Fail(former, $"There is no {what} {present}.", $"{Spelling.Hint(present, known)}Name the {what} as its file is called now, also where it had several names. Known: {string.Join(", ", known)}.");
            }
            else
            {
                aliases[former] = present;
            }
        }

        return aliases;
    }
}
