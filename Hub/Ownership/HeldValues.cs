using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Hub.Ownership;

/// <summary>Truth values of a person that go back and forth, and how destinations that are told changes as they happen see the person meanwhile. Pure.</summary>
/// <param name="All">The values; none for most.</param>
internal sealed record HeldValues(IReadOnlyList<HeldValue> All)
{
    /// <summary>So many at once are looked at in every combination.</summary>
    private const int MostCombined = 4;

    /// <summary>Nothing goes back and forth.</summary>
    public static readonly HeldValues None = new([]);

    /// <summary>When all of it will have come to rest; null when nothing is held.</summary>
    public DateTimeOffset? SteadyAt => All.Count == 0 ? null : All.Max(held => held.SteadyAt);

    /// <summary>What is held of a person.</summary>
    /// <param name="rules">The rules, by name of the attribute.</param>
    /// <param name="attributesJson">The person's attributes; of what does not open nothing is held.</param>
    /// <param name="timesJson">The times that the profile keeps; null for none.</param>
    /// <param name="at">The time.</param>
    public static HeldValues Of(IReadOnlyDictionary<string, FlappingRule> rules, string attributesJson, string? timesJson, DateTimeOffset at)
    {
        if (rules.Count == 0 || timesJson is null || SealingKeys.IsSealed(attributesJson))
        {
            return None;
        }

        using var attributes = JsonDocument.Parse(attributesJson);
        List<HeldValue> held = [];
        foreach (var (name, unrest) in ProfileMarks.UnrestOf(timesJson).OrderBy(mark => mark.Key, StringComparer.Ordinal))
        {
            if (rules.TryGetValue(name, out var rule) && rule.Holds(unrest, at) && attributes.RootElement.TryGetProperty(name, out var value) && rule.Words.TruthOf(value) is { } truth)
            {
                held.Add(new HeldValue(name, rule.HeldValue(truth, unrest), unrest, rule.SteadyAt(unrest)));
            }
        }

        return held.Count == 0 ? None : new HeldValues(held);
    }

    /// <summary>The person's attributes as the destination is told them.</summary>
    public string Told(string attributesJson) => All.Count == 0 ? attributesJson : With(attributesJson, All.ToDictionary(held => held.Attribute, held => held.Told, StringComparer.Ordinal));

    /// <summary>The person's attributes with every combination of what is held: whichever of them the destination has, it lacks nothing else.</summary>
    public IEnumerable<string> Either(string attributesJson) => All.Count is 0 or > MostCombined
        ? []
        : Enumerable.Range(0, 1 << All.Count).Select(bits => With(attributesJson, All.Select((held, i) => (held.Attribute, Value: (bits & (1 << i)) != 0)).ToDictionary(held => held.Attribute, held => held.Value, StringComparer.Ordinal)));

    private static string With(string attributesJson, Dictionary<string, bool> values)
    {
        using var attributes = JsonDocument.Parse(attributesJson);
        return Encoding.UTF8.GetString(RelaxedJson.Object(writer =>
        {
            foreach (var attribute in attributes.RootElement.EnumerateObject())
            {
                if (values.TryGetValue(attribute.Name, out var value))
                {
                    writer.WriteBoolean(attribute.Name, value);
                }
                else
                {
                    attribute.WriteTo(writer);
                }
            }
        }));
    }
}
