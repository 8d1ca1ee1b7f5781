namespace Sagas.Tests;

internal sealed class When_a_machine_is_read
{
    private static IEnumerable<TestCaseData> Cells() =>
        from machine in MachineMap.All
        from state in machine.States
        from message in machine.Messages
        select new TestCaseData(machine, state, message);

    [TestCaseSource(nameof(Cells))]
    public void Should_have_an_answer_to_every_message_in_every_state(MachineMap machine, string state, string message) =>
        Assert.That(machine.Answered, Does.Contain((state, message)), "handle it or ignore it with a reason");

    [TestCaseSource(typeof(MachineMap), nameof(MachineMap.All))]
    public void Should_have_a_test_for_every_edge(MachineMap machine) =>
        Assert.That(machine.Edges.Except(Covered(machine)), Is.Empty, "edges that no test names");

    [TestCaseSource(typeof(MachineMap), nameof(MachineMap.All))]
    public void Should_have_no_test_of_an_edge_that_is_gone(MachineMap machine) =>
        Assert.That(Covered(machine).Except(machine.Edges), Is.Empty, "edges that tests name and the machine does not have");

    private static IEnumerable<Edge> Covered(MachineMap machine) => typeof(When_a_machine_is_read).Assembly.GetTypes()
        .Where(type => type.Namespace == $"{typeof(When_a_machine_is_read).Namespace}.{machine.Saga}")
        .SelectMany(type => type.GetMethods())
        .SelectMany(EdgeAttribute.OfMethod)
        .Distinct();
}
