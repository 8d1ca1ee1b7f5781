using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IntegrationHub.Hub.Tests.Pages;

/// <summary>Pages that are open ask again by themselves: for one person once, for two people twice.</summary>
public sealed class When_pages_look_again
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<string> _asked = [];
    private ServiceProvider _services = null!;
    private HubApi _api = null!;

    [SetUp]
    public void Build()
    {
        _asked.Clear();
        _services = new ServiceCollection().BuildServiceProvider();
        _api = new HubApi(_services.GetRequiredService<IServiceScopeFactory>(), _clock, NullLogger<HubApi>.Instance);
        _api.Pipeline = async call =>
        {
            _asked.Add(call.Caller().Id);
            await call.Response.WriteAsync($$"""{ "who": "{{call.Caller().Id}}" }""");
        };
    }

    [TearDown]
    public void Close() => _services.Dispose();

    private sealed record Said(string Who);

    private static Principal Person(string name, params string[] scopes) => new($"person:{name}", PrincipalKind.Person, name) { Scopes = scopes.ToHashSet() };

    private async Task<string> LookAsync(Principal who, string path = "/v1/mine")
    {
        var page = new DefaultHttpContext();
        page.Features.Set(who);
        page.Request.Headers["X-Hub-Look"] = "1";
        return (await _api.GetAsync<Said>(page, path)).Value!.Who;
    }

    [Test]
    public async Task Should_share_nothing_between_people_who_may_do_the_same()
    {
        Assert.That((await LookAsync(Person("anna", "runs:read")), await LookAsync(Person("ben", "runs:read"))), Is.EqualTo(("person:anna", "person:ben")));
        Assert.That(_asked, Is.EqualTo(new[] { "person:anna", "person:ben" }));
    }

    /// <summary>However many people have the Overview open.</summary>
    [Test]
    public async Task Should_ask_once_for_all_people_of_a_role_what_is_alike_for_all()
    {
        foreach (var path in HubApi.AlikeForAll)
        {
            _asked.Clear();
            for (var number = 0; number < 50; number++)
            {
                await LookAsync(Person($"number-{number}", "runs:read"), path);
            }

            await LookAsync(Person("privacy", "runs:read", "audit:read"), path);
            Assert.That(_asked, Is.EqualTo(new[] { "person:number-0", "person:privacy" }), path);
        }
    }

    [Test]
    public async Task Should_ask_once_for_all_pages_of_somebody_and_again_when_they_may_do_less()
    {
        await LookAsync(Person("anna", "runs:read", "admin"));
        await LookAsync(Person("anna", "admin", "runs:read"));
        Assert.That(_asked, Has.Count.EqualTo(1));
        await LookAsync(Person("anna", "runs:read"));
        Assert.That(_asked, Has.Count.EqualTo(2), "what was seen with more is not seen with less");
    }
}
