using IntegrationHub.Hub.Mapping;

namespace Hub.Tests.Mapping;

public sealed class When_a_failure_is_explained
{
    [Test]
    public void Should_have_a_code_of_its_own_and_say_what_to_do()
    {
        string[] codes = [.. Enum.GetValues<MappingFailure>().Where(failure => failure != MappingFailure.None).Select(MappingFailures.CodeOf), "identity_key_missing", "attributes_malformed"];
        Assert.That(codes, Is.Unique);
        Assert.That(codes, Has.All.Match("^[a-z_]+$"));
        Assert.That(codes.Select(MappingFailures.FixOf), Is.Unique);
        Assert.That(codes.Select(MappingFailures.FixOf), Has.All.Match(@"^[A-Z][^.]{20,}.*\.$"));
    }

    [Test]
    public void Should_leave_the_codes_of_others_alone() => Assert.That(MappingFailures.FixOf("not_found"), Is.Null);

    [Test]
    public void Should_have_no_code_for_success() => Assert.That(() => MappingFailures.CodeOf(MappingFailure.None), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("no code for success"));
}
