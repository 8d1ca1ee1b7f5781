namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A page of a feed of opt-outs.</summary>
/// <param name="OptOuts">What stands in it, perhaps nothing.</param>
/// <param name="Cursor">Where to go on, for the connector alone to read; holds nothing personal.</param>
/// <param name="IsLast">True when the vendor has no more now. Going on later from the cursor reads what came to light late once more.</param>
public sealed record OptOutPage(IReadOnlyList<VendorOptOut> OptOuts, string Cursor, bool IsLast);
