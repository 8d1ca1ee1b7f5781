using System.Buffers;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Consent;

/// <summary>Where a person lives, in the codes of the rules.</summary>
/// <param name="Country">Two capital letters of ISO 3166, or null when it is not known.</param>
/// <param name="State">Country and state, for example <c>US-CA</c>, or null when it is not known.</param>
internal readonly record struct Place(string? Country, string? State)
{
    private const int LongestState = 3;
    private static readonly SearchValues<char> _codes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>Reads what attributes say; what is no code is not known.</summary>
    public static Place Of(in StoredPlace stored)
    {
        if (CountryCode.Of(stored.Country) is not { } country)
        {
            return default;
        }

        var state = stored.State.AsSpan().Trim();
        state = state.StartsWith(country, StringComparison.OrdinalIgnoreCase) && state.Length > country.Length && state[country.Length] == '-' ? state[(country.Length + 1)..] : state;
        return new Place(country, state.Length is > 0 and <= LongestState && !state.ContainsAnyExcept(_codes) ? $"{country}-{state.ToString().ToUpperInvariant()}" : null);
    }
}
