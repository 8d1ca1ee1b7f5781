using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Explain;

/// <summary>What a vendor showed of a person when it was asked. Holds personal data.</summary>
/// <param name="At">When it was asked.</param>
/// <param name="Profiles">The profiles that it has under the person's key.</param>
/// <param name="Problem">Why it could not be asked, one sentence without personal data; null when it could.</param>
internal sealed record VendorLook(DateTimeOffset At, IReadOnlyList<RemoteProfile> Profiles, string? Problem)
{
    /// <summary>Asks.</summary>
    /// <param name="connector">The connector whose calls are counted as those of comparisons.</param>
    /// <param name="key">The person's key there.</param>
    /// <param name="fields">Which fields.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<VendorLook> AskAsync(IConnector connector, string? key, IReadOnlyList<string> fields, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (connector is not IProfileReading reading || key is null)
        {
            return new VendorLook(now, [], key is null ? "The person has no key that the destination knows people by." : "This vendor shows no profiles.");
        }

        if (!reading.CanBeAskedFor(key))
        {
            return new VendorLook(now, [], $"The vendor cannot be asked for the person's key: {ReasonCode.KeyNotSearchable}.");
        }

        try
        {
            return new VendorLook(now, await reading.ReadProfilesAsync([key], fields, cancellationToken), null);
        }
        catch (DestinationException trouble)
        {
            return new VendorLook(now, [], $"The vendor could not be asked: {trouble.Condition.Code}.");
        }
    }
}
