using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Who may have been sent without anybody saying so, under which key a vendor has whom, and what a vendor job was handed.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261126120000_MaybeSent")]
public sealed class MaybeSent : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE deliveries ADD COLUMN maybe_sent boolean NOT NULL DEFAULT false;
        UPDATE deliveries SET maybe_sent = true WHERE attempt > 0 AND operation IN (1, 2);
        ALTER TABLE destination_members ADD COLUMN in_doubt boolean NOT NULL DEFAULT false;
        ALTER TABLE destination_profiles ADD COLUMN key_hash uuid NULL;
        CREATE INDEX ix_destination_profiles_key ON destination_profiles (destination, key_hash) WHERE key_hash IS NOT NULL;
        ALTER TABLE bulk_job_rows ADD COLUMN profile_id bigint NULL;
        ALTER TABLE bulk_job_rows ADD COLUMN key text NULL;
        UPDATE bulk_job_rows SET profile_id = (
            SELECT d.profile_id FROM bulk_jobs j JOIN deliveries d ON d.run_id = j.run_id AND d.partition = j.partition AND d.delivery_id = bulk_job_rows.delivery_id
            WHERE j.job_id = bulk_job_rows.job_id);
        CREATE INDEX ix_bulk_job_rows_profile ON bulk_job_rows (profile_id);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_bulk_job_rows_profile;
        DROP INDEX ix_destination_profiles_key;
        ALTER TABLE bulk_job_rows DROP COLUMN profile_id;
        ALTER TABLE bulk_job_rows DROP COLUMN key;
        ALTER TABLE destination_profiles DROP COLUMN key_hash;
        ALTER TABLE destination_members DROP COLUMN in_doubt;
        ALTER TABLE deliveries DROP COLUMN maybe_sent;
        """);
}
