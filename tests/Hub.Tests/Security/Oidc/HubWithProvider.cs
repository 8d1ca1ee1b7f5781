using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using IntegrationHub.Storage;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Tests.Security.Oidc;

/// <summary>One identity provider and one hub that goes by it, for all tests of them.</summary>
[SetUpFixture]
public sealed class HubWithProvider
{
    private static readonly AllLines _lines = new();
    private static string _secret = null!;

    /// <summary>The provider.</summary>
    internal static IdentityProvider Provider { get; private set; } = null!;

    /// <summary>The hub.</summary>
    internal static HubWithKeys TheHub { get; private set; } = null!;

    /// <summary>What it has logged.</summary>
    internal static IReadOnlyCollection<string> Lines => _lines.Written;

    [OneTimeSetUp]
    public async Task Start()
    {
        Provider = await IdentityProvider.StartAsync();
        _secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(_secret, IdentityProvider.Secret);
        TheHub = await HubWithKeys.StartAsync(
            StorageDatabase.Sqlite,
            builder => builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_lines).AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning), // as the hub writes
            settings:
            [
                $"--Hub:Oidc:Authority={Provider.Address.AbsoluteUri.TrimEnd('/')}", $"--Hub:Oidc:ClientId={IdentityProvider.Console}", $"--Hub:Oidc:ClientSecretFile={_secret}", $"--Hub:Oidc:Audience={IdentityProvider.Audience}",
                "--Hub:Oidc:Name=Work", "--Hub:Oidc:Viewers=staff; hub-viewers", "--Hub:Oidc:Operators=hub-operators", "--Hub:Oidc:Admins=hub-admins",
            ]);
        await Provider.AddConsoleAsync(TheHub.Address);

        // The first answers of a provider that has just started may take longer on a busy machine than the hub waits for any.
        using var http = new HttpClient();
        var published = JsonElement.Parse(await http.GetStringAsync(new Uri(Provider.Address, ".well-known/openid-configuration")));
        await http.GetStringAsync(published.GetProperty("jwks_uri").GetString());
        using var begun = await http.GetAsync(published.GetProperty("authorization_endpoint").GetString());
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await TheHub.DisposeAsync();
        await Provider.DisposeAsync();
        File.Delete(_secret);
        _lines.Dispose();
    }

    /// <summary>Lets the hub forget what the provider published, as one that has just started.</summary>
    internal static void Forget()
    {
        TheHub.Services.GetRequiredService<IOptionsMonitorCache<JwtBearerOptions>>().Clear();
        TheHub.Services.GetRequiredService<IOptionsMonitorCache<OpenIdConnectOptions>>().Clear();
    }

    /// <summary>A browser that follows nothing by itself.</summary>
    /// <param name="cookies">Its cookies; none unless given.</param>
    internal static HttpClient Browser(CookieContainer? cookies = null) => new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies ?? new CookieContainer() }) { BaseAddress = TheHub.Address };

    private sealed class AllLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
