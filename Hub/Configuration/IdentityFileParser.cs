using System.Globalization;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>identity.yaml</c>. Without the file, and without one of its keys, <see cref="IdentityRules.Default"/> holds.</summary>
internal static class IdentityFileParser
{
    private const int MaxPerPerson = 1_000;
    private const int MaxDays = 3_650;
    private const string Authority = "authoritative";

    public static IdentityRules Parse(ConfigurationFile file)
    {
        var root = file.Root;
        if (root.Text("primary") is { } primary && primary != PersonKey.WordOf(KeyKind.ExternalId))
        {
            root.Fail("primary", $"The primary key cannot be {primary}.", "Write external_id: two of them are two people.");
        }

        var rules = IdentityRules.Default;
        if (root.Section("keys") is { } keys)
        {
            rules = rules with { Keys = ParseKeys(keys) };
        }

        rules = rules with { Blocked = ParsePatterns(root), Authoritative = ParseSources(root) };
        if (root.Number("shared_after", 1, IdentityRules.MaxNeighbours) is { } people)
        {
            rules = rules with { SharedAfter = (int)people };
        }

        root.RejectUnknownKeys();
        return rules;
    }

    private static Dictionary<KeyKind, KeyRule> ParseKeys(YamlSection keys)
    {
        var rules = new Dictionary<KeyKind, KeyRule>();
        string[] kinds = [.. PersonKey.Words.Where(word => PersonKey.KindOf(word) is not (KeyKind.ExternalId or KeyKind.AccountId))];
        foreach (var word in keys.Keys)
        {
            if (keys.Section(word) is not { } section)
            {
                continue;
            }

            if (!kinds.Contains(word))
            {
                keys.Fail(
                    word,
                    word switch
                    {
                        "account_id" => "account_id is a group of people, not a key of one.",
                        "external_id" => "external_id is the primary key: it has no rule.",
                        _ => $"There is no key {word}.",
                    },
                    $"{Spelling.Hint(word, kinds)}Keys with rules: {string.Join(", ", kinds)}.");
            }
            else if (ParseRule(section, PersonKey.KindOf(word)!.Value) is { } rule)
            {
                if (rules.FirstOrDefault(other => other.Value.Precedence == rule.Precedence) is { Value: not null } same)
                {
                    section.Fail("precedence", $"{section.PathOf("precedence")} is that of {PersonKey.WordOf(same.Key)} too.", "Give every key a precedence of its own; the lower tells whose the higher is.");
                }

                rules[PersonKey.KindOf(word)!.Value] = rule;
            }
        }

        return rules;
    }

    private static KeyRule? ParseRule(YamlSection section, KeyKind kind)
    {
        section.Text("precedence", required: true);
        section.Text("per_person", required: true);
        var precedence = section.Number("precedence", 1, 99);
        var perPerson = section.Number("per_person", 1, MaxPerPerson);
        string[] forms = kind == KeyKind.Email ? ["trim", "lower"] : ["trim"];
        foreach (var form in section.Texts("normalise").Where(form => !forms.Contains(form)))
        {
            section.Fail("normalise", $"{section.PathOf("normalise")} cannot be {form}.", $"Write [{string.Join(", ", forms)}] or remove it: that is the one form in which the hub keeps this key.");
        }

        var reuse = section.Text("reuse_after") is { } text ? ParseDays(section, text) : null;
        section.RejectUnknownKeys();
        return precedence is { } first && perPerson is { } many ? new KeyRule((int)first, (int)many, reuse) : null;
    }

    private static int? ParseDays(YamlSection section, string text)
    {
        if (text.EndsWith('d') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= MaxDays)
        {
            return days;
        }

        section.Fail("reuse_after", $"{section.PathOf("reuse_after")} is not a number of days.", $"Write for example 180d; 1d to {MaxDays}d. Without it a key is never free again.");
        return null;
    }

    /// <summary>Whose merges count: <c>sources: { crm: authoritative }</c>.</summary>
    private static List<string> ParseSources(YamlSection root)
    {
        var names = new List<string>();
        if (root.Section("sources") is not { } sources)
        {
            return names;
        }

        foreach (var name in sources.Keys)
        {
            if (sources.Text(name) is Authority)
            {
                names.Add(name);
            }
            else
            {
                sources.Fail(name, $"{sources.PathOf(name)} is not {Authority}.", $"Write {name}: {Authority} when two profiles that it merges are one person, or leave it out: its merges are proposals then.");
            }
        }

        return names;
    }

    private static List<KeyPattern> ParsePatterns(YamlSection root)
    {
        var patterns = new List<KeyPattern>();
        foreach (var text in root.Texts("block"))
        {
            if (KeyPattern.Parse(text) is { } pattern)
            {
                patterns.Add(pattern);
            }
            else
            {
                root.Fail("block", $"{root.PathOf("block")} holds {text}, which is no kind of key with a text.", $"Write for example \"email:noreply@*\"; kinds are {string.Join(", ", PersonKey.Words)}. Something besides * has to stand behind the colon.");
            }
        }

        return patterns;
    }
}
