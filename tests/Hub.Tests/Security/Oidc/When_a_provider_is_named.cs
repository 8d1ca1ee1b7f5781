using IntegrationHub.Hub.Security.Oidc;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using System.Security.Cryptography;

namespace IntegrationHub.Hub.Tests.Security.Oidc;

/// <summary>What the settings of an identity provider have to say, and the secret of its client.</summary>
public sealed class When_a_provider_is_named
{
    private static readonly string[] _good = ["Authority=https://login.example.org", "ClientId=hub", "ClientSecretFile=secret", "Audience=api", "Viewers=staff"];

    [Test]
    public void Should_take_what_is_whole()
    {
        var options = Read(_good);
        Assert.That((options.Oidc.IsOn, options.Oidc.SignsIn, options.Oidc.TakesTokens, OidcSettings.NeedsHttps(options.Oidc)), Is.EqualTo((true, true, true, true)));
        Assert.That(Read([]).Oidc.IsOn, Is.False);
    }

    [TestCase("Authority=", "Authority is no address")]
    [TestCase("Authority=login.example.org", "Authority is no address")]
    [TestCase("Authority=https://user:secret@login.example.org", "Authority is no address")]
    [TestCase("Authority=http://login.example.org", "Authority is called without TLS")]
    [TestCase("ClientSecretFile", "ClientSecretFile is missing")]
    [TestCase("ConsoleUrl=https://hub.example.org/console", "ConsoleUrl is no address of a host")]
    [TestCase("Scopes=profile", "Scopes lacks openid")]
    [TestCase("Viewers= ; ", "no group has a role")]
    [TestCase("LongestSession=09:00:00", "LongestSession")]
    [TestCase("RolesClaim=", "RolesClaim")]
    public void Should_say_what_is_wrong(string but, string problem)
    {
        var name = but.Split('=')[0];
        var error = Assert.Throws<HubConfigurationException>(() => Read([.. _good.Where(setting => !setting.StartsWith($"{name}=", StringComparison.Ordinal)), .. but == name ? [] : new[] { but }]));
        Assert.That(error!.Message, Does.Contain($"Hub:Oidc: {problem}"));
    }

    [Test]
    public void Should_say_what_is_missing()
    {
        Assert.That(Assert.Throws<HubConfigurationException>(() => Read(["ClientId=hub"]))!.Message, Does.Contain("Authority is missing"));
        Assert.That(Assert.Throws<HubConfigurationException>(() => Read(["Authority=https://login.example.org", "Viewers=staff"]))!.Message, Does.Contain("neither ClientId nor Audience"));
    }

    /// <summary>It says how cookies are kept, also of people who sign in with keys.</summary>
    [Test]
    public void Should_look_at_the_consoles_address_without_a_provider_too()
    {
        Assert.That(Assert.Throws<HubConfigurationException>(() => Read(["ConsoleUrl=hub.example.org"]))!.Message, Does.Contain("ConsoleUrl is no address of a host"));
        Assert.That(Read(["ConsoleUrl=https://hub.example.org"]).Oidc.IsConsoleSafe, Is.True);
    }

    [TestCase("Authority=http://127.0.0.1:8090/realm")]
    [TestCase("Authority=http://localhost:8090")]
    public void Should_call_this_machine_without_TLS(string authority) => Assert.That(OidcSettings.NeedsHttps(Read([authority, "Audience=api", "Viewers=staff"]).Oidc), Is.False);

    [Test]
    public void Should_open_what_another_hub_sealed_with_the_same_secret_and_nothing_else()
    {
        var file = Path.GetTempFileName();
        try
        {
            IDataProtector Hub(string purpose) => new SignInSeal(new ClientSecret(new() { ClientSecretFile = file })).CreateProtector(purpose);
            File.WriteAllText(file, "a secret that is long enough\n");
            var box = Hub("state").Protect([1, 2, 3]);
            Assert.That(Hub("state").Unprotect(box), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(Hub("state").Protect([1, 2, 3]), Is.Not.EqualTo(box));
            Assert.That(() => Hub("nonce").Unprotect(box), Throws.InstanceOf<CryptographicException>());
            Assert.That(() => Hub("state").CreateProtector("v2").Unprotect(box), Throws.InstanceOf<CryptographicException>());
            Assert.That(() => Hub("state").Unprotect(box[..20]), Throws.InstanceOf<CryptographicException>());
            box[14] ^= 1;
            Assert.That(() => Hub("state").Unprotect(box), Throws.InstanceOf<CryptographicException>());
            box[14] ^= 1;
            File.WriteAllText(file, "another secret, long enough, too");
            Assert.That(() => Hub("state").Unprotect(box), Throws.InstanceOf<CryptographicException>());

            File.WriteAllText(file, "short");
            Assert.That(Assert.Throws<HubConfigurationException>(() => new ClientSecret(new() { ClientSecretFile = file }).Check())!.Message, Does.Contain(file).And.Not.Contain("short."));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static HubOptions Read(IEnumerable<string> settings) => HubSettings.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(parts => KeyValuePair.Create($"Hub:Oidc:{parts[0]}", (string?)parts[1]))).Build());
}
