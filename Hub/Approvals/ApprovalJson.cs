using System.Text.Json.Serialization;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Approvals;

/// <summary>An approval as the API and the CLI show it.</summary>
internal sealed record ApprovalJson
{
    [JsonPropertyName("approval_id")]
    public required Guid ApprovalId { get; init; }

    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    [JsonPropertyName("subject")]
    public required string Subject { get; init; }

    /// <summary>What is agreed to, without personal data.</summary>
    [JsonPropertyName("summary")]
    public required string Summary { get; init; }

    /// <summary>Hash of what is to be looked at; an agreement holds for this and nothing else.</summary>
    [JsonPropertyName("plan_hash")]
    public required string PlanHash { get; init; }

    [JsonPropertyName("requested_by")]
    public required string RequestedBy { get; init; }

    [JsonPropertyName("requested_at")]
    public required DateTimeOffset RequestedAt { get; init; }

    [JsonPropertyName("expires_at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [JsonPropertyName("needed")]
    public required int Needed { get; init; }

    /// <summary>How many still have to agree.</summary>
    [JsonPropertyName("missing")]
    public required int Missing { get; init; }

    [JsonPropertyName("four_eyes")]
    public required bool FourEyes { get; init; }

    [JsonPropertyName("state")]
    public required string State { get; init; }

    [JsonPropertyName("ended_at")]
    public DateTimeOffset? EndedAt { get; init; }

    [JsonPropertyName("decisions")]
    public required IReadOnlyList<ApprovalDecision> Decisions { get; init; }

    /// <summary>What of it this version cannot read, and what to do; null when all can be read.</summary>
    [JsonPropertyName("unreadable"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unreadable { get; init; }

    public static ApprovalJson From(Approval approval) => new()
    {
        ApprovalId = approval.ApprovalId,
        Kind = approval.Request.Kind,
        Subject = approval.Request.Subject,
        Summary = approval.Request.Summary,
        PlanHash = approval.Request.PlanHash,
        RequestedBy = approval.Request.RequestedBy,
        RequestedAt = approval.Request.At,
        ExpiresAt = approval.Request.ExpiresAt,
        Needed = approval.Request.Needed,
        Missing = approval.State == ApprovalState.Waiting ? approval.Missing : 0,
        FourEyes = approval.Request.FourEyes,
        State = approval.State,
        EndedAt = approval.EndedAt,
        Decisions = approval.Decisions,
        Unreadable = approval.Unreadable is { } column ? UnreadableRow.Say("approvals", approval.ApprovalId, column) : null,
    };
}
