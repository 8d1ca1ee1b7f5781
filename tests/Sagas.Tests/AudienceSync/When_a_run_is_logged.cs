using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_logged : RunFixture
{
    [Test]
    public async Task Should_write_one_line_per_step()
    {
        await Run.GoToAsync("Completed");

        Assert.That(Run.Log.Lines, Is.EqualTo(new[]
        {
            Line("Initial", "Planning", ", to add , to remove , missing "),
            Line("Planning", "Delivering", "1100, to add 100, to remove 50, missing "),
            Line("Delivering", "Verifying", "1100, to add 100, to remove 50, missing "),
            Line("Verifying", "Completed", "1100, to add 100, to remove 50, missing 0"),
        }));
    }

    [Test]
    public async Task Should_warn_with_the_cause_when_it_fails()
    {
        await Run.GoToAsync("Delivering");
        await Run.SendAsync(Run.StepFailed(nameof(DeliverAudienceSync)));

        Assert.That(Run.Log.Lines[^1], Is.EqualTo($"Warning: Run {Run.Id} of audience vip to braze went from Delivering to Canceling because of unknown_audience"));
    }

    private string Line(string from, string to, string counts) =>
        $"Information: Run {Run.Id} of audience vip to braze went from {from} to {to}; planned {counts}";
}
