using IntegrationHub.Sagas.Runs;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>One run that makes one destination look like one audience.</summary>
public sealed class AudienceSyncState : RunRow
{
    /// <summary>Key of the audience.</summary>
    public string Audience { get; set; } = "";

    /// <summary>One of <see cref="Contracts.Audiences.SyncMode"/>, or the refused value when the run failed at its start.</summary>
    public string Mode { get; set; } = "";

    /// <summary>Lane of the run's deliveries; always <c>bulk</c>.</summary>
    public string Lane { get; set; } = "bulk";

    /// <summary>Snapshot that is applied first; null when the run takes the audience as the ledger knows it.</summary>
    public Guid? SnapshotId { get; set; }

    /// <summary>Guardrail, 0 to 1: a plan that removes a larger share of the current members waits for approval.</summary>
    public double MaxRemovalShare { get; set; }

    /// <summary>Guardrail: a plan that adds more than this multiple of the current members waits for approval; null: no limit.</summary>
    public double? MaxAdditionMultiple { get; set; }

    /// <summary>Members that the plan adds; set with <see cref="RunRow.PlannedAt"/>.</summary>
    public long? ToAdd { get; set; }

    /// <summary>Members that the plan removes; set with <see cref="RunRow.PlannedAt"/>.</summary>
    public long? ToRemove { get; set; }

    /// <summary>Members whose profile the plan updates; set with <see cref="RunRow.PlannedAt"/>.</summary>
    public long? ToUpdate { get; set; }

    /// <summary>Rows of the audience's last list that name nobody, while the plan removes people who may be among them; 0 when no removal is in doubt.</summary>
    public long? UnreadRows { get; set; }

    /// <summary>Members that the destination had when the plan was made, as far as the hub knew; set with <see cref="RunRow.PlannedAt"/>.</summary>
    public long? CurrentMembers { get; set; }

    /// <summary>Members at the vendor that should not be there; set with <see cref="RunRow.VerifiedAt"/>.</summary>
    public long? Unexpected { get; set; }

    /// <summary>People of the run whose fields were read back; set with <see cref="RunRow.VerifiedAt"/>.</summary>
    public long? FieldsRead { get; set; }

    /// <summary>Of these, people in whom a field is not what was written; set with <see cref="RunRow.VerifiedAt"/>.</summary>
    public long? Differing { get; set; }
}
