using System.Text;
using System.Text.Json;

namespace IntegrationHub.Benchmarks.Erasure;

/// <summary>What is stated of people who are to be erased.</summary>
internal static class GoneFacts
{
    /// <summary>Keys that facts state of somebody.</summary>
    public static IEnumerable<object> StatedKeys(GonePerson person)
    {
        if (person.HasManyKeys)
        {
            yield return Fact("profile_updated", new { external_id = person.Id, email = person.Email, crm_id = person.CrmId, anonymous_id = person.DeviceId, device_id = person.DeviceId }, new { attributes = new { first_name = "Kim" } });
        }

        if (person.SharesAddress)
        {
            yield return Fact("profile_updated", new { external_id = person.Id, email = person.SharedEmail }, new { attributes = new { first_name = "Kim" } });
            yield return Fact("profile_updated", new { external_id = $"c{person.Number}", email = person.SharedEmail }, new { attributes = new { first_name = "Bo" } });
        }
    }

    public static IEnumerable<object> Said(GonePerson person, int what)
    {
        object subject = (what % 3) switch
        {
            0 => new { external_id = person.Id },
            1 => person.SharesAddress ? new { external_id = person.Id } : new { email = person.Email },
            _ => new { external_id = person.Id, device_id = person.DeviceId },
        };
        yield return Fact("profile_updated", subject, new { attributes = new { total_children = what % 6 } });
        yield return Fact("behavior_tracked", subject, new { name = "product_viewed", properties = new { product_id = "p-1", price = 12.5 } });
        yield return Fact("consent_updated", subject, new { purpose = "email_marketing", status = what % 2 == 0 ? "granted" : "denied", source = "preference-center" });
        yield return Fact("audience_membership_changed", subject, new { audience = "customers", is_member = what % 2 == 0 });
    }

    public static object Fact(string type, object subject, object payload) =>
        new { event_id = Guid.CreateVersion7(), event_type = type, schema_version = 1, occurred_at = TimeProvider.System.GetUtcNow(), producer = "erasure", subject, payload };

    public static byte[] Facts(IEnumerable<object> facts) => Encoding.UTF8.GetBytes(string.Concat(facts.Select(fact => JsonSerializer.Serialize(fact) + "\n")));
}
