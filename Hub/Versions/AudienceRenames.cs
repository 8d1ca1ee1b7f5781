using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>Which audiences are called otherwise from one configuration to the next. Of files alone, so that it can be asked of versions that nobody could run. Pure.</summary>
internal static class AudienceRenames
{
    private const string Folder = "audiences";

    /// <summary>
    /// A file that is gone, where <c>renames.yaml</c> says what it is called since. The way back needs no line: where the configuration before says that a name that is there again is the former one, that is it.
    /// </summary>
    /// <param name="before">The files in force.</param>
    /// <param name="after">The files that come into force.</param>
    /// <returns>The renames, and what is wrong with those that cannot be; null when nothing is.</returns>
    public static (IReadOnlyList<AudienceRename> Renames, string? Problem) Between(ConfigurationFiles before, ConfigurationFiles after)
    {
        var (were, are) = (before.NamesIn(Folder), after.NamesIn(Folder));
        var (former, said) = (RenamesFileParser.Read(before), RenamesFileParser.Read(after));
        var renames = new List<AudienceRename>();
        foreach (var gone in were.Except(are, StringComparer.Ordinal))
        {
            if (said.TryGetValue(gone, out var present))
            {
                if (were.Contains(present))
                {
                    return ([], $"{gone} cannot be called {present}: there is an audience of that name already, and two cannot become one. Remove the line from {RenamesFileParser.File}, or choose a name that no audience has.");
                }

                renames.Add(new AudienceRename(gone, present));
                continue;
            }

            string[] back = [.. are.Except(were, StringComparer.Ordinal).Where(name => former.GetValueOrDefault(name) == gone)];
            if (back.Length > 1)
            {
                return ([], $"{gone} was called {string.Join(" and ", back)} before, and all of them are there again: which of them it is cannot be told. Say it in {RenamesFileParser.File}.");
            }

            renames.AddRange(back.Select(name => new AudienceRename(gone, name)));
        }

        return renames.GroupBy(rename => rename.To).FirstOrDefault(same => same.Count() > 1) is { } joined
            ? ([], $"{string.Join(" and ", joined.Select(rename => rename.From))} cannot both be called {joined.Key}: two audiences cannot become one.")
            : (renames, null);
    }

    /// <summary>Former names that begin or end to stand for an audience, in a sentence each; those of audiences that are renamed at that moment say so themselves.</summary>
    public static IEnumerable<string> Aliases(ConfigurationFiles before, ConfigurationFiles after)
    {
        var (former, said) = (RenamesFileParser.Read(before), RenamesFileParser.Read(after));
        foreach (var (name, audience) in said.Where(alias => former.GetValueOrDefault(alias.Key) != alias.Value && !before.NamesIn(Folder).Contains(alias.Key)))
        {
            yield return $"What is stated of {name} counts for {audience}. Nothing that stands under {name} is taken over, for there is no such audience in force.";
        }

        foreach (var name in former.Keys.Except(said.Keys, StringComparer.Ordinal).Where(name => !after.NamesIn(Folder).Contains(name)))
        {
            yield return $"{name} is nobody's name any more: what producers still state of it counts for no audience, and lists of it are refused.";
        }
    }
}
