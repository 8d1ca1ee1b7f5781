namespace IntegrationHub.Hub.Tests;

public sealed class When_a_hub_is_named
{
    [Test]
    public void Should_be_unlike_any_other_on_the_same_machine_with_the_same_process_id()
    {
        var names = Enumerable.Range(0, 1_000).Select(_ => HubInstance.Create().Name).ToList();
        Assert.That(names, Is.Unique);
        Assert.That(names, Has.All.StartsWith($"{Environment.MachineName}-{Environment.ProcessId}-"));
    }

    [TestCase("")]
    [TestCase(" ")]
    public void Should_have_a_name(string name) => Assert.Throws<ArgumentException>(() => _ = new HubInstance(name));
}
