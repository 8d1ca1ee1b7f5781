using System.Text.Json;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>The book of alerts lies in the database: of its outage each hub tells by itself, once to each route, and that it is over.</summary>
public sealed class When_the_database_is_away : DeliveryFixture
{
    [Test]
    public async Task Should_be_told_once_to_each_route_that_takes_it_and_be_over()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var failing = await Receiver.StartAsync();
        failing.Answers.Enqueue((503, ""));
        AlertRoute Route(string name, Receiver to, params string[] severities) => new(name, AlertRouteKind.Slack, severities, []) { Secrets = [SecretReference.ToEnvironment("URL", _ => to.Address.ToString())] };
        var acme = Acme.Hub();
        var broken = false;
        using var watch = new DatabaseWatch(
            new HubConfiguration { Destinations = acme.Destinations, Mappings = acme.Mappings, Consent = acme.Consent, Audiences = acme.Audiences, AlertRoutes = [Route("team", receiver), Route("slow", failing, AlertSeverity.Critical), Route("later", receiver, AlertSeverity.Low)] },
            new HubInstance("h1"), new OutboxTransaction(new BreakingScopes(Scopes, () => broken)), new AlertTeller(new Clients(), TimeProvider.System), Microsoft.Extensions.Options.Options.Create(new WatchOptions()), Clock, NullLogger<DatabaseWatch>.Instance);

        await watch.LookAsync(CancellationToken.None);
        broken = true;
        await watch.LookAsync(CancellationToken.None);
        Assert.That(receiver.Calls, Is.Empty, "a moment is no outage");
        Clock.Now += TimeSpan.FromSeconds(20);
        await watch.LookAsync(CancellationToken.None);
        await watch.LookAsync(CancellationToken.None);
        Assert.That((receiver.Calls.Count, failing.Calls.Count), Is.EqualTo((1, 2)), "told once; where it failed it was tried again");
        Assert.That(JsonDocument.Parse(receiver.Calls.First().Body).RootElement.GetProperty("text").GetString(), Does.StartWith("*[critical] IntegrationHub: database_unreachable*\n").And.Contain(HubDiagnoser.Database("h1").Sentence));

        broken = false;
        await watch.LookAsync(CancellationToken.None);
        await watch.LookAsync(CancellationToken.None);
        Assert.That((receiver.Calls.Count, failing.Calls.Count), Is.EqualTo((2, 3)));
        Assert.That(receiver.Calls.Last().Body, Does.Contain("Resolved IntegrationHub: database_unreachable"));
    }

    /// <summary>Scopes whose database does not answer while the test says so.</summary>
    private sealed class BreakingScopes(IServiceScopeFactory real, Func<bool> isBroken) : IServiceScopeFactory
    {
        public IServiceScope CreateScope() => isBroken() ? throw new TimeoutException("no answer") : real.CreateScope();
    }

    private sealed class Clients : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new();
    }
}
