using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Identities;

/// <summary>A key of a person as people write it: <c>email:kim@example.org</c>; of an address or the company's id the text alone is enough. Pure.</summary>
internal static class KeyText
{
    /// <summary>The kinds of keys that people decide about.</summary>
    public const string Kinds = "external_id, crm_id, email, phone, anonymous_id or device_id";

    /// <summary>Reads it; null when it is no key that tells people.</summary>
    public static PersonKey? Read(string? text)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var key = PersonKey.Parse(text) ?? PersonKey.Of(text.Contains('@', StringComparison.Ordinal) ? KeyKind.Email : KeyKind.ExternalId, text);
        return key switch
        {
            { Kind: KeyKind.AccountId } => null,
            { Kind: KeyKind.Phone, Value: var phone } => PhoneNumber.ToE164(phone, null, out var number) == MappingFailure.None ? new PersonKey(KeyKind.Phone, number) : null,
            _ => key,
        };
    }

    /// <summary>The key masked: enough for whoever has it to recognise it.</summary>
    public static string Mask(PersonKey key) => $"{PersonKey.WordOf(key.Kind)}:{Runs.MaskedKey.Of(key.Value)}";
}
