using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Explain;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>Counts people of one vendor field; keeps a few masked values and no others.</summary>
internal sealed class FieldTally
{
    private const int Samples = 5;

    private readonly Dictionary<string, long> _differences = new(StringComparer.Ordinal);
    private readonly List<ValueSampleJson> _samples = [];
    private long _people;

    /// <summary>Counts one person.</summary>
    /// <param name="rules">By whose policy the value is masked.</param>
    /// <param name="name">The vendor's field.</param>
    /// <param name="before">The value before; null when there was none.</param>
    /// <param name="after">The value since; null when there is none.</param>
    public void Add(DestinationRules rules, string name, FieldValue? before, FieldValue? after)
    {
        _people++;
        string? difference = null;
        if (before is { } old && after is { } now)
        {
            difference = ValueDifference.Of(old, now);
            _differences[difference] = _differences.GetValueOrDefault(difference) + 1;
        }

        if (_samples.Count < Samples)
        {
            _samples.Add(new ValueSampleJson(Masked(rules, name, before), Masked(rules, name, after), difference));
        }
    }

    /// <summary>What was counted.</summary>
    public FieldEffectJson Told(DestinationRules rules, string name, long lookedAt, long people)
    {
        var field = rules.WrittenFields.First(written => written.To == name);
        return new FieldEffectJson(
            name, field.Source, ExplainedFields.Word(rules.FieldPolicy.Decide(field).Classification), EstimateJson.Of(_people, lookedAt, people),
            _differences.OrderByDescending(found => found.Value).ToDictionary(found => found.Key, found => EstimateJson.Of(found.Value, lookedAt, people)), _samples);
    }

    private static string? Masked(DestinationRules rules, string name, FieldValue? value) => value is not { } told || told.Kind == FieldKind.Null || told.ToString() is not { Length: > 0 } text
        ? null
        : ExplainedFields.Masked(rules.WrittenFields.First(field => field.To == name), rules.FieldPolicy, text);
}
