using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Broker;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.TestServers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace IntegrationHub.Hub.Tests.Messaging;

/// <summary>With an authority of one's own, and a broker that asks who calls; a listener stands in for the broker until the first words of AMQP.</summary>
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public sealed class When_a_broker_is_reached_by_TLS
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hub-tls-").FullName;
    private X509Certificate2 _authority = null!;
    private X509Certificate2 _broker = null!;

    [OneTimeSetUp]
    public void Make_certificates()
    {
        _authority = Certificate("CN=authority", null);
        _broker = Certificate("CN=broker", _authority, "localhost");
        using var hub = Certificate("CN=hub", _authority);
        File.WriteAllText(PathOf("authority.pem"), _authority.ExportCertificatePem());
        using var stranger = Certificate("CN=stranger", null);
        File.WriteAllText(PathOf("stranger.pem"), stranger.ExportCertificatePem());
        File.WriteAllText(PathOf("hub.pem"), hub.ExportCertificatePem());
        using var key = hub.GetRSAPrivateKey()!;
        File.WriteAllText(PathOf("hub.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PathOf("empty.pem"), "nothing");
    }

    [OneTimeTearDown]
    public void Forget_them()
    {
        _authority.Dispose();
        _broker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase("localhost", "authority.pem", true)]
    [TestCase("localhost", "stranger.pem", false)]
    [TestCase("localhost", null, false)]
    [TestCase("127.0.0.1", "authority.pem", false)]
    public async Task Should_speak_to_a_broker_alone_whose_authority_and_name_it_knows(string host, string? authorities, bool isSure)
    {
        var tls = BrokerTls.Read(new BrokerTlsOptions { Authorities = authorities is null ? null : PathOf(authorities) });
        var (met, failure) = await CallAsync(host, broker => ConnectAsync(broker, tls));
        Assert.Multiple(() =>
        {
            Assert.That(failure, Is.Not.Null, "the listener is no broker");
            Assert.That(met.Said, isSure ? Is.EqualTo("AMQP\0\0\u0009\u0001") : Is.Null);
        });
    }

    [Test]
    public async Task Should_show_the_hubs_own_certificate()
    {
        var tls = BrokerTls.Read(new BrokerTlsOptions { Authorities = PathOf("authority.pem"), Certificate = PathOf("hub.pem"), CertificateKey = PathOf("hub.key") });
        var (met, _) = await CallAsync("localhost", broker => ConnectAsync(broker, tls));
        Assert.That(met.Shown, Is.EqualTo("CN=hub"));
        var (read, _) = await CallAsync("localhost", async broker =>
        {
            await using var queue = await BareQueue.OpenAsync(broker, tls, "facts", CancellationToken.None);
        });
        Assert.That((read.Shown, read.Said), Is.EqualTo(("CN=hub", "AMQP\0\0\u0009\u0001")), "who reads by hand, too");
    }

    [TestCase("empty.pem", null, null, "Hub:BrokerTls:Authorities")]
    [TestCase("missing.pem", null, null, "Hub:BrokerTls:Authorities")]
    [TestCase(null, "hub.pem", "empty.pem", "Hub:BrokerTls:Certificate")]
    [TestCase(null, "hub.pem", null, "Hub:BrokerTls")]
    public void Should_say_which_file_is_wrong(string? authorities, string? certificate, string? key, string setting)
    {
        string? At(string? name) => name is null ? null : PathOf(name);
        Assert.That(
            () => BrokerTls.Read(new BrokerTlsOptions { Authorities = At(authorities), Certificate = At(certificate), CertificateKey = At(key) }),
            Throws.TypeOf<HubConfigurationException>().With.Message.Contains($"{setting}:"));
    }

    private static async Task ConnectAsync(Uri broker, BrokerTls tls)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false, Ssl = tls.OptionsOf(broker), HandshakeContinuationTimeout = TimeSpan.FromSeconds(5) };
        await using var connection = await factory.CreateConnectionAsync();
    }

    /// <summary>Lets somebody call a listener, and tells what it met.</summary>
    private async Task<((string? Said, string? Shown) Met, Exception? Failure)> CallAsync(string host, Func<Uri, Task> call)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var meeting = MeetAsync(listener);
        Exception? failure = null;
        try
        {
            await call(new Uri($"amqps://guest:guest@{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/"));
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or IOException or AuthenticationException)
        {
            failure = exception;
        }

        return (await meeting.WaitAsync(Poll.Patience), failure);
    }

    private async Task<(string? Said, string? Shown)> MeetAsync(TcpListener listener)
    {
        using var caller = await listener.AcceptTcpClientAsync();
        await using var stream = new SslStream(caller.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => IsOurs(shown));
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _broker, ClientCertificateRequired = true });
            var said = new byte[8];
            await stream.ReadExactlyAsync(said);
            return (Encoding.Latin1.GetString(said), stream.RemoteCertificate?.Subject);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return (null, null);
        }
    }

    /// <summary>The broker asks who calls, and takes in whoever has nothing to show.</summary>
    private bool IsOurs(X509Certificate? shown) => shown is null || shown.Issuer == _authority.Subject;

    private string PathOf(string name) => Path.Combine(_folder, name);

    private static X509Certificate2 Certificate(string subject, X509Certificate2? issuer, string? host = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(host is null ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
        }

        using var signed = request.Create(issuer, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
