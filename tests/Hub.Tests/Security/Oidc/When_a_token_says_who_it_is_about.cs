using System.Security.Claims;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using Microsoft.IdentityModel.JsonWebTokens;

namespace IntegrationHub.Hub.Tests.Security.Oidc;

/// <summary>Claims as providers document them: a program never passes for a person, and a person is the same at API and console.</summary>
public sealed class When_a_token_says_who_it_is_about
{
    /// <summary>RFC 9068, section 2.2: https://www.rfc-editor.org/rfc/rfc9068#section-2.2; Entra: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference; Okta: https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/.</summary>
    [TestCase("person:anna", """{"sub":"anna","client_id":"cli"}""")]
    [TestCase("service:s6BhdRkqt3", """{"sub":"s6BhdRkqt3","client_id":"s6BhdRkqt3"}""", Description = "RFC 9068")]
    [TestCase("person:AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", """{"aud":"6cb04018-a3f5-46a7-b995-940c78f5aef3","azp":"6731de76-14a6-49ae-97bc-6eba6914391e","oid":"690222be-ff1a-4d56-abd1-7e4f7d38e474","scp":"Hub.Call","sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ","ver":"2.0"}""", Description = "Entra, a person")]
    [TestCase("service:6731de76-14a6-49ae-97bc-6eba6914391e", """{"azp":"6731de76-14a6-49ae-97bc-6eba6914391e","oid":"690222be-ff1a-4d56-abd1-7e4f7d38e474","sub":"690222be-ff1a-4d56-abd1-7e4f7d38e474","roles":["hub-viewers"],"ver":"2.0"}""", Description = "Entra, a program")]
    [TestCase("service:6731de76-14a6-49ae-97bc-6eba6914391e", """{"appid":"6731de76-14a6-49ae-97bc-6eba6914391e","idtyp":"app","sub":"another","ver":"1.0"}""", Description = "Entra, a program, by the optional claim")]
    [TestCase("person:00uid4BxXw6I6TV4m0g3", """{"cid":"nmdP1fcyvdVO11AL7ECm","uid":"00uid4BxXw6I6TV4m0g3","scp":["openid"],"sub":"00uid4BxXw6I6TV4m0g3"}""", Description = "Okta, a person")]
    [TestCase("service:0oabskvc6442nkvQO0h7", """{"cid":"0oabskvc6442nkvQO0h7","scp":["hub"],"sub":"0oabskvc6442nkvQO0h7"}""", Description = "Okta, a program")]
    [TestCase("person:d952cf23-bf92-4c8f-a3ff-4972b4f2bc5b", """{"sub":"d952cf23-bf92-4c8f-a3ff-4972b4f2bc5b","typ":"Bearer","azp":"cli","sid":"1","preferred_username":"anna"}""", Description = "Keycloak, a person")]
    [TestCase("service:Night-Load", """{"sub":"d952cf23-bf92-4c8f-a3ff-4972b4f2bc5b","typ":"Bearer","azp":"Night-Load","preferred_username":"service-account-night-load"}""", Description = "Keycloak, a program")]
    [TestCase("service:my_client", """{"sub":"my_client@clients","azp":"my_client","gty":"client-credentials"}""", Description = "Auth0, a program")]
    public void Should_be_known_what_it_is(string id, string claims)
    {
        var (caller, problem) = Reader(new()).Read(Token(claims));
        Assert.That((caller?.Id, caller?.Kind, problem), Is.EqualTo((id, (PrincipalKind?)(id.StartsWith("person:", StringComparison.Ordinal) ? PrincipalKind.Person : PrincipalKind.Service), (string?)null)));
    }

    [TestCase("""{"client_id":"cli"}""", "sub")]
    [TestCase("""{"sub":"anna\nben"}""", "no id")]
    [TestCase("""{"sub":"аnna"}""", "no id", Description = "its first letter is Cyrillic")]
    [TestCase("""{"sub":"api-key","client_id":"api-key"}""", "the key of its settings")]
    [TestCase("""{"sub":"x","idtyp":"app"}""", "does not say which")]
    public void Should_be_nobody(string claims, string why)
    {
        var (caller, problem) = Reader(new()).Read(Token(claims));
        Assert.That(caller, Is.Null);
        Assert.That(problem, Does.Contain(why));
    }

    [Test]
    public void Should_be_one_person_however_the_address_is_written()
    {
        var reader = Reader(new() { PrincipalClaim = "email" });
        Assert.That(reader.Person(Token("""{"sub":"1","email":"Anna@Example.org"}""")).Caller?.Id, Is.EqualTo("person:anna@example.org"));
        Assert.That(reader.Person(Token("""{"sub":"1","email":"anna@example.org","email_verified":false}""")).Problem, Does.Contain("not verified"));
        Assert.That(reader.Person(Token("""{"sub":"1"}""")).Problem, Does.Contain("'email'"));
    }

    [Test]
    public void Should_have_the_roles_of_groups_that_are_named_and_no_other()
    {
        OidcOptions options = new() { Viewers = "staff;CN=hub,OU=groups", Operators = "ops", Admins = " ops ; boss " };
        var caller = Reader(options).Person(Token("""{"sub":"anna","groups":["ops","OPS","staff ","football","CN=hub,OU=groups"]}""")).Caller!;
        Assert.That(caller.Groups, Is.EqualTo(["ops", "CN=hub,OU=groups"]), "of the others nothing is kept");
        Assert.That(new ProviderRoles(options).Of(caller.Groups), Is.EqualTo(["viewer", "operator", "admin"]));
        Assert.That(new ProviderRoles(options).Principal(caller).Scopes, Is.EquivalentTo(Role.Allow(["viewer", "operator", "admin"], [])));
        Assert.That(Reader(options).Person(Token("""{"sub":"anna","roles":["ops"]}""")).Caller!.Groups, Is.Empty, "another claim");
    }

    private static ProviderClaims Reader(OidcOptions options) => new(options, new ProviderRoles(options));

    /// <summary>Claims as the hub reads them out of a token.</summary>
    private static ClaimsIdentity Token(string claims) => new(new JsonWebToken($$"""{"alg":"none"}""", claims).Claims, "token");
}
