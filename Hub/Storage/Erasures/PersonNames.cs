using System.Text.Json;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Tells whether a text names a person: by an address or a number wherever it stands, by an id where an id stands. Pure.</summary>
internal sealed class PersonNames(ErasurePerson person)
{
    /// <summary>Shorter ids would be found in texts that are no JSON and mean something else.</summary>
    private const int LeastOfBrokenText = 6;

    private readonly string[] _addresses = [.. person.Keys.Where(IsAddress).Select(key => key.Value).Distinct(StringComparer.Ordinal)];
    private readonly HashSet<string> _ids = person.Keys.Where(key => !IsAddress(key)).Select(key => key.Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>True when the text, as a rule JSON, names the person.</summary>
    public bool StandIn(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return StandIn(json.RootElement, "");
        }
        catch (JsonException)
        {
            return _addresses.Concat(_ids.Where(id => id.Length >= LeastOfBrokenText)).Any(value => HoldsWhole(text, value));
        }
    }

    private bool StandIn(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(property => StandIn(property.Value, property.Name)),
        JsonValueKind.Array => element.EnumerateArray().Any(item => StandIn(item, name)),
        JsonValueKind.String => IsName(element.GetString()!, name),
        JsonValueKind.Number => IsName(element.GetRawText(), name),
        _ => false,
    };

    private bool IsName(string text, string property) =>
        (IsOfId(property) && NormalKey.OfId(text) is { } id && _ids.Contains(id))
        || Array.Exists(_addresses, address => HoldsWhole(text, address) || NormalKey.OfEmail(text) == address);

    private static bool IsOfId(string property) => property.Length == 0 || property.EndsWith("id", StringComparison.OrdinalIgnoreCase) || property.Contains("key", StringComparison.OrdinalIgnoreCase);

    /// <summary>It does not stand in the middle of another word.</summary>
    private static bool HoldsWhole(string text, string value)
    {
        for (var at = text.IndexOf(value, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(value, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + value.Length == text.Length || !char.IsLetterOrDigit(text[at + value.Length])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAddress(PersonKey key) => key.Kind is KeyKind.Email or KeyKind.Phone;
}
