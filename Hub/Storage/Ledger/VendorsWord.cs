namespace IntegrationHub.Storage.Ledger;

/// <summary>The latest changes of a profile, where the vendor of one destination stated all of them: it has them without being told.</summary>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Since">Version of the profile before the first of them.</param>
/// <param name="Until">Version of the profile after the last of them: of another version nothing is said.</param>
public sealed record VendorsWord(string Destination, long Since, long Until)
{
    /// <summary>True when a destination lacks nothing but what its own vendor said.</summary>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="version">Version of the profile as it stands.</param>
    /// <param name="confirmed">Version of the profile that the destination confirmed; null when it confirmed none under the rules of today.</param>
    public bool Covers(string destination, long version, long? confirmed) => destination == Destination && version == Until && confirmed >= Since;
}
