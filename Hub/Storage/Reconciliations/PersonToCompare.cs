namespace IntegrationHub.Storage.Reconciliations;

/// <summary>Somebody whom a comparison looks at. Holds personal data.</summary>
/// <param name="At">Id to go on after: of the finding, or of the person.</param>
/// <param name="ProfileId">The hub's id of the person; null for a stranger.</param>
/// <param name="RemoteId">The vendor's id as the hub knows it.</param>
/// <param name="ExternalId">The company's id.</param>
/// <param name="Email">E-mail address.</param>
/// <param name="Phone">Phone number.</param>
/// <param name="AttributesJson">Attributes; null for a stranger.</param>
/// <param name="ConsentJson">Consent states; null for a stranger.</param>
/// <param name="ConfirmedHash">Hash of what the destination confirmed last; null when nothing.</param>
/// <param name="IsMember">The ledger says: member of the audience.</param>
/// <param name="AddedByHub">The hub made the person a member there once.</param>
public sealed record PersonToCompare(
    long At, long? ProfileId, string? RemoteId, string? ExternalId, string? Email, string? Phone, string? AttributesJson, string? ConsentJson, Guid? ConfirmedHash, bool IsMember, bool AddedByHub)
{
    /// <summary>The hub believes that the person is a member there; else it owes the person, or doubts.</summary>
    public bool IsBelieved { get; init; } = true;

    /// <summary>The destination had the person and did not show them the last time that it was read.</summary>
    public bool IsUnseen { get; init; }

    /// <summary>The vendor lists the person by the key, under another id than is known.</summary>
    public bool IsListed { get; init; }
}
