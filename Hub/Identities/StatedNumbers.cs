using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Identities;

/// <summary>
/// The numbers that a profile's phone number may be: as it names its country; else of every country that the person's attributes or the configuration name. One of them is what a destination
/// is sent, so what is denied under any of them holds. Pure.
/// </summary>
internal sealed class StatedNumbers
{
    private readonly string[] _countries;
    private readonly string[] _attributes;

    private StatedNumbers(HubConfiguration configuration)
    {
        var fields = configuration.Mappings.Values.SelectMany(mapping => mapping.Fields).ToList();
        _countries =
        [
            .. configuration.Destinations.Values.Select(destination => destination.DefaultCountry).Concat(configuration.Audiences.Values.Select(audience => audience.DefaultCountry))
                .Concat(fields.Select(field => field.DefaultCountry)).OfType<string>().Distinct().Order(StringComparer.Ordinal),
        ];
        _attributes = [.. fields.Select(field => field.CountryFrom).OfType<string>().Append("country").Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The keys that profiles state, by what the configuration says of countries.</summary>
    public static StatedKeys Keys(HubConfiguration configuration)
    {
        var numbers = new StatedNumbers(configuration);
        return new StatedKeys(numbers.Of, $"{string.Join(',', numbers._countries)} {string.Join(',', numbers._attributes)}");
    }

    private IEnumerable<string> Of(string phone, string attributesJson) => PhoneNumber.ToE164(phone, null, out var number) switch
    {
        MappingFailure.None => [number],
        MappingFailure.PhoneCountryUnknown => [.. CountriesOf(attributesJson).Concat(_countries).Distinct().Select(country => PhoneNumber.ToE164(phone, country, out var of) == MappingFailure.None ? of : null).OfType<string>().Distinct()],
        _ => [],
    };

    private List<string> CountriesOf(string attributesJson)
    {
        using var attributes = JsonDocument.Parse(attributesJson);
        var countries = new List<string>();
        foreach (var name in _attributes)
        {
            if (attributes.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && CountryCode.Of(value.GetString()) is { } country)
            {
                countries.Add(country);
            }
        }

        return countries;
    }
}
