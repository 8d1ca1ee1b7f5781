namespace IntegrationHub.Hub.Messaging;

/// <summary>
/// How the hub makes sure of its broker, and shows who it is itself, where <c>Hub:RabbitMq</c> begins with <c>amqps</c>; section <c>Hub:BrokerTls</c>. The certificate must name the host of the address and
/// must be within its time, always.
/// </summary>
internal sealed class BrokerTlsOptions
{
    /// <summary>File with the certificates, in PEM, of the authorities of whom one has to have signed the broker's. Without it those of the machine count.</summary>
    public string? Authorities { get; set; }

    /// <summary>File with the hub's own certificate in PEM, where the broker asks for one (<c>verify_peer</c>).</summary>
    public string? Certificate { get; set; }

    /// <summary>File with the private key of <see cref="Certificate"/> in PEM, not encrypted.</summary>
    public string? CertificateKey { get; set; }
}
