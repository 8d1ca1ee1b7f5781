using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>The quarantine on SQLite. One statement per fact: bodies are bytes, which JSON rows cannot carry, and there is no network between.</summary>
internal sealed class SqliteQuarantine : Quarantine
{
    private const string AddSql =
        """
        INSERT OR IGNORE INTO quarantined_facts (quarantine_id, received_at, event_type, event_id, path, code, problem, producer, body)
        VALUES (@id, @at, @type, @event, @path, @code, @problem, @producer, @body)
        """;

    protected override async Task<IReadOnlySet<Guid>> InsertAsync(HubDbContext db, IReadOnlyList<QuarantinedFact> facts, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var news = new HashSet<Guid>();
        foreach (var fact in facts)
        {
            var added = await session.ExecuteAsync(
                AddSql,
                cancellationToken,
                ("id", fact.QuarantineId), ("at", fact.ReceivedAt), ("type", fact.EventType), ("event", fact.EventId),
                ("path", fact.Path), ("code", fact.Code), ("problem", fact.Problem), ("producer", fact.Producer), ("body", keys.Seal(SealedColumn.QuarantinedBody, fact.QuarantineId, fact.Body)));
            if (added > 0)
            {
                news.Add(fact.QuarantineId);
            }
        }

        return news;
    }
}
