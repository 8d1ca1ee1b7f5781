namespace IntegrationHub.Hub;

/// <summary>Where a browser on this machine finds the hub.</summary>
internal static class HubAddress
{
    /// <summary>The first address; one that means every network becomes this machine.</summary>
    public static Uri Of(IEnumerable<string> urls)
    {
        var address = BindingAddress.Parse(urls.First());
        return new UriBuilder(address.Scheme, address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host, address.Port).Uri;
    }
}
