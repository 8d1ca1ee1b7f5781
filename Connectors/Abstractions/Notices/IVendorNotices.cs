namespace IntegrationHub.Connectors.Abstractions.Notices;

/// <summary>Takes what vendors say of their interfaces beside answers. Thread-safe; neither waits nor throws: it stands in the way of calls.</summary>
public interface IVendorNotices
{
    /// <summary>Takes a notice; the same one comes with every call.</summary>
    /// <param name="endpoint">What was called.</param>
    /// <param name="notice">What was said.</param>
    void Take(VendorEndpoint endpoint, VendorNotice notice);
}
