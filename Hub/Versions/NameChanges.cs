using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>What is called otherwise from one configuration to the next. Of files alone, so that it can be asked of versions that nobody could run. Pure.</summary>
internal static class NameChanges
{
    /// <summary>Audiences and sources; those of a folder whose changes cannot be are left out.</summary>
    /// <param name="before">The files in force.</param>
    /// <param name="after">The files that come into force.</param>
    public static IReadOnlyList<NameChange> Between(ConfigurationFiles before, ConfigurationFiles after) =>
        [.. Between(before, after, FormerNames.OfAudiences).Changes, .. Between(before, after, FormerNames.OfSources).Changes];

    /// <summary>
    /// A file that is gone, where <c>renames.yaml</c> says what it is called since. The way back needs no line: where the configuration before says that a name that is there again is the former one, that is it.
    /// </summary>
    /// <param name="before">The files in force.</param>
    /// <param name="after">The files that come into force.</param>
    /// <param name="folder">Folder of the files, one of <see cref="FormerNames"/>.</param>
    /// <returns>The changes, and what is wrong with those that cannot be; null when nothing is.</returns>
    public static (IReadOnlyList<NameChange> Changes, string? Problem) Between(ConfigurationFiles before, ConfigurationFiles after, string folder)
    {
        var (were, are) = (before.NamesIn(folder), after.NamesIn(folder));
        var (former, said) = (RenamesFileParser.Read(before).In(folder), RenamesFileParser.Read(after).In(folder));
        var changes = new List<NameChange>();
        foreach (var gone in were.Except(are, StringComparer.Ordinal))
        {
            if (said.TryGetValue(gone, out var present))
            {
                if (were.Contains(present))
                {
                    return ([], $"{gone} cannot be called {present}: there is {One(folder)} of that name already, and two cannot become one. Remove the line from {RenamesFileParser.File}, or choose a name that no {Word(folder)} has.");
                }

                changes.Add(Of(folder, gone, present));
                continue;
            }

            string[] back = [.. are.Except(were, StringComparer.Ordinal).Where(name => former.GetValueOrDefault(name) == gone)];
            if (back.Length > 1)
            {
                return ([], $"{gone} was called {string.Join(" and ", back)} before, and all of them are there again: which of them it is cannot be told. Say it in {RenamesFileParser.File}.");
            }

            changes.AddRange(back.Select(name => Of(folder, gone, name)));
        }

        return changes.GroupBy(change => change.To).FirstOrDefault(same => same.Count() > 1) is { } joined
            ? ([], $"{string.Join(" and ", joined.Select(change => change.From))} cannot both be called {joined.Key}: two {folder} cannot become one.")
            : (changes, null);
    }

    /// <summary>Former names that begin or end to stand for something, in a sentence each; those of what is called otherwise at that moment say so themselves.</summary>
    public static IEnumerable<string> Aliases(ConfigurationFiles before, ConfigurationFiles after) => Aliases(before, after, FormerNames.OfAudiences).Concat(Aliases(before, after, FormerNames.OfSources));

    private static IEnumerable<string> Aliases(ConfigurationFiles before, ConfigurationFiles after, string folder)
    {
        var (former, said) = (RenamesFileParser.Read(before).In(folder), RenamesFileParser.Read(after).In(folder));
        var isOfAudiences = folder == FormerNames.OfAudiences;
        foreach (var (name, present) in said.Where(alias => former.GetValueOrDefault(alias.Key) != alias.Value && !before.NamesIn(folder).Contains(alias.Key)))
        {
            yield return $"What is stated {(isOfAudiences ? "of" : "by")} {name} counts for {present}. Nothing that stands under {name} is taken over, for there is no such {Word(folder)} in force.";
        }

        foreach (var name in former.Keys.Except(said.Keys, StringComparer.Ordinal).Where(name => !after.NamesIn(folder).Contains(name)))
        {
            yield return isOfAudiences
                ? $"{name} is nobody's name any more: what producers still state of it counts for no audience, and lists of it are refused."
                : $"{name} is nobody's name any more: what is still stated by it is another producer's, which owns nothing, and its calls are refused.";
        }
    }

    private static NameChange Of(string folder, string from, string to) => folder == FormerNames.OfAudiences ? new AudienceRename(from, to) : new SourceRename(from, to);

    private static string Word(string folder) => folder == FormerNames.OfAudiences ? "audience" : "source";

    private static string One(string folder) => folder == FormerNames.OfAudiences ? "an audience" : "a source";
}
