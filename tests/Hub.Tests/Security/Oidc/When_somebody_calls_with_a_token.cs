using System.Text;
using IntegrationHub.Hub.Security;
using Microsoft.IdentityModel.Tokens;
using static IntegrationHub.Hub.Tests.Security.Oidc.HubWithProvider;

namespace IntegrationHub.Hub.Tests.Security.Oidc;

/// <summary>Access tokens of a real provider at the API, and tokens that are nearly such.</summary>
[NonParallelizable]
public sealed class When_somebody_calls_with_a_token
{
    private static readonly Dictionary<string, (Func<string> Make, string Why)> _bad = new(StringComparer.Ordinal)
    {
        ["another issuer"] = (() => Provider.Forge(token => token.Issuer = "https://login.example.org/"), "another issuer"),
        ["another audience"] = (() => Provider.Forge(token => token.Audience = "another-api"), "made for others"),
        ["no audience"] = (() => Provider.Forge(token => token.Audience = null), "made for others"),
        ["expired"] = (() => Provider.Forge(token => (token.NotBefore, token.IssuedAt, token.Expires) = (DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddMinutes(-1))), "has expired"),
        ["not yet valid"] = (() => Provider.Forge(token => token.NotBefore = DateTime.UtcNow.AddMinutes(5)), "not valid yet"),
        ["no signature"] = (() => Provider.Forge(token => token.SigningCredentials = null), "no signature"),
        ["the public key as a shared secret"] = (() => Provider.Forge(token => token.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.ASCII.GetBytes(Provider.Key.Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = Provider.Key.KeyId }, SecurityAlgorithms.HmacSha256)), "no signature"),
        ["another key"] = (() => Provider.Forge(token => token.SigningCredentials = new SigningCredentials(IdentityProvider.NewKey(), SecurityAlgorithms.RsaSha256)), "no signature"),
        ["another key under the name of the provider's"] = (() => Provider.Forge(token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(IdentityProvider.NewKey().Rsa) { KeyId = Provider.Key.KeyId }, SecurityAlgorithms.RsaSha256)), "no signature"),
        ["an ID token"] = (() => Provider.Forge(token => (token.TokenType, token.Claims["nonce"]) = ("JWT", "n-1")), "no access token"),
        ["a refresh token as Keycloak writes it"] = (() => Provider.Forge(token => (token.TokenType, token.Claims["typ"]) = ("JWT", "Refresh")), "no access token"),
        ["a logout token"] = (() => Provider.Forge(token => token.TokenType = "logout+jwt"), "no access token"),
        ["nobody's"] = (() => Provider.Forge(token => token.Claims.Remove("sub")), "does not say who"),
        ["no token at all"] = (() => "one.two.three", "no signature"),
    };

    [Test]
    public async Task Should_know_people_and_programs()
    {
        var (status, anna, _) = await TheHub.CallAsync(await Provider.TokenAsync(new Member("Anna-17", "Anna", "hub-operators", "football")), "GET /v1/caller");
        Assert.That((status, anna.GetProperty("principal").GetString(), anna.GetProperty("name").GetString()), Is.EqualTo((200, "person:Anna-17", "Anna")));
        Assert.That(anna.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()), Is.EquivalentTo(Role.ScopesOf("operator")));

        var (_, program, _) = await TheHub.CallAsync(await Provider.ProgramTokenAsync("staff"), "GET /v1/caller");
        Assert.That(program.GetProperty("principal").GetString(), Is.EqualTo("service:nightly-load"));
        Assert.That(program.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()), Is.EquivalentTo(Role.ScopesOf("viewer")));
    }

    [Test]
    public async Task Should_note_who_did_it()
    {
        var token = await Provider.TokenAsync(new Member("olaf", "Olaf", "hub-operators"));
        Assert.That((await TheHub.CallAsync(token, "POST /v1/destinations/braze/check")).Status, Is.EqualTo(200));
        var (_, audit, _) = await TheHub.CallAsync(HubWithKeys.Key, "GET /v1/audit?principal=person:olaf");
        Assert.That(audit.GetProperty("items")[0].GetProperty("action").GetString(), Is.EqualTo("checkDestination"));
    }

    [Test]
    public async Task Should_take_what_is_forged_well([Values("at+jwt", "JWT")] string type) =>
        Assert.That((await TheHub.CallAsync(Provider.Forge(token => token.TokenType = type), "GET /v1/runs")).Status, Is.EqualTo(200), "the forge of the other tests");

    [TestCaseSource(nameof(Bad))]
    public async Task Should_refuse(string what)
    {
        var token = _bad[what].Make();
        var (status, problem, answer) = await TheHub.CallAsync(token, "GET /v1/runs");
        Assert.That((status, answer.Headers.WwwAuthenticate.ToString(), answer.Content.Headers.ContentType?.MediaType), Is.EqualTo((401, "Bearer error=\"invalid_token\"", "application/problem+json")));
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo("urn:integrationhub:problem:token-refused"));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(_bad[what].Why).And.Not.Contain(token.Split('.')[1]));
    }

    [Test]
    public async Task Should_follow_the_providers_keys()
    {
        Forget();
        var former = Provider.Forge();
        Assert.That((await TheHub.CallAsync(former, "GET /v1/runs")).Status, Is.EqualTo(200));
        Provider.Rotate();
        Assert.That((await TheHub.CallAsync(await Provider.TokenAsync(new Member("anna", "Anna", "staff")), "GET /v1/runs")).Status, Is.EqualTo(200), "signed with a key that the hub has not seen");
        Assert.That((await TheHub.CallAsync(former, "GET /v1/runs")).Status, Is.EqualTo(401), "signed with a key that the provider has withdrawn");
    }

    [Test]
    public async Task Should_say_what_is_missing()
    {
        var (status, problem, _) = await TheHub.CallAsync(await Provider.TokenAsync(new Member("rita", "Rita", "football")), "GET /v1/caller");
        Assert.That((status, problem.GetProperty("type").GetString()), Is.EqualTo((403, "urn:integrationhub:problem:role-missing")));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("person:rita").And.Contain("'groups'"));

        (status, problem, _) = await TheHub.CallAsync(await Provider.TokenAsync(new Member("vera", "Vera", "hub-viewers")), "POST /v1/destinations/braze/check");
        Assert.That((status, problem.GetProperty("type").GetString()), Is.EqualTo((403, "urn:integrationhub:problem:scope-missing")));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("runs:write").And.Contain("operator"));
    }

    [Test]
    public async Task Should_open_no_page()
    {
        using var browser = Browser();
        browser.DefaultRequestHeaders.Authorization = new("Bearer", Provider.Forge());
        using var answer = await browser.GetAsync("/runs");
        Assert.That(answer.Headers.Location?.OriginalString, Does.StartWith("/sign-in"));
    }

    [Test]
    public async Task Should_say_that_the_provider_does_not_answer()
    {
        var token = Provider.Forge();
        Forget();
        Provider.IsDown = true;
        try
        {
            var (status, problem, _) = await TheHub.CallAsync(token, "GET /v1/runs");
            Assert.That((status, problem.GetProperty("type").GetString()), Is.EqualTo((503, "urn:integrationhub:problem:provider-unavailable")));
            Assert.That((await TheHub.CallAsync(HubWithKeys.Key, "GET /v1/runs")).Status, Is.EqualTo(200), "the key of the settings");
            Assert.That((await TheHub.CallAsync((await TheHub.MakeAsync("person:otto", "viewer")).Text, "GET /v1/runs")).Status, Is.EqualTo(200), "a person's key");
        }
        finally
        {
            Provider.IsDown = false;
            Forget(); // what failed is not asked again at once
        }

        Assert.That((await TheHub.CallAsync(token, "GET /v1/runs")).Status, Is.EqualTo(200), "it answers again");
    }

    private static IEnumerable<string> Bad() => _bad.Keys;
}
