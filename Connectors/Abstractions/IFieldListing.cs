namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector whose vendor lists the fields of an account, so that a change there is noticed before a delivery meets it.</summary>
public interface IFieldListing
{
    /// <summary>Lists all fields of people that the account has, but for those that every account has where the vendor does not list these.</summary>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <returns>Each field once; the whole list or none of it.</returns>
    /// <exception cref="DestinationException">The list could not be read to its end; the caller asks again later.</exception>
    Task<IReadOnlyList<VendorField>> ListFieldsAsync(CancellationToken cancellationToken);
}
