using System.Net;
using System.Threading.RateLimiting;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>How often one caller may read, and one address try.</summary>
public sealed class When_somebody_calls_often
{
    private static readonly Principal _anna = new("person:anna", PrincipalKind.Person, "Anna");
    private static readonly Principal _ben = new("person:ben", PrincipalKind.Person, "Ben");
    private CallLimits _limits = null!;
    private PartitionedRateLimiter<HttpContext> _calls = null!;

    [SetUp]
    public void Build()
    {
        _limits = new CallLimits(Options.Create(new LimitOptions { ReadsPerMinute = 3, SignInsPerMinute = 2, StrangersPerMinute = 1 }));
        _calls = _limits.Create();
    }

    [TearDown]
    public void Close()
    {
        _calls.Dispose();
        _limits.Dispose();
    }

    [Test]
    public void Should_count_the_reads_of_each_caller()
    {
        Assert.That(Times(5, () => Call(_anna)), Is.EqualTo(3));
        Assert.That(Times(5, () => Call(_ben)), Is.EqualTo(3), "what one reads takes nothing from another");
    }

    [Test]
    public void Should_count_neither_commands_nor_what_a_page_asks_of_its_own_hub_nor_programs_of_this_machine()
    {
        Assert.That(Times(9, () => Call(_anna, "POST")), Is.EqualTo(9));
        Assert.That(Times(9, () => With(Call(_anna), WithinProcess.Instance)), Is.EqualTo(9));
        Assert.That(Times(9, () => Call(Principal.Local)), Is.EqualTo(9));
        Assert.That(Times(9, () => Call(null, "POST", "10.0.0.1", new ProvenBySender())), Is.EqualTo(9), "doors count by themselves");
    }

    [Test]
    public void Should_count_attempts_to_sign_in_by_address()
    {
        Assert.That(Times(5, () => Call(null, "POST", "10.0.0.1", new ConsolePage(), new OpenToStrangers(), new SignInAttempt())), Is.EqualTo(2));
        Assert.That(Times(5, () => Call(null, "POST", "10.0.0.2", new ConsolePage(), new OpenToStrangers(), new SignInAttempt())), Is.EqualTo(2));
    }

    [Test]
    public void Should_refuse_strangers_who_come_often_and_say_when_to_come_again()
    {
        var unauthorized = new CallRefusal(401, "unauthorized", "Authorization", "No key.");
        Assert.That(_limits.RefuseStranger(Call(null), unauthorized), Is.SameAs(unauthorized));
        var again = Call(null);
        var refusal = _limits.RefuseStranger(again, unauthorized);
        Assert.That((refusal.Status, refusal.Type), Is.EqualTo((429, "too-many-attempts")));
        Assert.That(int.Parse(again.Response.Headers.RetryAfter.ToString(), System.Globalization.CultureInfo.InvariantCulture), Is.InRange(1, 60));
        Assert.That(_limits.RefuseStranger(Call(null, address: "10.0.0.2"), unauthorized), Is.SameAs(unauthorized));
    }

    /// <summary>Twenty open pages of one person, each with what it asks every five seconds, are far from the limit.</summary>
    [Test]
    public void Should_let_many_pages_be_open() => Assert.That(new LimitOptions().ReadsPerMinute, Is.GreaterThan(20 * (60 / 5) * 10));

    private int Times(int calls, Func<HttpContext> call) => Enumerable.Range(0, calls).Count(_ =>
    {
        using var lease = _calls.AttemptAcquire(call());
        return lease.IsAcquired;
    });

    private static HttpContext With<T>(HttpContext http, T feature)
    {
        http.Features.Set(feature);
        return http;
    }

    private static DefaultHttpContext Call(Principal? caller, string method = "GET", string address = "10.0.0.1", params object[] metadata)
    {
        var http = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) }, Request = { Method = method } };
        http.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(metadata), "a route"));
        if (caller is not null)
        {
            http.Features.Set(caller);
        }

        return http;
    }
}
