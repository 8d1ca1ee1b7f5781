using System.Text.Json;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Reads;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Reads;

/// <summary>What a call that only looks is answered when the database works on it for too long.</summary>
public sealed class When_a_read_is_too_large
{
    private static readonly Delegate _list = (Guid runId, string? outcome, string? code, string? after, int? limit, CancellationToken cancellationToken) => 0;

    [Test]
    public async Task Should_say_what_to_narrow()
    {
        var (status, retryAfter, problem) = await AskAsync("GET", "?outcome=rejected", () => throw new ReadOverBudgetException(TimeSpan.FromSeconds(2), isBusy: false));
        Assert.That((status, retryAfter), Is.EqualTo((503, "5")));
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo("urn:integrationhub:problem:read-over-budget"));
        Assert.That(problem.GetProperty("field").GetString(), Is.EqualTo("code"));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("longer than 2 s").And.EndsWith("Narrow it with 'code' or 'limit'."));
    }

    [Test]
    public async Task Should_say_when_others_read_too_much()
    {
        var (status, retryAfter, problem) = await AskAsync("GET", "", () => throw new ReadOverBudgetException(TimeSpan.FromSeconds(2), isBusy: true));
        Assert.That((status, retryAfter, problem.GetProperty("type").GetString()), Is.EqualTo((503, "5", "urn:integrationhub:problem:reads-busy")));
    }

    /// <summary>A page waits for nothing that a terminal may wait for.</summary>
    [Test]
    public async Task Should_send_a_page_to_a_terminal_for_what_takes_its_time()
    {
        var (status, _, problem) = await AskAsync("GET", "", () => throw new ReadOverBudgetException(TimeSpan.FromSeconds(2), isBusy: false), takesItsTime: true, isOfPage: true);
        Assert.That((status, problem.GetProperty("detail").GetString()), Is.EqualTo((503, "Reading this took longer than 2 s, which is as long as a page waits. Ask in a terminal: there it may take its time.")));
    }

    [TestCase("GET", false, false, true)]
    [TestCase("GET", true, false, false)]
    [TestCase("GET", true, true, true)]
    [TestCase("POST", false, false, false)]
    public async Task Should_hold_for_what_only_looks(string method, bool takesItsTime, bool isOfPage, bool holds)
    {
        var within = false;
        await AskAsync(method, "", () => within = Looking.IsOn, takesItsTime, isOfPage);
        Assert.That((within, Looking.IsOn), Is.EqualTo((holds, false)));
    }

    private static async Task<(int Status, string RetryAfter, JsonElement Problem)> AskAsync(string method, string query, Action work, bool takesItsTime = false, bool isOfPage = false)
    {
        await using var services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = services, Response = { Body = body } };
        (http.Request.Method, http.Request.QueryString) = (method, new QueryString(query));
        var route = new RouteEndpointBuilder(null, RoutePatternFactory.Parse("/v1/runs/{runId:guid}/records"), 0) { Metadata = { _list.Method } };
        if (takesItsTime)
        {
            route.Metadata.Add(new TakesItsTime());
        }

        route.RequestDelegate = _ => Task.CompletedTask;
        if (isOfPage)
        {
            http.Features.Set(WithinProcess.Instance);
        }

        http.SetEndpoint(route.Build());
        var budget = new ReadBudget(_ =>
        {
            work();
            return Task.CompletedTask;
        }, NullLogger<ReadBudget>.Instance);
        await budget.InvokeAsync(http);
        return (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString(), body.Length == 0 ? default : JsonElement.Parse(body.ToArray()));
    }
}
