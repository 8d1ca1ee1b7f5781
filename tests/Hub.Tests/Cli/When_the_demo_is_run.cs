using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Runs;

namespace Hub.Tests.Cli;

public sealed class When_the_demo_is_run
{
    [TestCase("Completed", 0)]
    [TestCase("CompletedWithIssues", 1)]
    [TestCase("Failed", 3)]
    public async Task Should_end_as_its_runs_ended(string state, int expected)
    {
        var session = Ready(state);

        Assert.That(await session.CallAsync("demo"), Is.EqualTo(expected));
    }

    [Test]
    public async Task Should_show_progress_as_lines_and_then_the_ledger()
    {
        var session = Ready("Completed");

        await session.CallAsync("demo", "--members", "10", "--Hub:DataPath=elsewhere");

        Assert.That(session.Out, Does.Contain("Loading customers").And.Contain("braze: Delivering, 4 of 10 settled (40 %)").And.Contain("18 rows accepted")
            .And.Contain("Dead letters").And.Contain("Unexpected").And.Contain("braze: 3 suppressed, consent_unknown"));
    }

    [Test]
    public async Task Should_leave_standard_output_to_the_one_value()
    {
        var session = Ready("Completed");

        await session.CallAsync("demo", "--json");

        using var value = JsonDocument.Parse(session.Out);
        Assert.Multiple(() =>
        {
            Assert.That(value.RootElement.GetProperty("runs")[0].GetProperty("counts").GetProperty("planned").GetInt64(), Is.EqualTo(10));
            Assert.That(session.Error, Does.Contain("Loading customers").And.Contain("Ledger"));
        });
    }

    [Test]
    public async Task Should_hand_on_what_was_asked_for()
    {
        var session = Ready("Completed");
        DemoRequest? asked = null;
        session.Demo = (request, _, _) =>
        {
            asked = request;
            return Task.CompletedTask;
        };

        var ended = await session.CallAsync("demo", "--members", "7", "--serve", "--Hub:Bus=RabbitMq");

        Assert.Multiple(() =>
        {
            Assert.That((asked!.Members, asked.Serve, asked.Json), Is.EqualTo((7, true, false)));
            Assert.That(asked!.Settings, Is.EqualTo(["--Hub:Bus=RabbitMq"]));
            Assert.That(ended, Is.EqualTo(3), "a job that never finished has failed");
        });
    }

    private static Session Ready(string state) => new()
    {
        Demo = async (_, report, finished) =>
        {
            report(new RunProgress("Loading customers", []));
            report(new RunProgress("Syncing", [Run("Delivering", pending: 6)]));
            report(new RunProgress("Syncing", [Run(state, pending: 0)]));
            await finished(new DemoResult([Run(state, pending: 0)], ["18 rows accepted"], new Uri("http://localhost:8080")));
        },
    };

    private static RunJson Run(string state, long pending) => JsonSerializer.Deserialize<RunJson>(Session.RunJson(state, pending: pending))!;
}
