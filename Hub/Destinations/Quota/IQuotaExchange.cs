namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>Where the instances of a hub meet over the quota of one destination.</summary>
internal interface IQuotaExchange
{
    /// <summary>Runs a change of the shared state alone, in one transaction, with the shared clock's time.</summary>
    Task ExchangeAsync(Action<SharedQuota, DateTimeOffset> change, CancellationToken cancellationToken);
}
