namespace IntegrationHub.Storage.Configurations;

/// <summary>What is known of a version of the configuration, without its files.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="ContentHash">SHA-256 over its files, in hex: equal contents have equal hashes.</param>
/// <param name="Source">One of <see cref="ConfigurationSource"/>; of a way back with the version that it returns to, as <c>rollback:40</c>.</param>
/// <param name="GitCommit">The commit that it was made from; null when nobody said.</param>
/// <param name="CreatedBy">Id of the principal that proposed or applied it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Message">Why, in the words of whoever did; null when nothing was said.</param>
/// <param name="PlanHash">Hash of the plan that was looked at; null for one that a hub took from its folder.</param>
/// <param name="ApprovalId">The approval that it waits or waited for; null when nobody was asked.</param>
public sealed record ConfigurationEntry(
    long Version, string ContentHash, string Source, string? GitCommit, string CreatedBy, DateTimeOffset CreatedAt, string? Message, string? PlanHash, Guid? ApprovalId)
{
    /// <summary>State of the approval, one of <see cref="Approvals.ApprovalState"/>; null when nobody was asked.</summary>
    public string? Approval { get; init; }
}
