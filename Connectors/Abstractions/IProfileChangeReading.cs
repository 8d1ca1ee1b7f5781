namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector whose vendor tells which profiles were changed since a time, whoever changed them: a comparison of fields then reads those, and not everybody.</summary>
public interface IProfileChangeReading
{
    /// <summary>So long after a change the vendor may not tell of it yet.</summary>
    TimeSpan ChangesAreShownAfter { get; }

    /// <summary>Profiles per call of <see cref="ReadChangedProfilesAsync"/>.</summary>
    int ProfilesPerChangePage { get; }

    /// <summary>
    /// Reads one page of the profiles of the whole account that were changed at a time or later, in one vendor call or, the first, in two. Who changes meanwhile may be told in it or not, and is told
    /// by a later question. Deleted ones are not told.
    /// </summary>
    /// <param name="since">The time.</param>
    /// <param name="fields">Vendor fields to read.</param>
    /// <param name="cursor"><see cref="ChangedProfilePage.Next"/> of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<ChangedProfilePage> ReadChangedProfilesAsync(DateTimeOffset since, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken);
}
