namespace IntegrationHub.Hub.Configuration;

/// <summary>In whose words a source speaks.</summary>
internal enum SourceDialect
{
    /// <summary>Segment's calls: https://segment.com/docs/connections/spec/.</summary>
    Segment,

    /// <summary>RudderStack's calls: Segment's, and <c>record</c>.</summary>
    Rudderstack,

    /// <summary>HubSpot's notifications of subscriptions.</summary>
    Hubspot,

    /// <summary>Any JSON, read by the rules of the source's file.</summary>
    Json,

    /// <summary>Census's custom destination, which has a route of its own: https://developers.getcensus.com/custom-destinations.</summary>
    Census,
}
