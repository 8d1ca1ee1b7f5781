namespace IntegrationHub.Storage.Destinations;

/// <summary>What all hub instances share about a destination: its condition (circuit, throttle) and its audiences at the vendor.</summary>
public interface IDestinationStore
{
    /// <summary>The vendor's side of an audience, or null when it was never resolved.</summary>
    Task<string?> FindAudienceAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken);

    /// <summary>Remembers the vendor's side of an audience; the first writer wins and its value is returned.</summary>
    Task<string> RememberAudienceAsync(HubDbContext db, string destination, string audience, string remoteRef, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>The condition of a destination, or null when it is well.</summary>
    Task<StoredCondition?> FindConditionAsync(HubDbContext db, string destination, CancellationToken cancellationToken);

    /// <summary>Writes a condition, raising <see cref="StoredCondition.Failures"/>; a later <c>Until</c> wins over an earlier one.</summary>
    Task<StoredCondition> ReportAsync(HubDbContext db, string destination, string trouble, string code, DateTimeOffset until, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Clears the condition after a success.</summary>
    Task ClearAsync(HubDbContext db, string destination, CancellationToken cancellationToken);
}

/// <summary>Why a destination is not sent to.</summary>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Trouble">snake_case name of the trouble: throttled, unauthorized, misconfigured, unavailable.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Until">Not before this time.</param>
/// <param name="Since">When it began.</param>
/// <param name="Failures">Reports in a row since it was last well.</param>
public sealed record StoredCondition(string Destination, string Trouble, string Code, DateTimeOffset Until, DateTimeOffset Since, int Failures);
