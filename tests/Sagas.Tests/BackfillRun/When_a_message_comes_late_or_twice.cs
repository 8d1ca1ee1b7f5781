namespace Sagas.Tests.BackfillRun;

internal sealed class When_a_message_comes_late_or_twice : RunFixture
{
    private static IEnumerable<TestCaseData> Ignored() => MachineMap.BackfillRun.Ignored.Select(cell => new TestCaseData(cell.State, cell.Message));

    [TestCaseSource(nameof(Ignored))]
    public async Task Should_change_and_say_nothing(string state, string message)
    {
        await Run.GoToAsync(state);
        await Run.BeUnmovedByAsync(() => Run.SendByNameAsync(message));
    }
}
