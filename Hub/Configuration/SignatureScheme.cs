namespace IntegrationHub.Hub.Configuration;

/// <summary>How a source proves that a call is its own.</summary>
internal enum SignatureScheme
{
    /// <summary>Standard Webhooks 1.0, symmetric (<c>v1</c>).</summary>
    StandardWebhooks,

    /// <summary>HubSpot's <c>X-HubSpot-Signature-v3</c>, or version 1 where that is said.</summary>
    Hubspot,

    /// <summary>Segment's <c>X-Signature</c>; it signs no time.</summary>
    Segment,

    /// <summary>Stripe's <c>t=…,v1=…</c>.</summary>
    Stripe,

    /// <summary>A secret in a header that the source's file names; it signs nothing.</summary>
    SecretHeader,

    /// <summary>A secret as <c>Authorization: Bearer …</c>; it signs nothing.</summary>
    Bearer,
}
