using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IntegrationHub.Sagas.Erasure;

/// <summary>The table <c>erasures</c>.</summary>
/// <param name="xmin">True on PostgreSQL, where the system column <c>xmin</c> is the row version; false on SQLite, whose single writer needs none.</param>
public sealed class ErasureMap(bool xmin) : IEntityTypeConfiguration<ErasureState>
{
    /// <summary>The table.</summary>
    public const string Table = "erasures";

    private const int NameLength = 128;
    private const int CodeLength = 64;

    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<ErasureState> builder)
    {
        builder.ToTable(Table);
        builder.HasKey(erasure => erasure.CorrelationId);
        builder.Property(erasure => erasure.CorrelationId).HasColumnName("correlation_id").ValueGeneratedNever();
        builder.Property(erasure => erasure.CurrentState).HasColumnName("current_state").HasMaxLength(CodeLength);
        builder.Property(erasure => erasure.Law).HasColumnName("law").HasMaxLength(CodeLength);
        builder.Property(erasure => erasure.Reason).HasColumnName("reason");
        builder.Property(erasure => erasure.SubjectHash).HasColumnName("subject_hash").HasMaxLength(NameLength);
        builder.Property(erasure => erasure.RequestedBy).HasColumnName("requested_by").HasMaxLength(NameLength);
        builder.Property(erasure => erasure.RequestedAt).HasColumnName("requested_at");
        builder.Property(erasure => erasure.Deadline).HasColumnName("deadline");
        builder.Property(erasure => erasure.ApprovalId).HasColumnName("approval_id");
        builder.Property(erasure => erasure.DecidedBy).HasColumnName("decided_by").HasMaxLength(NameLength);
        builder.Property(erasure => erasure.SuppressedAt).HasColumnName("suppressed_at");
        builder.Property(erasure => erasure.DestinationsAt).HasColumnName("destinations_at");
        builder.Property(erasure => erasure.ErasedAt).HasColumnName("erased_at");
        builder.Property(erasure => erasure.FinishedAt).HasColumnName("finished_at");
        builder.Property(erasure => erasure.AlarmedAt).HasColumnName("alarmed_at");
        builder.Property(erasure => erasure.Recheck).HasColumnName("recheck");
        builder.Property(erasure => erasure.WithIssues).HasColumnName("with_issues");
        builder.Property(erasure => erasure.WaitingFor).HasColumnName("waiting_for");
        builder.Property(erasure => erasure.LookTokenId).HasColumnName("look_token_id");
        builder.Property(erasure => erasure.HalfTimeTokenId).HasColumnName("half_time_token_id");
        if (xmin)
        {
            builder.Property(erasure => erasure.RowVersion).HasColumnName("xmin").HasColumnType("xid").IsRowVersion();
        }
        else
        {
            builder.Ignore(erasure => erasure.RowVersion);
        }

        builder.HasIndex(erasure => erasure.RequestedAt).HasDatabaseName("ix_erasures_requested_at");
    }
}
