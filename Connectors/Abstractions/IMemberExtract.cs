namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// A connector whose vendor writes the members of an audience into a file: whole lists for a handful of calls, after minutes of waiting. Who asks goes on with a cursor until
/// there is none; whatever was read is read once, also by another process.
/// </summary>
public interface IMemberExtract
{
    /// <summary>From how many members on a file is worth the wait; 0 where none is used.</summary>
    int ExtractFrom { get; }

    /// <summary>What a file costs, about.</summary>
    /// <param name="members">Members of the audience.</param>
    /// <param name="fields">Fields of each beside id and key.</param>
    ExtractCost CostOf(long members, int fields);

    /// <summary>Takes the next step: asks for the file, looks whether it is there, reads the next part of it. One step is a vendor call or two.</summary>
    /// <param name="audience">The audience.</param>
    /// <param name="fields">Vendor fields that the file shall hold, perhaps none; they count when <paramref name="cursor"/> is null.</param>
    /// <param name="cursor"><see cref="MemberExtractPage.Next"/> of the step before; null to ask for a file.</param>
    /// <param name="cancellationToken">Ends the step.</param>
    /// <exception cref="DestinationException">
    /// The destination is in trouble. With <see cref="DestinationTrouble.Misconfigured"/> there will be no such file: the permission is missing, or the vendor failed to write it; members are
    /// then to be read otherwise.
    /// </exception>
    Task<MemberExtractPage> ReadExtractAsync(AudienceTarget audience, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken);
}
