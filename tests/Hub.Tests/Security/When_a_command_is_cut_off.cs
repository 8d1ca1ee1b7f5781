using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>A command that stands in the audit log was done, whatever became of its answer: a repeat under its key does nothing a second time. What left nothing may be tried again.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_command_is_cut_off(StorageDatabase database) : DeliveryFixture(database)
{
    private int _begun;

    [SetUp]
    public void Count() => _begun = 0;

    [Test]
    public async Task Should_not_be_done_twice_when_the_caller_left_after_the_commit()
    {
        var key = Unique("key");
        RequestDelegate command = async http =>
        {
            await CommitAsync(http);
            throw new OperationCanceledException("the caller left");
        };
        Assert.That(async () => await CallAsync(key, command), Throws.InstanceOf<OperationCanceledException>());
        var (status, body) = await CallAsync(key, command);
        Assert.That((status, _begun), Is.EqualTo((409, 1)));
        Assert.That(body, Does.Contain("answer-lost"));
    }

    [Test]
    public async Task Should_answer_again_what_it_answered_when_it_was_done_and_said_that_it_failed()
    {
        var key = Unique("key");
        RequestDelegate command = async http =>
        {
            await CommitAsync(http);
            (http.Response.StatusCode, http.Response.ContentType) = (503, "text/plain");
            await http.Response.WriteAsync("later");
        };
        await CallAsync(key, command);
        Assert.That((await CallAsync(key, command), _begun), Is.EqualTo(((503, "later"), 1)));
    }

    [TestCase(true, TestName = "Should_be_tried_again_when_it_was_taken_back_and_threw")]
    [TestCase(false, TestName = "Should_be_tried_again_when_it_was_taken_back_and_refused")]
    public async Task Should_be_tried_again_when_it_was_taken_back(bool throws)
    {
        var key = Unique("key");
        RequestDelegate command = async http =>
        {
            _begun++;
            await Transactions.RunAsync(
                async (db, _) =>
                {
                    await AuditLog.AppendAsync(db, http.Entry("test.do", "test:1"), CancellationToken.None);
                    return throws ? throw new InvalidOperationException("in vain") : (true, false);
                },
                CancellationToken.None);
            http.Response.StatusCode = 409;
        };
        for (var call = 0; call < 2; call++)
        {
            NUnit.Framework.Constraints.IResolveConstraint expected = throws ? Throws.InvalidOperationException : Throws.Nothing;
            Assert.That(async () => await CallAsync(key, command), expected);
        }

        Assert.That(_begun, Is.EqualTo(2));
    }

    private async Task CommitAsync(HttpContext http)
    {
        _begun++;
        await Transactions.RunAsync((db, _) => AuditLog.AppendAsync(db, http.Entry("test.do", "test:1"), CancellationToken.None), CancellationToken.None);
    }

    private async Task<(int Status, string Body)> CallAsync(string key, RequestDelegate command)
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(Clock).BuildServiceProvider();
        using var answer = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = services };
        (http.Request.Method, http.Request.Path, http.Response.Body) = ("POST", "/v1/test", answer);
        http.Request.Headers[CommandGate.Header] = key;
        http.Features.Set(Principal.OfApiKey);
        http.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new ScopeNeed(Scope.RunsWrite)), "test"));
        await new CommandGate(command, Transactions, Clock, NullLogger<CommandGate>.Instance).InvokeAsync(http);
        return (http.Response.StatusCode, System.Text.Encoding.UTF8.GetString(answer.ToArray()));
    }
}
