using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Erasures;

/// <summary>What the hub does to its own tables: first so that nothing about the person leaves, then so that nothing of the person is left. Twice is as good as once.</summary>
public sealed class PersonErasure
{
    private readonly Tombstones _tombstones;
    private readonly SealedPeople _people;
    private readonly PersonSearch _search;
    private readonly ILedgerTables _tables;
    private readonly UndecidedKeys _undecided;

    internal PersonErasure(Tombstones tombstones, SealedPeople people, PersonSearch search, ILedgerTables tables, UndecidedKeys undecided) =>
        (_tombstones, _people, _search, _tables, _undecided) = (tombstones, people, search, tables, undecided);

    /// <summary>
    /// In one transaction: what the person is known by now is sealed, tombstones are written, everything pending about the person is settled, and the hub's tables are emptied but for
    /// bodies that have to be looked through. When it commits nothing about the person leaves any more. Done again it takes what came in between, and counts nothing twice.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="requestId">The erasure.</param>
    /// <param name="reason">Goes with the tombstones.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The person; null when nobody is sealed under the id.</returns>
    public async Task<ErasurePerson?> SuppressAsync(HubDbContext db, Guid requestId, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _tables.LockAsync(db, cancellationToken);
        if (await _people.FindAsync(db, requestId, cancellationToken) is not { } asked)
        {
            return null;
        }

        var person = await GrownAsync(db, asked, cancellationToken);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await SuppressAsync(session, db, requestId, person, reason, now, cancellationToken);
        await ErasureCounts.KeepAsync(session, requestId, [("profiles", person.ProfileIds.Count), (ErasureCounts.SharedKeys, person.Shared.Count), (ErasureCounts.UndecidedKeys, person.Contested.Count)], cancellationToken);
        await _undecided.HoldAsync(db, person.Contested, now, cancellationToken);
        return person;
    }

    /// <summary>
    /// A destination shows the person under ids that the hub did not know: they get tombstones, so that nobody takes the person there for a stranger, and whoever was taken for one is suppressed, in one transaction.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="requestId">The erasure.</param>
    /// <param name="destination">Who shows them.</param>
    /// <param name="remoteIds">Its ids of the person.</param>
    /// <param name="reason">Goes with the tombstones.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task LearnAsync(HubDbContext db, Guid requestId, string destination, IReadOnlyCollection<string> remoteIds, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _tables.LockAsync(db, cancellationToken);
        if (await _people.FindAsync(db, requestId, cancellationToken) is not { } known)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var strangers = await session.ReadAsync(
            $"""
            SELECT p.profile_id FROM {session.Rows(("remote_id", "text"))} r JOIN destination_profiles d ON d.destination = @destination AND d.remote_id = r.remote_id JOIN profiles p ON p.profile_id = d.profile_id
            WHERE p.external_id IS NULL AND p.email IS NULL AND p.phone IS NULL
            """,
            row => row.GetInt64(0), cancellationToken, ("destination", destination), ("rows", JsonRows.Of(remoteIds, (writer, id) => writer.WriteStringValue(id))));
        var person = known.Join(new ErasurePerson { Keys = [], ProfileIds = strangers, RemoteIds = new Dictionary<string, IReadOnlyList<string>> { [destination] = [.. remoteIds] } });
        await SuppressAsync(session, db, requestId, person, reason, now, cancellationToken);
    }

    /// <summary>What came in between, and the bodies that name the person. Each part is a transaction of its own under the ledger's lock.</summary>
    /// <param name="db">The context without a transaction.</param>
    /// <param name="requestId">The erasure.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False when nobody is sealed under the id.</returns>
    public async Task<bool> EraseOwnAsync(HubDbContext db, Guid requestId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        if (await _people.FindAsync(db, requestId, cancellationToken) is not { } person)
        {
            return false;
        }

        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await _tables.LockAsync(db, cancellationToken);
            await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
            await ErasedDeliveries.SettleAsync(session, person, now, cancellationToken);
            await EraseTablesAsync(session, requestId, person, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await using var bodies = await DbSession.OpenAsync(db, cancellationToken);
        foreach (var table in OwnBody.All)
        {
            var found = new List<object>();
            await table.FindAsync(bodies, SealingKeys.Of(db), person, (id, _) =>
            {
                found.Add(id);
                return Task.CompletedTask;
            }, cancellationToken);
            var erased = 0L;
            foreach (var id in found)
            {
                erased += await bodies.ExecuteAsync(table.Erase, cancellationToken, ("id", id));
            }

            await ErasureCounts.AddAsync(bodies, requestId, [(table.Name, erased)], cancellationToken);
        }

        return true;
    }

    private async Task SuppressAsync(DbSession session, HubDbContext db, Guid requestId, ErasurePerson person, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _people.KeepAsync(db, requestId, person, cancellationToken);
        await _tombstones.AddAsync(db, requestId, person, reason, now, cancellationToken);
        await ErasedDeliveries.SettleAsync(session, person, now, cancellationToken);
        await EraseTablesAsync(session, requestId, person, cancellationToken);
    }

    /// <summary>The person may have got keys since the erasure was asked for.</summary>
    private async Task<ErasurePerson> GrownAsync(HubDbContext db, ErasurePerson asked, CancellationToken cancellationToken)
    {
        var person = asked;
        foreach (var key in asked.Keys)
        {
            person = await _search.FindAsync(db, key, cancellationToken) is { } now ? person.Join(now) : person;
        }

        return person;
    }

    private static async Task EraseTablesAsync(DbSession session, Guid requestId, ErasurePerson person, CancellationToken cancellationToken)
    {
        var parameters = PersonSql.ParametersOf(person);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in OwnTable.All.Where(table => table.Name != "profiles"))
        {
            counts[table.Name] = counts.GetValueOrDefault(table.Name) + await EraseAsync(table);
        }

        await EraseAsync(OwnTable.All.Single(table => table.Name == "profiles"));
        await ErasureCounts.AddAsync(session, requestId, counts.Select(count => (count.Key, count.Value)), cancellationToken);

        async Task<int> EraseAsync(OwnTable table)
        {
            var where = PersonSql.Fill(session, table.Where);
            await using var command = session.Command(
                table.Instead is { } instead ? $"UPDATE {table.Name} SET {instead} WHERE ({where}) AND {table.Unless}" : $"DELETE FROM {table.Name} WHERE {where}", PersonSql.Used(where, parameters));
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
