namespace Contracts.Tests.Wire;

public sealed class When_contracts_are_counted
{
    [Test]
    public void Should_have_an_approved_file_for_each_and_none_for_others()
    {
        var approved = Directory.GetFiles(Path.Combine(Approval.Root, "tests/Contracts.Tests/Wire/Approved"), "*.approved.json").Select(path => Path.GetFileName(path)[..^".approved.json".Length]);
        Assert.That(approved, Is.EquivalentTo(Sample.Contracts.Select(contract => contract.Name)));
    }

    [Test]
    public void Should_find_the_commands_the_facts_and_the_doorbell() =>
        Assert.That(Sample.Contracts.Select(contract => contract.Name), Is.SupersetOf(["StartAudienceSync", "ProfileUpdated", "DeliveryDue"]).And.Not.Contains("Subject"));
}
