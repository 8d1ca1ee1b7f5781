using IntegrationHub.Sagas.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>The table <c>audience_syncs</c>. Its names are a contract: hand-written SQL joins on them.</summary>
/// <param name="xmin">True on PostgreSQL, where the system column <c>xmin</c> is the row version; false on SQLite, whose single writer needs none.</param>
public sealed class AudienceSyncMap(bool xmin) : RunMap<AudienceSyncState>(Table, xmin)
{
    /// <summary>The table.</summary>
    public const string Table = "audience_syncs";

    /// <inheritdoc />
    public override void Configure(EntityTypeBuilder<AudienceSyncState> builder)
    {
        base.Configure(builder);
        builder.Property(run => run.Audience).HasColumnName("audience").HasMaxLength(NameLength);
        builder.Property(run => run.Mode).HasColumnName("mode").HasMaxLength(CodeLength);
        builder.Property(run => run.Lane).HasColumnName("lane").HasMaxLength(LaneLength);
        builder.Property(run => run.SnapshotId).HasColumnName("snapshot_id");
        builder.Property(run => run.MaxRemovalShare).HasColumnName("max_removal_share");
        builder.Property(run => run.MaxAdditionMultiple).HasColumnName("max_addition_multiple");
        builder.Property(run => run.ToAdd).HasColumnName("to_add");
        builder.Property(run => run.ToRemove).HasColumnName("to_remove");
        builder.Property(run => run.ToUpdate).HasColumnName("to_update");
        builder.Property(run => run.UnreadRows).HasColumnName("unread_rows");
        builder.Property(run => run.CurrentMembers).HasColumnName("current_members");
        builder.Property(run => run.Unexpected).HasColumnName("unexpected");
        builder.Property(run => run.FieldsRead).HasColumnName("fields_read");
        builder.Property(run => run.Differing).HasColumnName("differing");
        builder.HasIndex(run => new { run.Audience, run.Destination }).HasDatabaseName("ix_audience_syncs_audience_destination");
    }
}
