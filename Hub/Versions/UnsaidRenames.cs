namespace IntegrationHub.Hub.Versions;

/// <summary>Files that are gone while others with the same values are new: a new name, for people. For the hub names are identities, so that it is an end and a begin unless <c>renames.yaml</c> says otherwise (<see cref="NameChanges"/>). Pure.</summary>
internal static class UnsaidRenames
{
    /// <summary>What looks like a new name and is none.</summary>
    public const string Code = "rename_unsaid";

    /// <summary>Folders whose files are named by what they are, with what becomes of the old name and of the new one.</summary>
    private static readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal)
    {
        ["audiences/"] = "members of {0} stay where they are and are neither updated nor removed, and {1} begins without members, is made at every destination anew and sends everybody again. To go on as before write in renames.yaml: audiences: {{ {0}: {1} }}",
        ["destinations/"] = "what waits for {0} stays, what the hub knows of it is not known of {1}, and everybody is sent to {1} again, to the same account. To go on as before keep the name",
        ["sources/"] = "calls to {0} are refused, and what {1} states is another producer's: what consent.yaml and ownership.yaml let {0} do, they have to let {1}. To go on as before write in renames.yaml: sources: {{ {0}: {1} }}",
    };

    /// <summary>A finding for each pair.</summary>
    /// <param name="before">The files in force, by path.</param>
    /// <param name="after">The files of the plan.</param>
    public static IEnumerable<ConfigurationFinding> Of(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        foreach (var (folder, consequence) in _folders)
        {
            var begun = after.Keys.Where(path => IsIn(folder, path) && !before.ContainsKey(path)).Order(StringComparer.Ordinal).ToList();
            foreach (var gone in before.Keys.Where(path => IsIn(folder, path) && !after.ContainsKey(path)).Order(StringComparer.Ordinal))
            {
                if (begun.Find(path => YamlLeaves.Of(before[gone]).SequenceEqual(YamlLeaves.Of(after[path]))) is { } path)
                {
                    begun.Remove(path);
                    var (old, next) = (Path.GetFileNameWithoutExtension(gone), Path.GetFileNameWithoutExtension(path));
                    yield return new ConfigurationFinding(Code, $"{folder}{next}", $"{gone} is gone and {path} holds the same, which looks like a new name. It is none: {string.Format(System.Globalization.CultureInfo.InvariantCulture, consequence, old, next)}.");
                }
            }
        }
    }

    private static bool IsIn(string folder, string path) => path.StartsWith(folder, StringComparison.Ordinal) && path.IndexOf('/', folder.Length) < 0;
}
