using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Keys among the values of a profile beside its id and its address: the phone number, and ids of other systems that stand in attributes of their names. A list states them as it states
/// everything, so they join nobody and grant nothing; but what is denied under one of them holds for whoever has it. Pure.
/// </summary>
/// <param name="numbersOf">The numbers in E.164 that a phone number may be of somebody with some attributes, a flat JSON object: none when it is no number.</param>
/// <param name="rules">By what rules numbers are read: other rules are another text.</param>
public sealed class StatedKeys(Func<string, string, IEnumerable<string>> numbersOf, string rules)
{
    private static readonly KeyKind[] _ids = [KeyKind.CrmId, KeyKind.AnonymousId, KeyKind.DeviceId];
    private static readonly string[] _quotedIds = [.. _ids.Select(kind => $"\"{PersonKey.WordOf(kind)}\"")];

    /// <summary>Numbers that are written as E.164, and no others.</summary>
    public static StatedKeys AsWritten { get; } = new((phone, _) => phone.Length is > 7 and < 17 && phone[0] == '+' && phone.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0 ? [phone] : [], "");

    /// <summary>By what rules numbers are read.</summary>
    public string Rules => rules;

    /// <summary>In SQL, of a profile: it may state such a key.</summary>
    /// <param name="maySeal">Whether what it states may be sealed, so that nobody can tell before it is opened.</param>
    internal static string MayStand(bool maySeal) =>
        $"(phone IS NOT NULL OR {string.Join(" OR ", _quotedIds.Select(id => $"attributes LIKE '%{id}%'"))}{(maySeal ? $" OR attributes LIKE '{SealingKeys.Sealed}%'" : "")})";

    /// <summary>All of them.</summary>
    internal IEnumerable<PersonKey> Of(ProfileContent content) => Of(content.Phone, content.AttributesJson);

    /// <summary>All of what states a phone number and attributes, a flat JSON object; either may be null. Of attributes that do not open nothing is told.</summary>
    internal IEnumerable<PersonKey> Of(string? phone, string? attributesJson) =>
        phone is null && attributesJson is null ? [] : NumbersOf(phone, attributesJson ?? "{}").Concat(IdsOf(attributesJson ?? "{}"));

    /// <summary>Those that are not in what stood before; perhaps some that are.</summary>
    internal IEnumerable<PersonKey> NewOf(ProfileContent? before, ProfileContent content)
    {
        if (before is null)
        {
            return Of(content);
        }

        var moved = !string.Equals(before.AttributesJson, content.AttributesJson, StringComparison.Ordinal);
        var numbers = before.Phone != content.Phone || (moved && content.Phone?.StartsWith('+') == false) ? NumbersOf(content.Phone, content.AttributesJson) : [];
        return moved ? numbers.Concat(IdsOf(content.AttributesJson).Except(IdsOf(before.AttributesJson))) : numbers;
    }

    private IEnumerable<PersonKey> NumbersOf(string? phone, string attributesJson) =>
        string.IsNullOrEmpty(phone) ? [] : numbersOf(phone, SealingKeys.IsSealed(attributesJson) ? "{}" : attributesJson).Select(number => new PersonKey(KeyKind.Phone, number));

    private static List<PersonKey> IdsOf(string attributesJson)
    {
        var keys = new List<PersonKey>();
        if (!Array.Exists(_quotedIds, id => attributesJson.Contains(id, StringComparison.Ordinal)))
        {
            return keys;
        }

        using var attributes = JsonDocument.Parse(attributesJson);
        foreach (var kind in _ids)
        {
            if (attributes.RootElement.TryGetProperty(PersonKey.WordOf(kind), out var value)
                && (value.ValueKind == JsonValueKind.String ? value.GetString() : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null) is { } id
                && PersonKey.Of(kind, id) is { } key)
            {
                keys.Add(key);
            }
        }

        return keys;
    }
}
