namespace Sagas.Tests.BackfillRun;

internal sealed class When_a_message_comes_late_or_twice : RunFixture
{
    private static IEnumerable<TestCaseData> Ignored() => MachineMap.Ignored.Select(cell => new TestCaseData(cell.State, cell.Message));

    [TestCaseSource(nameof(Ignored))]
    public async Task Should_change_and_say_nothing(string state, string message)
    {
        await Run.GoToAsync(state);
        var (row, said, timeouts) = (Run.RowAsText, Run.SaidCount, Run.Timeouts.Pending);
        Run.Clock.Advance(TimeSpan.FromSeconds(1));
        await Run.SendByNameAsync(message);

        Assert.Multiple(() =>
        {
            Assert.That(Run.RowAsText, Is.EqualTo(row));
            Assert.That(Run.SaidCount, Is.EqualTo(said));
            Assert.That(Run.Timeouts.Pending, Is.EqualTo(timeouts));
        });
    }
}
