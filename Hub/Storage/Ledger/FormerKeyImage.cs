using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Keys that profiles had before their people were merged. Everything else of a merge can be computed again from what was stated; what was denied under a key that somebody had
/// once holds on, and which of these keys a merge brought cannot be told afterwards. It is kept with the decision, as long as that. Personal data.
/// </summary>
internal static class FormerKeyImage
{
    /// <summary>Writes the keys down.</summary>
    /// <param name="profileIds">The profiles, with keys or without.</param>
    /// <param name="keys">Their keys.</param>
    public static string Write(IEnumerable<long> profileIds, IEnumerable<FormerKey> keys)
    {
        var byProfile = keys.ToLookup(key => key.ProfileId, key => key.SubjectKey);
        return JsonSerializer.Serialize(profileIds.ToDictionary(id => id, id => byProfile[id].Order(StringComparer.Ordinal).ToArray()));
    }

    /// <summary>
    /// Of the keys that profiles of two parted people have, those that the merge brought: they were not there before and are not the person's, or the profile shows them itself. Of a profile that came to one
    /// of the two later nothing was written down: what is the other's goes. Pure.
    /// </summary>
    /// <param name="before">What was written down, or null.</param>
    /// <param name="now">The keys now.</param>
    /// <param name="shown">The keys that the profiles show.</param>
    /// <param name="told">Where keys stand after the parting.</param>
    /// <param name="ownerOf">First key of the person whose profile it is; null for profiles of nobody of the two.</param>
    /// <param name="others">First key of the other person.</param>
    public static IEnumerable<FormerKey> Brought(
        string? before, IEnumerable<FormerKey> now, ILookup<long, string> shown, KeyBook told, Func<long, PersonKey?> ownerOf, Func<PersonKey, PersonKey> others)
    {
        var had = before is null ? [] : JsonSerializer.Deserialize<Dictionary<long, string[]>>(before)!;
        foreach (var key in now)
        {
            if (ownerOf(key.ProfileId) is { } owner && (shown[key.ProfileId].Contains(key.SubjectKey) || !IsOf(told, owner, key.SubjectKey))
                && (had.TryGetValue(key.ProfileId, out var earlier) ? !earlier.Contains(key.SubjectKey) : IsOf(told, others(owner), key.SubjectKey)))
            {
                yield return key;
            }
        }
    }

    /// <summary>Takes keys away.</summary>
    public static async Task RemoveAsync(HubDbContext db, IReadOnlyCollection<FormerKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"DELETE FROM former_keys WHERE (profile_id, subject_key) IN (SELECT profile_id, subject_key FROM {session.Rows(("profile_id", "bigint"), ("subject_key", "text"))} r)",
            cancellationToken,
            ("rows", JsonRows.Of(keys, (writer, key) =>
            {
                writer.WriteNumberValue(key.ProfileId);
                writer.WriteStringValue(key.SubjectKey);
            })));
    }

    /// <summary>True when the person has the key, claims it, or may be meant by it.</summary>
    private static bool IsOf(KeyBook told, PersonKey person, string subjectKey) =>
        told.People.Keys.Where(key => SubjectIntake.SubjectKeyOf(key.Key) == subjectKey).Any(key => key.Value.Person == person || key.Value.Candidates.Contains(person))
        || told.Claims.Any(claim => claim.A.Kind == KeyKind.ExternalId && SubjectIntake.SubjectKeyOf(claim.B) == subjectKey && told.StandOf(claim.A).Person == person);
}
