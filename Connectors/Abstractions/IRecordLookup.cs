namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// A connector whose vendor gives people ids of its own and finds them by these: whose key was changed there is still found, and nobody is erased under the
/// hub's key alone. Every connector whose receipts carry remote ids has it.
/// </summary>
public interface IRecordLookup
{
    /// <summary>Ids per call of <see cref="FindRecordsAsync"/>.</summary>
    int MaxIdsPerLookup { get; }

    /// <summary>Reads under which identity key the vendor has its records with some ids now.</summary>
    /// <param name="remoteIds">Ids that the vendor gave, at most <see cref="MaxIdsPerLookup"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// The records that are there under the very id that was asked for: what an id leads to since the vendor joined two people is left out, it may be somebody
    /// else. The key is empty where the record has none.
    /// </returns>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<IReadOnlyList<RemoteProfile>> FindRecordsAsync(IReadOnlyList<string> remoteIds, CancellationToken cancellationToken);
}
