using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>A field that is turned once all that it is made of is known: it has several sources, or its phone number's country stands in another attribute.</summary>
/// <param name="slot">The field's slot.</param>
/// <param name="field">The field.</param>
/// <param name="mapping">What the file says of it.</param>
/// <param name="first">Where its sources begin among those that are kept until then; behind them stands the country, where one is read.</param>
internal sealed class MadeOfSeveral(int slot, CompiledField field, FieldMapping mapping, int first)
{
    private readonly int _sources = mapping.Sources.Count;
    private readonly bool _hasCountry = mapping.CountryFrom is not null;
    private readonly bool _isJoined = mapping.Combine == Combination.Concat && mapping.Beside.Count > 0;
    private readonly string _separator = mapping.Separator;

    /// <summary>The field's slot.</summary>
    public int Slot => slot;

    /// <summary>Makes the value.</summary>
    /// <param name="kept">The sources of all such fields.</param>
    /// <param name="value">The value.</param>
    public MappingFailure Make(ReadOnlySpan<SourceText> kept, out FieldValue value)
    {
        var sources = kept.Slice(first, _sources);
        if (_isJoined)
        {
            return Join(sources, out value);
        }

        value = default;
        foreach (var source in sources)
        {
            if (source.Kind == JsonValueKind.Object)
            {
                return MappingFailure.NotScalar;
            }

            if (!field.ValueIn(source.Text).IsEmpty)
            {
                return _hasCountry ? field.ConvertPhone(source.Text, CountryIn(kept[first + _sources]), out value) : field.Convert(source, out value);
            }
        }

        return MappingFailure.Missing;
    }

    private static string? CountryIn(SourceText kept) => kept.Kind == JsonValueKind.String ? kept.Text : null;

    private MappingFailure Join(ReadOnlySpan<SourceText> sources, out FieldValue value)
    {
        value = default;
        StringBuilder? joined = null;
        foreach (var source in sources)
        {
            if (source.Kind == JsonValueKind.Object)
            {
                return MappingFailure.NotScalar;
            }

            var part = field.ValueIn(source.Text);
            if (!part.IsEmpty)
            {
                joined = joined is null ? new StringBuilder() : joined.Append(_separator);
                joined.Append(part);
            }
        }

        return joined is null ? MappingFailure.Missing : field.Convert(joined.ToString(), out value);
    }
}
