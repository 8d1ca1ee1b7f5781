namespace IntegrationHub.Storage.Ledger;

/// <summary>Which facts that were set aside; null for all.</summary>
/// <param name="Code">Reason code.</param>
/// <param name="Producer">Who stated them.</param>
/// <param name="EventType">Their type.</param>
/// <param name="State"><see cref="Waiting"/> or an outcome of <see cref="QuarantineSettlement"/>.</param>
public sealed record QuarantineFilter(string? Code = null, string? Producer = null, string? EventType = null, string? State = null)
{
    /// <summary>State of a fact with which nobody did anything yet.</summary>
    public const string Waiting = "waiting";
}
