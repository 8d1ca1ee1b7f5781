using IntegrationHub.Sagas.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>The table <c>backfill_runs</c>. Its names are a contract: hand-written SQL joins on them.</summary>
/// <param name="xmin">True on PostgreSQL, where the system column <c>xmin</c> is the row version; false on SQLite, whose single writer needs none.</param>
public sealed class BackfillRunMap(bool xmin) : RunMap<BackfillRunState>(Table, xmin)
{
    /// <summary>The table.</summary>
    public const string Table = "backfill_runs";

    /// <inheritdoc />
    public override void Configure(EntityTypeBuilder<BackfillRunState> builder)
    {
        base.Configure(builder);
        builder.Property(run => run.Kind).HasColumnName("kind").HasMaxLength(CodeLength);
        builder.Property(run => run.Audience).HasColumnName("audience").HasMaxLength(NameLength);
        builder.Property(run => run.Lane).HasColumnName("lane").HasMaxLength(LaneLength);
        builder.Property(run => run.RollsBack).HasColumnName("rolls_back");
        builder.Property(run => run.ToWrite).HasColumnName("to_write");
        builder.Property(run => run.PlanHash).HasColumnName("plan_hash").HasMaxLength(CodeLength);
        builder.Property(run => run.RollbackId).HasColumnName("rollback_id");
    }
}
