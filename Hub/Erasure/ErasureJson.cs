using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Asks for somebody's erasure. Personal data: it stands in the body, never in an address.</summary>
/// <param name="Key">A key of the person, such as <c>email:kim@example.org</c>.</param>
/// <param name="Law"><c>GDPR</c> or <c>CCPA</c>.</param>
/// <param name="Reason">Why; stays with the erasure, so no personal data.</param>
internal sealed record ErasureRequestJson(
    [property: JsonPropertyName("key")] string? Key = null, [property: JsonPropertyName("law")] string? Law = null, [property: JsonPropertyName("reason")] string? Reason = null) : IReasoned;

/// <summary>Why somebody who was erased may come back.</summary>
/// <param name="Reason">Why.</param>
internal sealed record ErasureReturnJson([property: JsonPropertyName("reason")] string? Reason = null) : IReasoned;

/// <summary>That somebody who was erased may come back.</summary>
/// <param name="Keys">How many keys wait for a grant.</param>
/// <param name="ApprovalId">The approval that is waited for first; null when none is.</param>
internal sealed record ErasureReturnedJson([property: JsonPropertyName("keys")] int Keys, [property: JsonPropertyName("approval_id")] Guid? ApprovalId = null);

/// <summary>Why destinations are asked again.</summary>
/// <param name="Reason">Why.</param>
internal sealed record ErasureRetryJson([property: JsonPropertyName("reason")] string? Reason = null) : IReasoned;

/// <summary>That the destinations that refused are asked again.</summary>
/// <param name="RequestId">The erasure.</param>
/// <param name="State">Its state, one of <see cref="ErasurePhase"/>.</param>
internal sealed record ErasureRetriedJson([property: JsonPropertyName("request_id")] Guid RequestId, [property: JsonPropertyName("state")] string State);

/// <summary>An erasure as the API shows it. Holds no key of the person.</summary>
internal sealed record ErasureJson
{
    [JsonPropertyName("request_id")] public required Guid RequestId { get; init; }

    /// <summary>One of <see cref="ErasurePhase"/>; <c>Requested</c> until its first message is consumed.</summary>
    [JsonPropertyName("state")] public required string State { get; init; }
    [JsonPropertyName("law")] public required string Law { get; init; }
    [JsonPropertyName("reason")] public required string Reason { get; init; }
    [JsonPropertyName("subject_hash")] public required string SubjectHash { get; init; }
    [JsonPropertyName("requested_by")] public required string RequestedBy { get; init; }
    [JsonPropertyName("requested_at")] public required DateTimeOffset RequestedAt { get; init; }
    [JsonPropertyName("deadline")] public required DateTimeOffset Deadline { get; init; }
    [JsonPropertyName("approval_id")] public Guid? ApprovalId { get; init; }
    [JsonPropertyName("suppressed_at")] public DateTimeOffset? SuppressedAt { get; init; }
    [JsonPropertyName("erased_at")] public DateTimeOffset? ErasedAt { get; init; }
    [JsonPropertyName("finished_at")] public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Since when half of the law's time is over and the person is not erased; null when not.</summary>
    [JsonPropertyName("alarmed_at")] public DateTimeOffset? AlarmedAt { get; init; }

    /// <summary>In the answer to the request: keys that were stated with the person and others claim too, or that are blocked. They get no tombstone; null in other answers.</summary>
    [JsonPropertyName("shared_keys"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? SharedKeys { get; init; }

    /// <summary>In the answer to the request: those of them that several people claim. Whoever has one is sent nothing from the erasure on, until somebody decides whose it is; null in other answers.</summary>
    [JsonPropertyName("undecided_keys"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? UndecidedKeys { get; init; }

    /// <summary>In the answer to the request: erasures of the same person before this one; null for none.</summary>
    [JsonPropertyName("earlier_erasures"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<Guid>? Earlier { get; init; }
    [JsonPropertyName("waiting_for")] public string? WaitingFor { get; init; }
    [JsonPropertyName("destinations")] public IReadOnlyList<ErasedDestinationJson> Destinations { get; init; } = [];

    public static ErasureJson From(ErasureState erasure, IReadOnlyList<DestinationErasure> destinations) => new()
    {
        RequestId = erasure.CorrelationId,
        State = erasure.CurrentState,
        Law = erasure.Law,
        Reason = erasure.Reason,
        SubjectHash = erasure.SubjectHash,
        RequestedBy = erasure.RequestedBy,
        RequestedAt = erasure.RequestedAt,
        Deadline = erasure.Deadline,
        ApprovalId = erasure.ApprovalId,
        SuppressedAt = erasure.SuppressedAt,
        ErasedAt = erasure.ErasedAt,
        FinishedAt = erasure.FinishedAt,
        AlarmedAt = erasure.ErasedAt is null ? erasure.AlarmedAt : null,
        WaitingFor = erasure.WaitingFor,
        Destinations = [.. destinations.Select(ErasedDestinationJson.From)],
    };
}

/// <summary>What a destination did.</summary>
internal sealed record ErasedDestinationJson(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("action")] string Action,
    [property: JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonPropertyName("found")] int Found,
    [property: JsonPropertyName("requested_at")] DateTimeOffset RequestedAt,
    [property: JsonPropertyName("read_back"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErasureReadBackJson? ReadBack,
    [property: JsonPropertyName("rechecks")] IReadOnlyList<ErasureRecheckJson> Rechecks)
{
    public static ErasedDestinationJson From(DestinationErasure erasure) => new(
        erasure.Destination, erasure.Action, erasure.Reason, erasure.Found, erasure.RequestedAt,
        erasure.ReadBackAt is { } at ? new ErasureReadBackJson(at, erasure.Method, erasure.Result) : null,
        [.. erasure.Rechecks.Select(recheck => new ErasureRecheckJson(recheck.Round, recheck.At, recheck.Result))]);
}

/// <summary>When and how a destination was read back, and what it showed.</summary>
internal sealed record ErasureReadBackJson([property: JsonPropertyName("at")] DateTimeOffset At, [property: JsonPropertyName("method")] string? Method, [property: JsonPropertyName("result")] string? Result);

/// <summary>A later look.</summary>
internal sealed record ErasureRecheckJson([property: JsonPropertyName("round")] int Round, [property: JsonPropertyName("at")] DateTimeOffset At, [property: JsonPropertyName("result")] string Result);
