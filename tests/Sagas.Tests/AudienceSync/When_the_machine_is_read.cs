namespace Sagas.Tests.AudienceSync;

internal sealed class When_the_machine_is_read
{
    private static IEnumerable<TestCaseData> Cells() =>
        from state in MachineMap.States
        from message in MachineMap.Messages
        select new TestCaseData(state, message);

    [TestCaseSource(nameof(Cells))]
    public void Should_have_an_answer_to_every_message_in_every_state(string state, string message) =>
        Assert.That(MachineMap.AnsweredIn(state), Does.Contain(message), "handle it or ignore it with a reason");

    [Test]
    public void Should_have_a_test_for_every_edge() =>
        Assert.That(MachineMap.Edges.Except(Covered()), Is.Empty, "edges that no test names");

    [Test]
    public void Should_have_no_test_of_an_edge_that_is_gone() =>
        Assert.That(Covered().Except(MachineMap.Edges), Is.Empty, "edges that tests name and the machine does not have");

    private static IEnumerable<Edge> Covered() => typeof(When_the_machine_is_read).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(When_the_machine_is_read).Namespace)
        .SelectMany(type => type.GetMethods())
        .SelectMany(EdgeAttribute.OfMethod)
        .Distinct();
}
