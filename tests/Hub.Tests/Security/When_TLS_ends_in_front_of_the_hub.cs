using System.Net;
using System.Text.RegularExpressions;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>The hub is called without TLS by a proxy, and its settings say that browsers come by TLS: people sign in with keys, no identity provider is named.</summary>
public sealed partial class When_TLS_ends_in_front_of_the_hub
{
    [Test]
    public async Task Should_keep_no_cookie_that_goes_without_TLS()
    {
        await using var hub = await HubWithKeys.StartAsync(StorageDatabase.Sqlite, settings: "--Hub:Oidc:ConsoleUrl=https://hub.example.org");
        using var proxy = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = hub.Address };
        using var asked = await proxy.GetAsync("/sign-in");
        Assert.That(asked.Headers.GetValues("Strict-Transport-Security"), Is.EqualTo(new[] { "max-age=31536000" }));
        var page = await asked.Content.ReadAsStringAsync();
        var browser = Kept(asked).Single();
        proxy.DefaultRequestHeaders.Add("Cookie", browser.Split(';')[0]);

        using var signedIn = await proxy.PostAsync("/sign-in?to=/runs", Form(page, ("api-key", HubWithKeys.Key)));
        Assert.That(signedIn.Headers.Location?.OriginalString, Is.EqualTo("/runs"));
        using var themed = await proxy.PostAsync("/theme", Form(page, ("to", "dark"), ("back", "/")));
        string[] kept = [browser, .. Kept(signedIn), .. Kept(themed)];
        Assert.That(kept.Select(cookie => cookie.Split('=')[0]), Is.EqualTo(new[] { "__Host-hub-browser", "__Host-hub-session", "hub-theme" }));
        Assert.That(kept, Is.All.Contain("; secure"));

        proxy.DefaultRequestHeaders.Add("Cookie", kept[1].Split(';')[0]);
        Assert.That((await proxy.GetAsync("/runs")).StatusCode, Is.EqualTo(HttpStatusCode.OK), "what the proxy hands on");
    }

    private static string[] Kept(HttpResponseMessage answer) => answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [];

    private static FormUrlEncodedContent Form(string page, params (string Name, string Value)[] fields) =>
        new([.. fields.Append(("form-token", Token().Match(page).Groups[1].Value)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))]);

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
