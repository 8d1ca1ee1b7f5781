using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>The keys of a subject besides the company's own id and the address.</summary>
internal static class SubjectKeys
{
    /// <summary>Names of the ids.</summary>
    public static readonly string[] Others = ["crm_id", "account_id", "anonymous_id", "device_id"];

    /// <summary>Reads them: ids that tell a person, and the phone number where it names its country. An account tells nobody.</summary>
    /// <param name="subject">The subject; what is wrong is noted.</param>
    /// <param name="phone">Its phone number as it came, or null.</param>
    public static PersonKey[] Read(FactFields subject, string? phone)
    {
        var keys = new List<PersonKey>();
        foreach (var name in Others)
        {
            if (PersonKey.Of(PersonKey.KindOf(name)!.Value, subject.Id(name, SnapshotRowBuilder.MaxExternalIdChars)) is { Kind: not KeyKind.AccountId } key)
            {
                keys.Add(key);
            }
        }

        if (phone is not null && PhoneNumber.ToE164(phone, null, out var number) == MappingFailure.None)
        {
            keys.Add(new PersonKey(KeyKind.Phone, number));
        }

        return [.. keys];
    }
}
