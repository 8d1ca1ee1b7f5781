using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>Files in PEM, as operations/install.md says, and a client that trusts this certificate alone.</summary>
public sealed class When_the_hub_answers_by_TLS
{
    private WholeHub _hub = null!;
    private string _thumbprint = "";

    [OneTimeSetUp]
    public async Task StartAsync() => _hub = await WholeHub.StartAsync(StorageDatabase.Sqlite, async config =>
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=hub", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _thumbprint = certificate.Thumbprint;
        var (path, keyPath) = (Path.Combine(config, "..", "hub.pem"), Path.Combine(config, "..", "hub.key"));
        await File.WriteAllTextAsync(path, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyPath, key.ExportPkcs8PrivateKeyPem());
        return ["--Hub:Urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={path}", $"--Kestrel:Certificates:Default:KeyPath={keyPath}"];
    });

    [OneTimeTearDown]
    public async Task EndAsync() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_show_its_certificate_and_tell_browsers_to_stay()
    {
        using var http = Client(_thumbprint);
        using var page = await http.GetAsync("/");
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(page.Headers.GetValues("Strict-Transport-Security").Single(), Does.Match("max-age=[1-9]"));
        Assert.That((await http.GetAsync("/v1/runs")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public void Should_be_refused_by_who_trusts_another_certificate()
    {
        using var http = Client("another");
        Assert.That(() => http.GetAsync("/"), Throws.TypeOf<HttpRequestException>());
    }

    [Test]
    public void Should_not_answer_without()
    {
        using var http = new HttpClient { BaseAddress = new UriBuilder(_hub.Http.BaseAddress!) { Scheme = "http" }.Uri };
        Assert.That(() => http.GetAsync("/health/live"), Throws.TypeOf<HttpRequestException>());
    }

    private HttpClient Client(string thumbprint) =>
        new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Thumbprint == thumbprint }) { BaseAddress = _hub.Http.BaseAddress };
}
