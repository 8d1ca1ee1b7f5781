using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;

namespace Sagas.Tests.Erasure;

internal sealed class When_a_message_comes_late_or_twice : ErasureFixture
{
    // Of what still sleeps in the scheduler the row forgets the token, as it should: see When_a_person_is_to_be_erased.
    private static IEnumerable<TestCaseData> Ignored() => MachineMap.Erasure.Ignored
        .Where(cell => cell is not (ErasurePhase.Rechecking, nameof(ErasureHalfTimeElapsed)))
        .Select(cell => new TestCaseData(cell.State, cell.Message));

    [TestCaseSource(nameof(Ignored))]
    public async Task Should_change_and_say_nothing(string state, string message)
    {
        await Run.GoToAsync(state);
        await Run.BeUnmovedByAsync(() => Run.SendByNameAsync(message));
    }

    [TestCase(ErasurePhase.Suppressing)]
    [TestCase(ErasurePhase.ErasingDestinations)]
    [TestCase(ErasurePhase.ErasingOwn)]
    [TestCase(ErasurePhase.Rechecking)]
    [Edge(EdgeAttribute.Each, "ErasureStepPostponed", EdgeAttribute.Each)]
    public async Task Should_not_wait_for_another_step(string state)
    {
        await Run.GoToAsync(state);
        await Run.BeUnmovedByAsync(() => Run.SendByNameAsync("ErasureStepPostponed"));
    }

    [Test]
    [Edge("Rechecking", "DestinationsRechecked", "Rechecking")]
    public async Task Should_not_take_the_look_of_another_round()
    {
        await Run.GoToAsync(ErasurePhase.Rechecking);
        await Run.BeUnmovedByAsync(() => Run.SendByNameAsync("DestinationsRechecked"));
    }
}
