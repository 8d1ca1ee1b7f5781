using System.Security.Cryptography;
using System.Text.Json;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What a merge of two people would be about.</summary>
/// <param name="One">The profile of one of them: the lower number.</param>
/// <param name="Other">The profile of the other one.</param>
/// <param name="Hash">Names who they are now: all their keys, and the versions of their profiles.</param>
public sealed record MergePlan(long One, long Other, string Hash)
{
    /// <summary>The plan of a merge, whatever the order of the two.</summary>
    internal static MergePlan Of(ProfileRow one, ProfileRow other, IEnumerable<(PersonKey Key, PersonKey? Person)> keys, IEnumerable<ProfileRow> profiles)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(new
        {
            Keys = keys.OrderBy(key => key.Key).Select(key => $"{key.Key} {key.Person}"),
            Profiles = profiles.OrderBy(row => row.ProfileId).Select(row => $"{row.ProfileId} {row.PersonId} {row.Version}"),
        });
        return new MergePlan(Math.Min(one.ProfileId, other.ProfileId), Math.Max(one.ProfileId, other.ProfileId), Convert.ToHexStringLower(SHA256.HashData(text))[..32]);
    }
}
