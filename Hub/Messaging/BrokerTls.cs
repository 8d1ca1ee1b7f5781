using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MassTransit;
using RabbitMQ.Client;

namespace IntegrationHub.Hub.Messaging;

/// <summary>TLS to the broker, alike for the bus and for the intake of facts. The system chooses among the versions that it deems safe.</summary>
internal sealed class BrokerTls
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _own;

    private BrokerTls(X509Certificate2Collection? authorities, X509Certificate2? own) => (_authorities, _own) = (authorities, own);

    /// <summary>Reads the files that the settings name.</summary>
    /// <exception cref="HubConfigurationException">One is missing or holds something else.</exception>
    public static BrokerTls Read(BrokerTlsOptions options)
    {
        if (options.Certificate is null != options.CertificateKey is null)
        {
            throw SecretSetting.Wrong("Hub:BrokerTls", "a certificate and its key are given together", "Set both, Hub:BrokerTls:Certificate and Hub:BrokerTls:CertificateKey, or none");
        }

        return new BrokerTls(
            options.Authorities is { } file ? Load("Hub:BrokerTls:Authorities", file, () => Authorities(file)) : null,
            options.Certificate is { } certificate ? Load("Hub:BrokerTls:Certificate", certificate, () => Own(certificate, options.CertificateKey!)) : null);
    }

    /// <summary>Whether an address asks for TLS.</summary>
    public static bool IsAskedFor(Uri broker) => broker.Scheme is "amqps" or "rabbitmqs";

    /// <summary>Sets up the connections of the bus.</summary>
    public void Apply(Uri broker, IRabbitMqHostConfigurator host)
    {
        if (IsAskedFor(broker))
        {
            host.UseSsl(ssl =>
            {
                (ssl.ServerName, ssl.Protocol, ssl.Certificate) = (broker.Host, SslProtocols.None, _own);
                ssl.CertificateValidationCallback = IsSure;
            });
        }
    }

    /// <summary>How the intake of facts connects.</summary>
    public SslOption OptionsOf(Uri broker)
    {
        var ssl = new SslOption { Enabled = IsAskedFor(broker), ServerName = broker.Host, Version = SslProtocols.None, CertificateValidationCallback = IsSure };
        if (_own is not null)
        {
            ssl.Certs = [_own];
        }

        return ssl;
    }

    /// <summary>How a stream of one's own is made safe.</summary>
    public SslClientAuthenticationOptions ClientOf(Uri broker) => new()
    {
        TargetHost = broker.Host, RemoteCertificateValidationCallback = IsSure, ClientCertificates = _own is null ? null : [_own],
    };

    private bool IsSure(object sender, X509Certificate? certificate, X509Chain? met, SslPolicyErrors errors)
    {
        if (_authorities is null || errors == SslPolicyErrors.None)
        {
            return _authorities is null ? errors == SslPolicyErrors.None : IsSigned(certificate, met);
        }

        return errors == SslPolicyErrors.RemoteCertificateChainErrors && IsSigned(certificate, met);
    }

    private bool IsSigned(X509Certificate? certificate, X509Chain? met)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // an authority of one's own rarely says anywhere what it revoked
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // a server's
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities!);
        foreach (var between in met?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(between.Certificate);
        }

        return chain.Build(shown);
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPemFile(file);
        return found.Count > 0 ? found : throw new CryptographicException("no certificate");
    }

    /// <summary>By way of PKCS 12, without which Windows shows no certificate whose key came from a file.</summary>
    private static X509Certificate2 Own(string certificate, string key)
    {
        using var read = X509Certificate2.CreateFromPemFile(certificate, key);
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }

    private static T Load<T>(string setting, string file, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw SecretSetting.Wrong(setting, $"{file} cannot be read as PEM ({exception.GetType().Name})", "Name a file with what the setting asks for, which the hub's user may read");
        }
    }
}
