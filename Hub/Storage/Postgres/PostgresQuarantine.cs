using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using Npgsql;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>The quarantine on PostgreSQL.</summary>
internal sealed class PostgresQuarantine : Quarantine
{
    private const string AddSql =
        """
        INSERT INTO quarantined_facts (quarantine_id, received_at, event_type, event_id, path, code, problem, producer, body)
        SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[]) AS q(quarantine_id)
        ORDER BY quarantine_id
        ON CONFLICT DO NOTHING
        RETURNING quarantine_id
        """;

    protected override async Task<IReadOnlySet<Guid>> InsertAsync(HubDbContext db, IReadOnlyList<QuarantinedFact> facts, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        await using var command = session.Command(AddSql)
            .Ids(facts.Column(fact => fact.QuarantineId))
            .Times(facts.Column<QuarantinedFact, DateTimeOffset?>(fact => fact.ReceivedAt))
            .Texts(facts.Column(fact => fact.EventType))
            .Texts(facts.Column(fact => fact.EventId))
            .Texts(facts.Column<QuarantinedFact, string?>(fact => fact.Path))
            .Texts(facts.Column<QuarantinedFact, string?>(fact => fact.Code))
            .Texts(facts.Column<QuarantinedFact, string?>(fact => fact.Problem))
            .Texts(facts.Column(fact => fact.Producer));
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = facts.Column(fact => keys.Seal(SealedColumn.QuarantinedBody, fact.QuarantineId, fact.Body)) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var news = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            news.Add(reader.GetGuid(0));
        }

        return news;
    }
}
