using System.Globalization;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>ownership.yaml</c>.</summary>
internal static class OwnershipFileParser
{
    private const string SystemOfRecord = "system_of_record";
    private const string Conflict = "conflict";
    private const string Mutability = "mutability";
    private const string Separator = "separator";
    private const string Flapping = "flapping";
    private const int FewestChanges = 2;
    private const int MostChanges = 100;
    private static readonly TimeSpan _longestRest = TimeSpan.FromDays(7);

    public static OwnershipRules Parse(ConfigurationFile file)
    {
        var owned = new Dictionary<string, AttributeOwnership>(StringComparer.Ordinal);
        var shadows = ShadowsSectionParser.Parse(file.Root.Section("shadows"));
        var section = file.Root.Section("attributes", required: !file.Root.Has("shadows"));
        foreach (var attribute in section?.Keys ?? [])
        {
            if (CanonicalSource.IsKey(attribute))
            {
                section!.Fail(attribute, $"{attribute} is a key of people and no attribute.", "Remove it: identity.yaml says which keys tell people.");
            }

            if (section!.Section(attribute) is { } about)
            {
                var owner = about.Text(SystemOfRecord, required: true);
                var conflict = about.Choice<ConflictRule>(Conflict);
                var mutability = about.Choice<AttributeMutability>(Mutability) ?? AttributeMutability.Mutable;
                if (mutability == AttributeMutability.FillEmpty && conflict is not null)
                {
                    about.Fail(Conflict, $"{attribute} is fill_empty, which says itself what becomes of values of others.", "Remove conflict, or write another mutability.");
                }

                var flapping = FlappingOf(attribute, about, mutability);
                var separator = SeparatorOf(attribute, about, mutability);
                var directions = DirectionsParser.Parse(about);
                about.RejectUnknownKeys();
                if (owner is not null)
                {
                    owned[attribute] = new AttributeOwnership(shadows.GetValueOrDefault(owner, owner), conflict ?? ConflictRule.OwnerWins) 
                    {
                        Mutability = mutability,
                        Separator = separator,
                        Directions = directions,
                        Flapping = flapping,
                    };
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return new OwnershipRules(owned) { Shadows = shadows };
    }

    private static FlappingRule? FlappingOf(string attribute, YamlSection about, AttributeMutability mutability)
    {
        if (about.Section(Flapping) is not { } flapping)
        {
            return null;
        }

        if (mutability is AttributeMutability.Immutable or AttributeMutability.WriteOnce or AttributeMutability.AppendOnly)
        {
            about.Fail(Flapping, $"{attribute} does not go back and forth: {(mutability == AttributeMutability.AppendOnly ? "it only grows" : "its earliest value stays")}.", "Remove flapping.");
        }

        var changes = ChangesOf(flapping);
        var within = RestOf(flapping);
        flapping.RejectUnknownKeys();
        return changes is null || within is null ? null : new FlappingRule(changes.Value, within.Value);
    }

    private static int? ChangesOf(YamlSection flapping)
    {
        const string Changes = "changes";
        if (flapping.Text(Changes, required: true) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var changes) && changes is >= FewestChanges and <= MostChanges)
        {
            return changes;
        }

        flapping.Fail(Changes, $"{flapping.PathOf(Changes)} is not a whole number from {FewestChanges} to {MostChanges}.", "Write for example 3: the first two changes go out, the third is held.");
        return null;
    }

    private static TimeSpan? RestOf(YamlSection flapping)
    {
        const string Within = "within";
        if (flapping.Text(Within, required: true) is not { Length: > 0 } text)
        {
            return null;
        }

        var isNumber = int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        TimeSpan? within = (isNumber, text[^1]) switch
        {
            (true, 'm') => TimeSpan.FromMinutes(number),
            (true, 'h') => TimeSpan.FromHours(number),
            (true, 'd') => TimeSpan.FromDays(number),
            _ => null,
        };
        if (within > TimeSpan.Zero && within <= _longestRest)
        {
            return within;
        }

        flapping.Fail(Within, $"{flapping.PathOf(Within)} is not a length of time.", "Write for example 30m or 1h; at most 7d. After so long without a change the last value is written.");
        return null;
    }

    private static string SeparatorOf(string attribute, YamlSection about, AttributeMutability mutability)
    {
        if (about.Text(Separator) is not { } separator)
        {
            return ElementText.UsualSeparator;
        }

        if (mutability != AttributeMutability.AppendOnly)
        {
            about.Fail(Separator, $"separator stands between the elements of what only grows, and {attribute} is {(about.Text(Mutability) ?? "mutable")}.", "Remove separator, or write mutability: append_only.");
        }
        else if (!ElementText.IsSeparator(separator))
        {
            about.Fail(Separator, $"{about.PathOf(Separator)} cannot be {separator}.", "Write one or two signs, such as \",\" or \"; \"; letters and digits are of elements.");
        }

        return separator;
    }
}
