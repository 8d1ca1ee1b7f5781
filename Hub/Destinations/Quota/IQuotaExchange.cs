namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>Where the instances of a hub meet over the quota of one destination.</summary>
internal interface IQuotaExchange
{
    /// <summary>Books a claim alone, in one transaction, with the shared clock's time.</summary>
    /// <returns>Null when the claim was booked before.</returns>
    Task<QuotaAnswer?> ExchangeAsync(QuotaClaim claim, CancellationToken cancellationToken);
}
