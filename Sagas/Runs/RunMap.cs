using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IntegrationHub.Sagas.Runs;

/// <summary>The columns that every table of runs has. Their names are a contract: hand-written SQL joins on them.</summary>
/// <typeparam name="TRun">The run.</typeparam>
/// <param name="table">The table.</param>
/// <param name="xmin">True on PostgreSQL, where the system column <c>xmin</c> is the row version; false on SQLite, whose single writer needs none.</param>
public abstract class RunMap<TRun>(string table, bool xmin) : IEntityTypeConfiguration<TRun>
    where TRun : RunRow
{
    private protected const int NameLength = 128; // audience keys, destination and operator names
    private protected const int CodeLength = 64; // state names, codes in snake_case, hashes
    private protected const int LaneLength = 16;

    /// <inheritdoc />
    public virtual void Configure(EntityTypeBuilder<TRun> builder)
    {
        builder.ToTable(table);
        builder.HasKey(run => run.CorrelationId);

        builder.Property(run => run.CorrelationId).HasColumnName("correlation_id").ValueGeneratedNever();
        builder.Property(run => run.CurrentState).HasColumnName("current_state").HasMaxLength(CodeLength);
        builder.Property(run => run.Destination).HasColumnName("destination").HasMaxLength(NameLength);
        builder.Property(run => run.RequestedBy).HasColumnName("requested_by").HasMaxLength(NameLength);

        builder.Property(run => run.RequestedAt).HasColumnName("requested_at");
        builder.Property(run => run.PlannedAt).HasColumnName("planned_at");
        builder.Property(run => run.DeliveringAt).HasColumnName("delivering_at");
        builder.Property(run => run.HeldUntil).HasColumnName("held_until");
        builder.Property(run => run.DeliveredAt).HasColumnName("delivered_at");
        builder.Property(run => run.VerifiedAt).HasColumnName("verified_at");
        builder.Property(run => run.FinishedAt).HasColumnName("finished_at");
        builder.Property(run => run.LastProgressAt).HasColumnName("last_progress_at");

        builder.Property(run => run.StalledSince).HasColumnName("stalled_since");
        builder.Property(run => run.WaitingFor).HasColumnName("waiting_for");
        builder.Property(run => run.DiagnosisCode).HasColumnName("diagnosis_code").HasMaxLength(CodeLength);
        builder.Property(run => run.DiagnosisDetail).HasColumnName("diagnosis_detail");
        builder.Property(run => run.FailureCode).HasColumnName("failure_code").HasMaxLength(CodeLength);
        builder.Property(run => run.FailureDetail).HasColumnName("failure_detail");
        builder.Property(run => run.ResumeState).HasColumnName("resume_state").HasMaxLength(CodeLength);

        builder.Property(run => run.Planned).HasColumnName("planned");
        builder.Property(run => run.Expected).HasColumnName("expected");
        builder.Property(run => run.Found).HasColumnName("found");
        builder.Property(run => run.Missing).HasColumnName("missing");
        builder.Property(run => run.VerificationRound).HasColumnName("verification_round");
        builder.Property(run => run.ReadBackAt).HasColumnName("read_back_at");

        builder.Property(run => run.ApprovedBy).HasColumnName("approved_by").HasMaxLength(NameLength);
        builder.Property(run => run.ApprovedAt).HasColumnName("approved_at");
        builder.Property(run => run.CanceledBy).HasColumnName("canceled_by").HasMaxLength(NameLength);
        builder.Property(run => run.ProgressTimeoutTokenId).HasColumnName("progress_timeout_token_id");
        builder.Property(run => run.VerificationDelayTokenId).HasColumnName("verification_delay_token_id");

        if (xmin)
        {
            builder.Property(run => run.RowVersion).HasColumnName("xmin").HasColumnType("xid").IsRowVersion();
        }
        else
        {
            builder.Ignore(run => run.RowVersion);
        }

        builder.HasIndex(run => new { run.Destination, run.CurrentState }).HasDatabaseName($"ix_{table}_destination_state");
        builder.HasIndex(run => run.RequestedAt).HasDatabaseName($"ix_{table}_requested_at");
    }
}
