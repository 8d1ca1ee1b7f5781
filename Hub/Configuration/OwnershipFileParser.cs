using System.Globalization;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>ownership.yaml</c>.</summary>
internal static class OwnershipFileParser
{
    private const string SystemOfRecord = "system_of_record";
    private const string Conflict = "conflict";
    private const string Mutability = "mutability";
    private const string AppendOnly = "append_only";
    private const string Flapping = "flapping";
    private const string Direction = "direction";
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
                var mutability = MutabilityOf(attribute, about);
                if (mutability == AttributeMutability.FillEmpty && conflict is not null)
                {
                    about.Fail(Conflict, $"{attribute} is fill_empty, which says itself what becomes of values of others.", "Remove conflict, or write another mutability.");
                }

                var flapping = FlappingOf(attribute, about, mutability);
                SayDirection(attribute, about);
                about.RejectUnknownKeys();
                if (owner is not null)
                {
                    owned[attribute] = new AttributeOwnership(shadows.GetValueOrDefault(owner, owner), conflict ?? ConflictRule.OwnerWins) { Mutability = mutability, Flapping = flapping };
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

        if (mutability is AttributeMutability.Immutable or AttributeMutability.WriteOnce)
        {
            about.Fail(Flapping, $"{attribute} does not go back and forth: its earliest value stays.", "Remove flapping.");
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

    /// <summary>Which way an attribute goes is said where it is decided; said here once more it could be otherwise.</summary>
    private static void SayDirection(string attribute, YamlSection about)
    {
        if (about.Has(Direction))
        {
            about.Fail(
                Direction, $"The direction of {attribute} is not said here: who may state it says system_of_record with conflict, and where it is written say the mappings.",
                about.Text(Direction) switch
                {
                    "in" => "Remove direction, and write owner: vendor for its fields in the mappings, or take the fields out.",
                    "out" => "Remove direction, and write conflict: owner_wins: what vendors state of it is not taken.",
                    _ => "Remove direction, and write conflict: newest: vendors may state it, and what a vendor states goes to all others but not back to it.",
                });
        }
    }

    private static AttributeMutability MutabilityOf(string attribute, YamlSection about)
    {
        if (about.Text(Mutability) != AppendOnly)
        {
            return about.Choice<AttributeMutability>(Mutability) ?? AttributeMutability.Mutable;
        }

        about.Fail(
            Mutability, $"{attribute} cannot be append_only: an attribute is one value, and what only grows are several.",
            "State an attribute for each value, or what happens as events; for one value that stays write immutable or write_once.");
        return AttributeMutability.Mutable;
    }
}
