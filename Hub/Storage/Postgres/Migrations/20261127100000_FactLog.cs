using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>
/// The log: every fact has a position, ids are known in a table of their own, and facts lie in partitions by how long they are kept and when they came.
/// What was there is moved in one statement per table, in the order of its arrival, as facts of the standard class.
/// </summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127100000_FactLog")]
public sealed class FactLog : Migration
{
    // A partition is made beside its table and attached, which waits for no reader and no writer. It gives up soon: what it would wait for may wait for its caller.
    private const string CoverPartition =
        """
        CREATE FUNCTION cover_partition(parent text, from_at timestamptz, to_at timestamptz) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '5s' AS $cover$
        DECLARE
            leaf text := parent || '_' || to_char(from_at AT TIME ZONE 'UTC', 'YYYYMMDD');
        BEGIN
            PERFORM pg_advisory_xact_lock(1215652357);
            IF to_regclass(quote_ident(leaf)) IS NOT NULL THEN
                RETURN false;
            END IF;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', leaf, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, leaf, from_at, to_at);
            RETURN true;
        END $cover$;
        """;

    private const string MoveFacts =
        """
        SET LOCAL enable_seqscan = on;
        SET LOCAL enable_nestloop = off;
        ALTER TABLE facts RENAME TO facts_before;
        DROP INDEX ix_facts_received;

        CREATE TABLE fact_ids (
            event_id uuid NOT NULL,
            received_at timestamptz NOT NULL,
            position bigint GENERATED ALWAYS AS IDENTITY
        );
        INSERT INTO fact_ids (event_id, received_at) SELECT event_id, received_at FROM facts_before ORDER BY received_at, event_id;
        ALTER TABLE facts_before DROP CONSTRAINT facts_pkey;
        ALTER TABLE fact_ids ADD PRIMARY KEY (event_id);

        CREATE TABLE facts (
            position bigint NOT NULL,
            event_id uuid NOT NULL,
            retention text NOT NULL,
            tenant_id text NOT NULL,
            event_type text NOT NULL,
            schema_version integer NOT NULL,
            occurred_at timestamptz NOT NULL,
            received_at timestamptz NOT NULL,
            producer text NOT NULL,
            correlation_id text NULL,
            profile_id bigint NULL,
            body text NOT NULL
        ) PARTITION BY LIST (retention);
        CREATE TABLE facts_short PARTITION OF facts FOR VALUES IN ('short') PARTITION BY RANGE (received_at);
        CREATE TABLE facts_standard PARTITION OF facts FOR VALUES IN ('standard') PARTITION BY RANGE (received_at);
        CREATE TABLE facts_long PARTITION OF facts FOR VALUES IN ('long') PARTITION BY RANGE (received_at);
        SELECT cover_partition('facts_standard', week AT TIME ZONE 'UTC', (week + interval '7 days') AT TIME ZONE 'UTC')
        FROM (SELECT DISTINCT date_trunc('week', received_at AT TIME ZONE 'UTC') AS week FROM fact_ids) weeks;
        INSERT INTO facts (position, event_id, retention, tenant_id, event_type, schema_version, occurred_at, received_at, producer, correlation_id, profile_id, body)
        SELECT i.position, f.event_id, 'standard', f.tenant_id, f.event_type, f.schema_version, f.occurred_at, f.received_at, f.producer, f.correlation_id, f.profile_id, f.body
        FROM facts_before f JOIN fact_ids i ON i.event_id = f.event_id;
        DROP TABLE facts_before;
        CREATE INDEX ix_facts_position ON facts (position);
        CREATE INDEX ix_facts_profile ON facts (profile_id, received_at);
        CREATE INDEX ix_facts_occurred ON facts USING brin (occurred_at);
        """;

    private const string NameFacts =
        """
        ALTER TABLE deliveries ADD COLUMN fact_position bigint NULL, ADD COLUMN fact_received_at timestamptz NULL;
        ALTER TABLE dead_letters ADD COLUMN fact_position bigint NULL, ADD COLUMN fact_received_at timestamptz NULL;
        UPDATE deliveries d SET fact_position = i.position, fact_received_at = i.received_at FROM fact_ids i WHERE i.event_id = d.event_id;
        UPDATE dead_letters d SET fact_position = i.position, fact_received_at = i.received_at FROM fact_ids i WHERE i.event_id = d.event_id;
        DROP INDEX ix_deliveries_event;
        CREATE INDEX ix_deliveries_fact ON deliveries (fact_received_at) WHERE fact_received_at IS NOT NULL;
        """;

    private const string Receipts =
        """
        CREATE TABLE event_receipts (
            destination text NOT NULL,
            position bigint NOT NULL,
            outcome text NOT NULL,
            at timestamptz NOT NULL
        ) PARTITION BY RANGE (at);
        CREATE INDEX ix_event_receipts ON event_receipts (destination, position);
        """;

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql(CoverPartition);
        migrationBuilder.Sql(MoveFacts);
        migrationBuilder.Sql(NameFacts);
        migrationBuilder.Sql(Receipts);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE event_receipts;
        ALTER TABLE deliveries DROP COLUMN fact_position, DROP COLUMN fact_received_at;
        ALTER TABLE dead_letters DROP COLUMN fact_position, DROP COLUMN fact_received_at;
        CREATE INDEX ix_deliveries_event ON deliveries (event_id) WHERE event_id IS NOT NULL;
        ALTER TABLE facts RENAME TO facts_log;
        CREATE TABLE facts WITH (fillfactor = 90) AS
            SELECT event_id, tenant_id, event_type, schema_version, occurred_at, received_at, producer, correlation_id, profile_id, body FROM facts_log;
        DROP TABLE facts_log, fact_ids;
        DROP FUNCTION cover_partition;
        ALTER TABLE facts ADD PRIMARY KEY (event_id), ALTER COLUMN tenant_id SET NOT NULL, ALTER COLUMN event_type SET NOT NULL,
            ALTER COLUMN schema_version SET NOT NULL, ALTER COLUMN occurred_at SET NOT NULL, ALTER COLUMN received_at SET NOT NULL,
            ALTER COLUMN producer SET NOT NULL, ALTER COLUMN body SET NOT NULL;
        CREATE INDEX ix_facts_received ON facts (received_at);
        """);
}
