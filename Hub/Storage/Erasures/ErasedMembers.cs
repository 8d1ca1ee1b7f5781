using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Erasures;

/// <summary>
/// Members whom a destination shows and who were erased: nothing of them is kept, so that no run takes them for strangers whom it has to remove. Whoever is there still, or came back, is deleted by the
/// looks of the erasure.
/// </summary>
internal static class ErasedMembers
{
    private const string Counted = "vendor_member";

    /// <summary>The members of whom neither key nor id is an erased person's; the others are counted. In the caller's transaction.</summary>
    /// <param name="db">The database.</param>
    /// <param name="tombstones">Who was erased.</param>
    /// <param name="destination">Whose members.</param>
    /// <param name="members">A page of them.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="UnknownTombstoneSecretException">There are tombstones that this hub cannot read.</exception>
    public static async Task<IReadOnlyList<RemoteMember>> LeaveOutAsync(
        HubDbContext db, Tombstones tombstones, string destination, IReadOnlyList<RemoteMember> members, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var keys = await tombstones.FindAsync(db, members.SelectMany(KeysOf), cancellationToken);
        var ids = await tombstones.FindRemoteAsync(db, destination, members.Select(member => member.RemoteId).OfType<string>(), cancellationToken);
        if (keys.Count + ids.Count == 0)
        {
            return members;
        }

        RemoteMember[] left = [.. members.Where(member => !(member.RemoteId is { } id && ids.Contains(id)) && !KeysOf(member).Any(keys.Contains))];
        await Tombstones.CountAsync(db, Enumerable.Repeat(Counted, members.Count - left.Length), now, cancellationToken);
        return left;
    }

    /// <summary>What a destination knows people by is an id or an address, as its configuration says.</summary>
    private static IEnumerable<PersonKey> KeysOf(RemoteMember member)
    {
        if (NormalKey.OfId(member.Key) is { } id)
        {
            yield return new PersonKey(KeyKind.ExternalId, id);
        }

        if (NormalKey.OfEmail(member.Key) is { } email)
        {
            yield return new PersonKey(KeyKind.Email, email);
        }
    }
}
