using System.Collections.Frozen;

namespace IntegrationHub.Hub.Consent;

/// <summary>A region, made ready: countries and states. Pure.</summary>
/// <param name="places">As <c>AT</c> and <c>US-CA</c>; null for everywhere.</param>
internal sealed class PlaceSet(IReadOnlyList<string>? places)
{
    private const int CountryLength = 2;

    private readonly FrozenSet<string>? _places = places?.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _countries = (places ?? []).Select(place => place[..CountryLength]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a place lies in it.</summary>
    public PlaceFit Fit(in Place place) =>
        _places is null || (place.Country is not null && (_places.Contains(place.Country) || (place.State is not null && _places.Contains(place.State)))) ? PlaceFit.Surely
        : place.Country is null || (place.State is null && _countries.Contains(place.Country)) ? PlaceFit.Perhaps
        : PlaceFit.Never;
}
